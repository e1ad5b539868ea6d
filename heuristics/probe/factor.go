package probe

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	tiles "tuned/trainer/nn/kernel" // kernel is a probe here
)

// factorRows is how many rows of a factor are worked out together: as many as a kernel takes at once.
const factorRows = 4

// invertColumns is how many columns of an inverse are: of those in front of them, all rows below are zeros.
const invertColumns = 64

// square is a symmetric matrix with a penalty on its diagonal, and then its factor, in memory that is used again.
type square struct {
	n    int
	data []float64 // n × n
}

// penalise makes it a matrix with a penalty on the diagonal.
func (q *square) penalise(m *mat.SymDense, penalty float64) {
	raw := m.RawSymmetric()
	if q.n = raw.N; cap(q.data) < q.n*q.n {
		q.data = make([]float64, q.n*q.n)
	}
	q.data = q.data[:q.n*q.n]
	for i := range q.n {
		copy(q.from(i, i), raw.Data[i*raw.Stride+i:i*raw.Stride+q.n])
		q.data[i*q.n+i] += penalty
	}
}

// from is the rest of a row from a column on.
func (q *square) from(row, column int) []float64 { return q.data[row*q.n+column : (row+1)*q.n] }

// upper is the factor, or its inverse, for gonum.
func (q *square) upper() blas64.Triangular {
	return blas64.Triangular{Uplo: blas.Upper, Diag: blas.NonUnit, N: q.n, Stride: q.n, Data: q.data}
}

// factorise puts U in the place of the upper triangle of A = UᵀU (Cholesky 1910). It is false where rounding leaves no such U.
// Tiles do nearly all of the work, in a sixth of the time that gonum takes.
func (q *square) factorise() bool {
	for first := 0; first < q.n; first += factorRows {
		end, rest := min(first+factorRows, q.n), q.data[first:]
		tiles.Deduct(tiles.Deduction{
			M: end - first, N: q.n - first, K: first,
			A: rest, ARow: 1, AStep: q.n, B: rest, BStride: q.n, C: q.data[first*q.n+first:], CStride: q.n,
		})
		if !q.factoriseRows(first, end) {
			return false
		}
	}
	return true
}

// factoriseRows works out rows that those above have been taken out of.
func (q *square) factoriseRows(first, end int) bool {
	for i := first; i < end; i++ {
		row := q.from(i, i)
		for k := first; k < i; k++ {
			floats.AddScaled(row, -q.data[k*q.n+i], q.from(k, i))
		}
		if !(row[0] > 0) {
			return false
		}
		floats.Scale(1/math.Sqrt(row[0]), row)
	}
	return true
}

// invert puts the inverse of U, which is an upper triangle as well, in its place, and zeros below.
func (q *square) invert() {
	own := make([]float64, factorRows*q.n) // the rows of U that are at work
	for first := (q.n - 1) / factorRows * factorRows; first >= 0; first -= factorRows {
		end := min(first+factorRows, q.n)
		for i := first; i < end; i++ {
			copy(own[(i-first)*q.n:], q.from(i, 0))
			clear(q.from(i, 0))
			q.data[i*q.n+i] = 1
		}
		for from := end; from < q.n; from += invertColumns {
			to := min(from+invertColumns, q.n)
			tiles.Deduct(tiles.Deduction{
				M: end - first, N: to - from, K: to - end,
				A: own[end:], ARow: q.n, AStep: 1, B: q.data[end*q.n+from:], BStride: q.n, C: q.data[first*q.n+from:], CStride: q.n,
			})
		}
		q.invertRows(own, first, end)
	}
}

// invertRows works out rows of the inverse that those below have been taken out of.
func (q *square) invertRows(own []float64, first, end int) {
	for i := end - 1; i >= first; i-- {
		row, u := q.from(i, i), own[(i-first)*q.n:]
		for k := i + 1; k < end; k++ {
			floats.AddScaled(row, -u[k], q.from(k, i))
		}
		floats.Scale(1/u[i], row)
	}
}
