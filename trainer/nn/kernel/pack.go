//go:build amd64 || arm64

package kernel

import "unsafe"

// packA copies a block of A into panels of j.rows rows, term by term. Rows after the last hold anything.
func (j *job) packA(b *block) {
	if j.Form == ATB {
		j.packColumns(b)
		return
	}
	for r := 0; r < b.m; r += j.rows {
		panel := j.a[r*b.terms:]
		rows := min(j.rows, b.m-r)
		src := j.A.Data[(b.i+r)*j.A.Stride+b.offset:]
		transpose(panel, src, j.A.Stride, rows, j.rows, b.terms)
	}
}

// transpose writes a panel: element (k, r) of dst, width floats from row to row, is src's row r < rows at k < terms. Columns
// behind the last may receive anything.
func transpose(dst, src []float32, stride, rows, width, terms int) {
	whole := terms &^ 7
	for done := 0; whole > 0 && done < rows; {
		done += transposeSome(dst[done:], src[done*stride:], stride, width-done, whole, width)
	}
	transposeScalar(dst, src, stride, rows, whole, terms, width)
}

// transposeScalar treats the terms from…to of some rows.
func transposeScalar(dst, src []float32, stride, rows, from, to, pitch int) {
	for r := range rows {
		row := src[r*stride:]
		for k := from; k < to; k++ {
			dst[k*pitch+r] = row[k]
		}
	}
}

// packColumns packs a transposed A, whose rows are the terms.
func (j *job) packColumns(b *block) {
	step := j.rows // columns a call
	if j.rows == 6 {
		step = 24
	}
	for c := 0; c < b.m; c += step {
		j.packQuad(j.a[c*b.terms:], b, c, step)
	}
}

// packQuad packs step columns from column c of the block on. The last terms, where a full read would leave the data, are
// copied one by one.
func (j *job) packQuad(dst []float32, b *block, c, step int) {
	fast := j.A.readable(b.k, b.terms, b.i+c, step)
	if fast > 0 {
		src, rows, stride := place(&j.A, b.k, b.i+c)
		j.copyColumns(&dst[0], src, rows, stride, fast, b.terms)
	}
	for k := fast; k < b.terms; k++ {
		for i, v := range j.A.slice(b.k+k, j.M)[b.i+c : min(b.i+c+step, b.i+b.m)] {
			dst[i/j.rows*j.rows*b.terms+k*j.rows+i%j.rows] = v
		}
	}
}

// readable counts the rows, from row first on, at whose column width floats may be read.
func (m *Matrix) readable(first, rows, column, width int) int {
	if m.Rows == nil {
		room := len(m.Data) - width - column - first*m.Stride
		if room < 0 {
			return 0
		}
		if m.Stride == 0 {
			return rows
		}
		return min(rows, room/m.Stride+1)
	}
	for i, at := range m.Rows[first : first+rows] {
		if at+column+width > len(m.Data) {
			return i
		}
	}
	return rows
}

// packB copies a panel of B: b.terms rows of j.columns floats. Columns after the last hold anything.
func (j *job) packB(dst []float32, b *block, column, width int) {
	switch {
	case j.Form == ABT && j.B.Rows != nil:
		for r := range width {
			transposeScalar(dst[r:], j.B.Data[j.B.row(column+r)+b.k:], 0, 1, 0, b.terms, j.columns)
		}
	case j.Form == ABT:
		transpose(dst, j.B.Data[j.B.row(column)+b.k:], j.B.Stride, width, j.columns, b.terms)
	default:
		fast := j.B.readable(b.k, b.terms, column, j.columns)
		if fast > 0 {
			src, rows, stride := place(&j.B, b.k, column)
			j.copyPanel(&dst[0], src, rows, stride, fast)
		}
		for k := fast; k < b.terms; k++ {
			copy(dst[k*j.columns:(k+1)*j.columns], j.B.slice(b.k+k, j.N)[column:column+width])
		}
	}
}

// offset is the address n floats further.
func offset(p *float32, n int) *float32 { return (*float32)(unsafe.Add(unsafe.Pointer(p), 4*n)) }
