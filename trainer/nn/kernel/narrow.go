//go:build amd64 || arm64

package kernel

// turnedColumns is how many columns of Cᵀ are computed at a time.
const turnedColumns = 512

// narrow tells whether C = AᵀB has so few columns that tiles of its transpose, BᵀA, hold more sums in their registers.
func (j *job) narrow() bool {
	return j.Form == ATB && j.N < j.columns && j.M >= 2*j.columns && j.A.Segment == 0 &&
		j.Bias == nil && j.Before.Data == nil && j.At.Data == nil && j.Activation == Identity
}

// turned computes C's transpose piece by piece, and turns each.
func (j *job) turned() {
	for first := 0; first < j.M; first += turnedColumns {
		part, columns := &j.Workspace.part, min(turnedColumns, j.M-first)
		*part = Product{
			Form: ATB, M: j.N, N: columns, K: j.K, A: j.B, B: j.A, Alpha: j.Alpha,
			C: Matrix{Data: j.Workspace.turned, Stride: columns},
		}
		part.B.Data = j.A.Data[min(first, len(j.A.Data)):]
		k := job{Product: part, Workspace: j.Workspace, tileSet: j.tileSet}
		k.byBlock()
		j.turn(first, columns)
	}
}

// turn stores columns of Cᵀ as rows of C, from row first on.
func (j *job) turn(first, columns int) {
	t := j.Workspace.turned
	for i := range columns {
		row := j.C.slice(first+i, j.N)
		for n := range row {
			if j.Accumulate {
				row[n] += t[n*columns+i]
			} else {
				row[n] = t[n*columns+i]
			}
		}
	}
}
