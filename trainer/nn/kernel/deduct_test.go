package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestDeduct holds the tiles against plain Go, for sizes around theirs, with A as it is and transposed, inside larger matrices that
// must keep what lies around C.
func TestDeduct(t *testing.T) {
	defer Use(Active())
	for _, isa := range available {
		Use(isa)
		for _, m := range []int{1, 3, 4, 9} {
			for _, n := range []int{1, 7, 8, 16, 35} {
				for _, k := range []int{0, 1, 5, 40} {
					for _, transposed := range []bool{false, true} {
						t.Run(fmt.Sprintf("%v/%dx%dx%d/%t", isa, m, n, k, transposed), func(t *testing.T) { checkDeduction(t, m, n, k, transposed) })
					}
				}
			}
		}
	}
}

func checkDeduction(t *testing.T, m, n, k int, transposed bool) {
	r := rand.New(rand.NewPCG(1, 2))
	numbers := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = r.NormFloat64()
		}
		return v
	}
	d := Deduction{
		M: m, N: n, K: k, A: numbers(m*k + 1), ARow: k, AStep: 1, B: numbers(k*(n+2) + 1), BStride: n + 2, C: numbers(m * (n + 3)), CStride: n + 3,
	}
	if transposed {
		d.ARow, d.AStep = 1, m
	}
	want := append([]float64(nil), d.C...)
	for i := range m {
		for j := range n {
			for l := range k {
				want[i*(n+3)+j] -= d.A[i*d.ARow+l*d.AStep] * d.B[l*(n+2)+j]
			}
		}
	}
	Deduct(d)
	for i, v := range d.C {
		if math.Abs(v-want[i]) > 1e-13*float64(k+1) {
			t.Fatalf("element %d is %v, want %v", i, v, want[i])
		}
	}
}

func BenchmarkDeduct(b *testing.B) {
	defer Use(Active())
	const n = 256
	d := Deduction{
		M: n, N: n, K: n, A: make([]float64, n*n), ARow: n, AStep: 1, B: make([]float64, n*n), BStride: n, C: make([]float64, n*n), CStride: n,
	}
	for _, isa := range available {
		b.Run(isa.String(), func(b *testing.B) {
			Use(isa)
			for b.Loop() {
				Deduct(d)
			}
			b.ReportMetric(2*n*n*n*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
