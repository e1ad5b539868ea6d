package probe

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// correlated is a symmetric, positive definite matrix of n rows.
func correlated(n int) *mat.SymDense {
	r := rand.New(rand.NewPCG(3, 4))
	x := mat.NewDense(n, n+2, nil)
	for i := range n {
		for j := range n + 2 {
			x.Set(i, j, r.NormFloat64())
		}
	}
	s := new(mat.SymDense)
	s.SymOuterK(1, x)
	return s
}

// TestFactor: UᵀU is the matrix, and the inverse of U is one, for sizes around those of the tiles; memory of before does no harm.
func TestFactor(t *testing.T) {
	var q square
	for _, n := range []int{1, 2, 4, 5, 16, 67, 130, 33} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			m := correlated(n)
			q.penalise(m, 0.5)
			if !q.factorise() {
				t.Fatal("no factor")
			}
			u := mat.NewTriDense(n, mat.Upper, append([]float64(nil), q.data...))
			var product mat.Dense
			product.Mul(u.T(), u)
			for i := range n {
				for j := range n {
					want := m.At(i, j)
					if i == j {
						want += 0.5
					}
					if got := product.At(i, j); math.Abs(got-want) > 1e-11*float64(n) {
						t.Fatalf("UᵀU at %d, %d is %v, want %v", i, j, got, want)
					}
				}
			}
			q.invert()
			product.Mul(u, mat.NewDense(n, n, q.data))
			for i := range n {
				for j := range n {
					want := 0.0
					if i == j {
						want = 1
					}
					if got := product.At(i, j); math.Abs(got-want) > 1e-9 {
						t.Fatalf("U times its inverse at %d, %d is %v", i, j, got)
					}
				}
			}
		})
	}
}

// TestFactorOfNone: a matrix that is not positive definite has none.
func TestFactorOfNone(t *testing.T) {
	for name, at := range map[string]float64{"negative": -1, "not a number": math.NaN(), "zero": 0} {
		var q square
		m := correlated(9)
		m.SetSym(6, 6, at)
		if q.penalise(m, 0); q.factorise() {
			t.Errorf("%s: a factor", name)
		}
	}
}

func BenchmarkFactor(b *testing.B) {
	m := correlated(256)
	var q square
	for b.Loop() {
		q.penalise(m, 1)
		q.factorise()
		q.invert()
	}
}
