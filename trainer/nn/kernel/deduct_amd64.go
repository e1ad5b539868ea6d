package kernel

// deductSet are the kernels of an instruction set.
type deductSet struct {
	lanes                 int // float64 in a register; a tile has two of them in a row
	whole, masked, narrow deductKernel
}

// deductKernel subtracts the product of four rows of A and k rows of B from a tile of C; strides are in bytes.
type deductKernel func(c *float64, cStride int, a *float64, aRow, aStep int, b *float64, bStride, k int, mask *int32, maskBits int)

var (
	deductAVX2   = deductSet{4, deduct2AVX2, deduct2MaskedAVX2, deduct1MaskedAVX2}
	deductAVX512 = deductSet{8, deduct2AVX512, deduct2MaskedAVX512, deduct1MaskedAVX512}
)

// deductVector computes the first m rows of C, whole tiles.
func deductVector(d *Deduction, m int) {
	set := &deductAVX2
	if active == AVX512 {
		set = &deductAVX512
	}
	for j := 0; j < d.N; j += 2 * set.lanes {
		tile, lanes := set.tile(d.N - j)
		for i := 0; i < m; i += deductRows {
			tile(&d.C[i*d.CStride+j], 8*d.CStride, &d.A[i*d.ARow], 8*d.ARow, 8*d.AStep, &d.B[j], 8*d.BStride, d.K,
				&laneMasks[8-min(2*lanes, 8)], 1<<lanes-1)
		}
	}
}

// tile is the kernel for so many columns, and how many lanes its last register has.
func (s *deductSet) tile(columns int) (tile deductKernel, lanes int) {
	switch {
	case columns >= 2*s.lanes:
		return s.whole, s.lanes
	case columns > s.lanes:
		return s.masked, columns - s.lanes
	}
	return s.narrow, columns
}
