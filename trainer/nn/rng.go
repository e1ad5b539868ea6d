package nn

import "math"

// stream is counter-based randomness: value i is a function of the stream and i alone.
type stream uint64

const golden = 0x9e3779b97f4a7c15

// mix scrambles 64 bits (the finaliser of SplitMix64, Steele et al. 2014).
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// newStream is a stream that differs with each of its keys.
func newStream(keys ...int64) stream {
	s := uint64(golden)
	for _, k := range keys {
		s = mix(s + golden + mix(uint64(k)))
	}
	return stream(s)
}

// sub is the stream of a key within a stream.
func (s stream) sub(key uint64) stream { return stream(mix(uint64(s) + golden + mix(key))) }

func (s stream) bits(i uint64) uint64 { return mix(uint64(s) + (i+1)*golden) }

// uniform is in [0, 1).
func (s stream) uniform(i uint64) float64 { return float64(s.bits(i)>>11) / (1 << 53) }

// normal is standard normal (Box and Muller).
func (s stream) normal(i uint64) float64 {
	u := 1 - s.uniform(2*i)
	return math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*s.uniform(2*i+1))
}
