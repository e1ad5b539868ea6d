package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestProduct holds products of random shapes, strides, tables, segments and epilogues against float64, between fences.
func TestProduct(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		w := NewWorkspace()
		rapid.Check(t, func(rt *rapid.T) {
			p := drawProduct(rt, t, 0, 70)
			checkProduct(rt, p, func(p *Product) { Mul(p, w) })
		})
	})
}

// TestProductOfManyBlocks does the same with shapes that are cut into blocks.
func TestProductOfManyBlocks(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		if !vector() {
			return
		}
		w := NewWorkspace()
		r := rand.New(rand.NewPCG(1, 2))
		for _, s := range [][3]int{{530, 20, 700}, {7, 900, 650}, {300, 800, 33}, {64, 64, 2000}} {
			for form := AB; form <= ABT; form++ {
				p := randomProduct(form, s[0], s[1], s[2])
				p.Accumulate, p.Alpha, p.Half = true, 0.5, s[0]%2 == 0
				p.Bias, p.Activation = randoms(r, p.N), Tanh
				checkProduct(t, p, func(p *Product) { Mul(p, w) })
			}
		}
	})
}

// drawer makes matrices of drawn layouts.
type drawer struct {
	*rapid.T
	t *testing.T
	r *rand.Rand
}

// matrix has rows of columns elements with drawn gaps; its data ends at a fence.
func (d *drawer) matrix(rows, columns int, table bool) Matrix {
	m := Matrix{Stride: columns + rapid.IntRange(0, 9).Draw(d.T, "gap")}
	size := max(0, (rows-1)*m.Stride+columns)
	if rows == 0 || columns == 0 {
		size = 0
	}
	m.Data = guarded(d.t, size, rapid.Bool().Draw(d.T, "end"))
	for i := range m.Data {
		m.Data[i] = float32(d.r.NormFloat64())
	}
	if table && rapid.Bool().Draw(d.T, "table") {
		m.Rows = make([]int, rows)
		for i, to := range d.r.Perm(rows) {
			m.Rows[i] = to * m.Stride
		}
	}
	return m
}

// segmented cuts the rows of A into pieces that lie further apart, where the columns allow it.
func (d *drawer) segmented(rows, columns int) Matrix {
	segment := rapid.IntRange(1, 12).Draw(d.T, "segment")
	if columns == 0 || columns%segment != 0 || rows == 0 {
		return d.matrix(rows, columns, true)
	}
	m := Matrix{Stride: rapid.IntRange(1, 20).Draw(d.T, "stride"), Segment: segment, SegmentStride: segment + rapid.IntRange(0, 30).Draw(d.T, "jump")}
	m.Data = guarded(d.t, m.row(rows-1)+m.column(columns-1)+1, true)
	for i := range m.Data {
		m.Data[i] = float32(d.r.NormFloat64())
	}
	return m
}

func drawProduct(rt *rapid.T, t *testing.T, low, high int) *Product {
	d := &drawer{rt, t, rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))}
	size := rapid.IntRange(low, high)
	p := &Product{Form: Form(rapid.IntRange(0, 2).Draw(rt, "form")), M: size.Draw(rt, "m"), N: size.Draw(rt, "n"), K: size.Draw(rt, "k")}
	switch p.Form {
	case AB:
		p.A, p.B = d.segmented(p.M, p.K), d.matrix(p.K, p.N, true)
	case ATB:
		p.A, p.B = d.segmented(p.K, p.M), d.matrix(p.K, p.N, true)
	case ABT:
		p.A, p.B = d.segmented(p.M, p.K), d.matrix(p.N, p.K, true)
	}
	p.C = d.matrix(p.M, p.N, true)
	p.Alpha = rapid.SampledFrom([]float32{0, 0.5, -2}).Draw(rt, "alpha")
	p.Accumulate, p.Half = rapid.Bool().Draw(rt, "accumulate"), rapid.Bool().Draw(rt, "half")
	if rapid.Bool().Draw(rt, "bias") {
		p.Bias = d.matrix(1, p.N, false).Data
	}
	p.Activation = rapid.SampledFrom([]Activation{Identity, ReLU, GELU}).Draw(rt, "activation")
	if rapid.Bool().Draw(rt, "before") && p.M*p.N > 0 {
		p.Before = d.matrix(p.M, p.N, true)
	}
	if rapid.Bool().Draw(rt, "at") && p.M*p.N > 0 {
		p.At, p.Gradient = d.matrix(p.M, p.N, true), rapid.SampledFrom([]Activation{ReLU, Mish}).Draw(rt, "gradient")
	}
	return p
}

// reporter is what testing and rapid have in common here.
type reporter interface {
	Fatalf(format string, args ...any)
}

// checkProduct runs a product and compares all that it writes with float64; what it must not write stays.
func checkProduct(t reporter, p *Product, multiply func(p *Product)) {
	was := slices.Clone(p.C.Data)
	multiply(p)
	written := map[int]bool{}
	for i := range p.M {
		for j := range p.N {
			at := p.C.row(i) + j
			written[at] = true
			before, want := p.reference(i, j, was[at])
			if got := p.C.Data[at]; far(got, want, p.K) {
				t.Fatalf("form %d, %d×%d×%d: C(%d, %d) = %g, want %g", p.Form, p.M, p.N, p.K, i, j, got, want)
			}
			if p.Before.Data != nil && far(p.Before.at(i, j), before, p.K) {
				t.Fatalf("Before(%d, %d) = %g, want %g", i, j, p.Before.at(i, j), before)
			}
		}
	}
	for at, v := range p.C.Data {
		if !written[at] && v != was[at] {
			t.Fatalf("wrote between rows: %d", at)
		}
	}
}

func far(got float32, want float64, terms int) bool {
	return !(math.Abs(float64(got)-want) <= 1e-5*math.Sqrt(float64(terms)+1)*(1+math.Abs(want)))
}

// reference computes one element in float64: before the activation, and at the end.
func (p *Product) reference(i, j int, was float32) (before, after float64) {
	for k := range p.K {
		a, b := p.A.at, p.B.at
		if p.half() {
			a = func(i, j int) float32 { return roundHalf(p.A.at(i, j)) }
			b = func(i, j int) float32 { return roundHalf(p.B.at(i, j)) }
		}
		switch p.Form {
		case AB:
			before += float64(a(i, k)) * float64(b(k, j))
		case ATB:
			before += float64(a(k, i)) * float64(b(k, j))
		case ABT:
			before += float64(a(i, k)) * float64(b(j, k))
		}
	}
	before *= float64(p.alpha())
	if p.Accumulate {
		before += float64(was)
	}
	if p.Bias != nil {
		before += float64(p.Bias[j])
	}
	after, _ = exact(p.Activation, before)
	if p.At.Data != nil {
		_, slope := exact(p.Gradient, float64(p.At.at(i, j)))
		after *= slope
	}
	return before, after
}

// TestNarrowProducts: gradients of weights that lead to few outputs are computed the other way round.
func TestNarrowProducts(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		w := NewWorkspace()
		rapid.Check(t, func(rt *rapid.T) {
			d := &drawer{rt, t, rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))}
			p := &Product{
				Form: ATB, M: rapid.IntRange(30, 1100).Draw(rt, "m"), N: rapid.IntRange(1, 33).Draw(rt, "n"),
				K: rapid.IntRange(0, 40).Draw(rt, "k"), Accumulate: rapid.Bool().Draw(rt, "accumulate"),
				Alpha: rapid.SampledFrom([]float32{0, -2}).Draw(rt, "alpha"),
			}
			p.A, p.B, p.C = d.matrix(p.K, p.M, true), d.matrix(p.K, p.N, true), d.matrix(p.M, p.N, true)
			checkProduct(rt, p, func(p *Product) { Mul(p, w) })
		})
	})
}

// TestProductBitsDoNotDependOnAlignment moves the operands by single floats.
func TestProductBitsDoNotDependOnAlignment(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		w := NewWorkspace()
		for form := AB; form <= ABT; form++ {
			p := randomProduct(form, 37, 41, 53)
			Mul(p, w)
			for shift := 1; shift < 8; shift++ {
				q := *p
				q.A.Data = shifted(p.A.Data, shift)
				q.B.Data = shifted(p.B.Data, 8-shift)
				q.C.Data = shifted(make([]float32, len(p.C.Data)), shift)
				Mul(&q, w)
				for i, v := range q.C.Data {
					if v != p.C.Data[i] {
						t.Fatalf("form %d, shift %d: element %d is %g, not %g", form, shift, i, v, p.C.Data[i])
					}
				}
			}
		}
	})
}

// shifted is a copy that lies some floats further.
func shifted(x []float32, by int) []float32 {
	y := make([]float32, len(x)+by)[by:]
	copy(y, x)
	return y
}

func TestNothingAllocates(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		w := NewWorkspace()
		p := randomProduct(ABT, 64, 64, 64)
		p.Bias, p.Activation = make([]float32, 64), Mish
		p.At, p.Gradient = Matrix{Data: make([]float32, 64*64), Stride: 64}, ReLU
		c := CrossEntropy{Smoothing: 0.1, Scale: 1}
		labels, averages := make([]int32, 64), []Average{{0.9, make([]float32, 64*64)}}
		o := AdamW{Beta1: 0.9, Beta2: 0.9, Step: 1}
		n := testing.AllocsPerRun(5, func() {
			Mul(p, w)
			c.Loss(p.C.Data, p.C.Data, labels, 64)
			Dropout(p.C.Data, p.C.Data, 64, 0, NewStream(1, 1, 1), 0.5)
			o.Update(p.A.Data, p.B.Data, p.C.Data, p.At.Data, averages...)
			ActivateGrad(Tanh, p.C.Data, p.C.Data, p.At.Data)
		})
		if n != 0 {
			t.Errorf("%g allocations", n)
		}
	})
}

// TestProductRefusesWhatLeavesItsData: kernels would write anywhere.
func TestProductRefusesWhatLeavesItsData(t *testing.T) {
	for name, spoil := range map[string]func(p *Product){
		"short A":       func(p *Product) { p.A.Data = p.A.Data[1:] },
		"short B":       func(p *Product) { p.B.Data = p.B.Data[1:] },
		"short C":       func(p *Product) { p.C.Data = p.C.Data[1:] },
		"short bias":    func(p *Product) { p.Bias = make([]float32, 3) },
		"far row":       func(p *Product) { p.A.Rows = []int{0, 4, 8, 999} },
		"negative row":  func(p *Product) { p.C.Rows = []int{0, -1, 8, 12} },
		"short before":  func(p *Product) { p.Before = Matrix{Data: make([]float32, 3), Stride: 4} },
		"broken pieces": func(p *Product) { p.A.Segment, p.A.SegmentStride = 3, 3 },
	} {
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T) {
				p := randomProduct(AB, 4, 4, 4)
				spoil(p)
				defer func() {
					if recover() == nil {
						t.Error("no panic")
					}
				}()
				Mul(p, NewWorkspace())
			})
		})
	}
}
