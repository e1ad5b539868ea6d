package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestQuick(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	w := NewWorkspace()
	for _, s := range [][3]int{{1, 1, 1}, {6, 16, 4}, {7, 17, 5}, {256, 256, 256}, {256, 10, 256}, {33, 7, 300}, {300, 100, 700}, {5, 900, 33}} {
		for f := AB; f <= ABT; f++ {
			m, n, k := s[0], s[1], s[2]
			a, b := randoms(r, m*k), randoms(r, n*k)
			p := Product{Form: f, M: m, N: n, K: k, A: Matrix{Data: a, Stride: k}, B: Matrix{Data: b, Stride: n}, C: Matrix{Data: make([]float32, m*n), Stride: n}}
			if f == ATB {
				p.A.Stride = m
			}
			if f == ABT {
				p.B.Stride = k
			}
			q := p
			q.C.Data = make([]float32, m*n)
			Mul(&p, w)
			mulTwin(&q)
			for i := range q.C.Data {
				if math.Abs(float64(q.C.Data[i]-p.C.Data[i])) > 1e-3 {
					t.Fatal(f, s, i, q.C.Data[i], p.C.Data[i])
				}
			}
		}
	}
}

