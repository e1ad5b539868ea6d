package kernel

// Deduction is C -= A B, of M×K and K×N float64: what factorising matrices costs. All are parts of larger matrices; element (i, k) of
// A is A[i*ARow+k*AStep], so that A may lie transposed. C may share memory with A and B as long as it shares no element with them.
type Deduction struct {
	M, N, K     int
	A           []float64
	ARow, AStep int
	B           []float64
	BStride     int // from row to row
	C           []float64
	CStride     int
}

// deductRows is the height of the kernels' tiles.
const deductRows = 4

// Deduct computes a deduction. It panics where a slice is too short.
func Deduct(d Deduction) {
	if d.M <= 0 || d.N <= 0 || d.K <= 0 {
		return
	}
	_ = d.A[(d.M-1)*d.ARow+(d.K-1)*d.AStep]
	_, _ = d.B[(d.K-1)*d.BStride+d.N-1], d.C[(d.M-1)*d.CStride+d.N-1]
	m := 0 // rows that tiles cover
	if vector() {
		m = d.M - d.M%deductRows
	}
	if m > 0 {
		deductVector(&d, m)
	}
	d.twin(m)
}

// twin computes the rows of C from one on in plain Go.
func (d *Deduction) twin(from int) {
	for i := from; i < d.M; i++ {
		c := d.C[i*d.CStride : i*d.CStride+d.N]
		for k := range d.K {
			a := d.A[i*d.ARow+k*d.AStep]
			for j, b := range d.B[k*d.BStride : k*d.BStride+d.N] {
				c[j] -= a * b
			}
		}
	}
}
