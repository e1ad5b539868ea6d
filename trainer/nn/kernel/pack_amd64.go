package kernel

// transposeSome transposes the first rows of src, as many as it can at once of at most n, and returns how many: each becomes a
// column of dst, of terms floats, a multiple of 8, pitch floats apart. It may fill columns up to n with anything.
func transposeSome(dst, src []float32, stride, n, terms, pitch int) int {
	switch {
	case n >= 16 && 15*stride+terms <= len(src):
		transpose16AVX2(&dst[0], &src[0], 4*stride, terms/8, 4*pitch)
		return 16
	case n >= 8 && 7*stride+terms <= len(src):
		transpose8AVX2(&dst[0], &src[0], 4*stride, terms/8, 4*pitch)
		return 8
	case n >= 6 && 5*stride+terms <= len(src) && len(dst) >= (terms-1)*pitch+8:
		transpose6AVX2(&dst[0], &src[0], 4*stride, terms/8, 4*pitch)
		return 6
	default:
		transposeScalar(dst, src, stride, 1, 0, terms, pitch)
		return 1
	}
}

// copyColumns copies k rows of a transposed A, at a table's or a stride's places, to four panels of 6 columns or one of 8.
func (j *job) copyColumns(dst, src *float32, rows *int, stride, k, terms int) {
	if j.rows == 6 {
		packQuad6AVX2(dst, src, rows, stride, k, 24, 24*terms)
	} else {
		packRows8AVX2(dst, src, rows, stride, k, 32)
	}
}

// copyPanel copies k rows of a panel of B, at a table's or a stride's places.
func (j *job) copyPanel(dst, src *float32, rows *int, stride, k int) {
	for half := 0; half < j.columns; half += 16 {
		packRows16AVX2(offset(dst, half), offset(src, half), rows, stride, k, 4*j.columns)
	}
}
