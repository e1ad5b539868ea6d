package kernel

// transposeSome transposes the first rows of src, as many as it can at once of at most n, and returns how many: each becomes a
// column of dst, of terms floats, a multiple of 8, pitch floats apart.
func transposeSome(dst, src []float32, stride, n, terms, pitch int) int {
	if n < 4 || 3*stride+terms > len(src) {
		transposeScalar(dst, src, stride, 1, 0, terms, pitch)
		return 1
	}
	transpose4NEON(&dst[0], &src[0], 4*stride, terms/4, 4*pitch)
	return 4
}

// copyColumns copies k rows of a transposed A, at a table's or a stride's places, to a panel.
func (j *job) copyColumns(dst, src *float32, rows *int, stride, k, _ int) {
	packRows8NEON(dst, src, rows, stride, k)
}

// copyPanel copies k rows of a panel of B, at a table's or a stride's places.
func (j *job) copyPanel(dst, src *float32, rows *int, stride, k int) {
	packRows8NEON(dst, src, rows, stride, k)
}
