package kernel

// Matrix is a row-major view onto memory.
//
// Row i begins at Rows[i] when Rows is set, otherwise at i*Stride. Element j of a row lies j floats further; or, when
// Segment > 0, the row is made of pieces of Segment floats which begin SegmentStride floats apart. Rows may overlap where
// the matrix is only read: a convolution's patches over a padded NHWC image are such a matrix
// (row = pixel, Segment = kernel width * channels, SegmentStride = padded width * channels), so it needs no im2col.
type Matrix struct {
	Data          []float32
	Stride        int
	Rows          []int
	Segment       int
	SegmentStride int
}

// row is the offset of row i.
func (m *Matrix) row(i int) int {
	if m.Rows != nil {
		return m.Rows[i]
	}
	return i * m.Stride
}

// column is the offset of element j within its row.
func (m *Matrix) column(j int) int {
	if m.Segment > 0 {
		return j/m.Segment*m.SegmentStride + j%m.Segment
	}
	return j
}

// at is element (i, j).
func (m *Matrix) at(i, j int) float32 { return m.Data[m.row(i)+m.column(j)] }

// slice is row i as a slice of n elements; the matrix must have no segments.
func (m *Matrix) slice(i, n int) []float32 {
	if n == 0 {
		return nil
	}
	at := m.row(i)
	return m.Data[at : at+n : at+n]
}

// check panics when a matrix of these dimensions would leave its data.
func (m *Matrix) check(name string, rows, columns int) {
	if rows <= 0 || columns <= 0 {
		return
	}
	if m.Segment > 0 && columns > m.Segment && columns%m.Segment != 0 {
		panic("kernel: " + name + " has a broken segment")
	}
	low, high := m.row(0), m.row(rows-1)
	if m.Rows != nil {
		for _, at := range m.Rows[:rows] {
			low, high = min(low, at), max(high, at)
		}
	}
	if low < 0 || high < low || m.Stride < 0 || high+m.column(columns-1) >= len(m.Data) {
		panic("kernel: " + name + " leaves its data")
	}
}
