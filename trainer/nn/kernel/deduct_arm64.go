package kernel

// deductLanes is how many columns a tile has.
const deductLanes = 4

// deductVector computes the first m rows of C, whole tiles; what is left of its columns goes without.
func deductVector(d *Deduction, m int) {
	n := d.N - d.N%deductLanes
	for j := 0; j < n; j += deductLanes {
		for i := 0; i < m; i += deductRows {
			deductNEON(&d.C[i*d.CStride+j], 8*d.CStride, &d.A[i*d.ARow], 8*d.ARow, 8*d.AStep, &d.B[j], 8*d.BStride, d.K)
		}
	}
	if n < d.N {
		rest := *d
		rest.M, rest.N, rest.B, rest.C = m, d.N-n, d.B[n:], d.C[n:]
		rest.twin(0)
	}
}
