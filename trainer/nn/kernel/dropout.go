package kernel

// Stream is a source of random bits for one layer at one step. Its bits are a function of the
// stream, the row and the column alone: the same on every processor, for any split of the rows over threads.
type Stream uint64

// NewStream derives the stream of a layer at a step of a run.
func NewStream(seed, step int64, layer int) Stream {
	s := mix64(uint64(seed))
	s = mix64(s ^ uint64(step))
	return Stream(mix64(s ^ uint64(layer)))
}

// mix64 is SplitMix64's step and finalizer (Steele et al. 2014).
func mix64(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// row gives the two words that a row's bits are made from.
func (s Stream) row(row int) (low, high uint32) {
	x := mix64(uint64(s) ^ uint64(row)*0xd1342543de82ef95)
	return uint32(x), uint32(x >> 32)
}

// bits are the 32 random bits of a column: a 32-bit counter through two multiply-xorshift rounds with the row's words.
func bits(low, high uint32, column int) uint32 {
	x := low + uint32(column)*0x9e3779b9
	x = (x ^ x>>16) * 0x7feb352d
	x ^= x>>15 ^ high
	x *= 0x846ca68b
	return x ^ x>>16
}

// threshold is the number of 32-bit words that drop an element with probability p.
func threshold(p float32) uint32 { return uint32(float64(p) * (1 << 32)) }

// Dropout zeroes elements with probability p, 0 ≤ p < 1, and scales the others by 1/(1-p); applied to a gradient with the
// same arguments, it is its own backward pass. dst and x have rows of columns elements; the first is row firstRow of the
// whole batch. dst may be x.
func Dropout(dst, x []float32, columns, firstRow int, s Stream, p float32) {
	for at := 0; at < len(x); at += columns {
		low, high := s.row(firstRow)
		dropoutRow(dst[at:at+columns], x[at:at+columns], low, high, threshold(p), 1/(1-p))
		firstRow++
	}
}

func dropoutRow(dst, x []float32, low, high, drop uint32, scale float32) {
	if vector() {
		dropoutVector(dst, x, low, high, drop, scale)
		return
	}
	dropoutTwin(dst, x, low, high, drop, scale)
}

// dropoutTwin treats one row.
func dropoutTwin(dst, x []float32, low, high, drop uint32, scale float32) {
	for j, v := range x {
		if bits(low, high, j) < drop {
			dst[j] = 0
		} else {
			dst[j] = v * scale
		}
	}
}
