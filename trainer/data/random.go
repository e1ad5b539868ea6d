package data

import "math/bits"

// Streams keep the uses of randomness apart: the same seed never gives two of them the same numbers.
const (
	streamOrder uint64 = 1 + iota
	streamSplit
	streamValidation
	streamSample
	streamJitter
	streamFold
	streamShuffle
	streamText
)

// random is a counter-based generator: number i of a stream is a function of seed, stream and i alone (the finaliser of
// SplitMix64, Steele, Lea and Flood 2014, over a Weyl sequence), the same on every platform and in any order.
type random struct{ key uint64 }

func newRandom(seed int64, stream, sub uint64) random {
	return random{mix(mix(uint64(seed)+stream*0x9e3779b97f4a7c15) + sub*0xd1b54a32d192ed03)}
}

func (r random) at(i uint64) uint64 { return mix(r.key + i*0x9e3779b97f4a7c15) }

// below returns a number in 0 … n-1.
func (r random) below(i, n uint64) uint64 {
	hi, _ := bits.Mul64(r.at(i), n)
	return hi
}

// uniform returns a number in (0, 1).
func (r random) uniform(i uint64) float64 { return (float64(r.at(i)>>11) + 0.5) / (1 << 53) }

// shuffle permutes rows in place.
func (r random) shuffle(rows []int32) {
	for i := len(rows) - 1; i > 0; i-- {
		j := r.below(uint64(i), uint64(i)+1)
		rows[i], rows[j] = rows[j], rows[i]
	}
}

func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
