package kernel

import "math"

// Halves reports whether products of bfloat16 are quicker here than those of float32: whether the processor adds up the products
// of pairs of them as fast as single ones of float32 (AVX512_BF16 of AMD), and AVX-512 is in use.
func Halves() bool { return active == AVX512 && hasHalves }

// halfLeast is the least size of a product, each way, that is worth the rounding.
const halfLeast = 32

// half tells whether the product is one of bfloat16.
func (p *Product) half() bool {
	return p.Half && Halves() && min(p.M, p.N, p.K) >= halfLeast && p.A.Rows == nil && p.A.Segment == 0 && p.B.Rows == nil
}

// roundHalf is the twin of the kernels' rounding: x as a bfloat16, the nearest, or else the even one.
func roundHalf(x float32) float32 {
	bits := math.Float32bits(x)
	return math.Float32frombits((bits + 0x7fff + bits>>16&1) &^ 0xffff)
}
