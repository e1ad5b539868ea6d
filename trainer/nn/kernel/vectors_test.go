package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// elementwise are all kernels that treat every element alone: out gets its results from the inputs x, y, z.
var elementwise = map[string]func(out, second, x, y, z []float32){
	"exp":    func(out, _, x, _, _ []float32) { Exp(out, x) },
	"log":    func(out, _, x, _, _ []float32) { Log(out, x) },
	"sincos": func(out, second, x, _, _ []float32) { SinCos(out, second, x) },
	"add":    func(out, _, x, y, _ []float32) { Add(out, x, y) },
	"mul":    func(out, _, x, y, _ []float32) { Mul2(out, x, y) },
	"axpy":   func(out, _, x, _, _ []float32) { Axpy(0.3, x, out) },
	"scale":  func(out, _, x, _, _ []float32) { Scale(out, 0.3, x) },
	"affine": func(out, _, x, y, z []float32) { ScaleColumns(out, x, y, z) },
	"factor": func(out, _, x, y, _ []float32) { ScaleColumns(out, x, y, nil) },
	"dots":   func(out, _, x, y, _ []float32) { ColumnDots(out, x, y) },
	"adam": func(out, second, x, y, z []float32) {
		o := AdamW{LR: 1e-2, Beta1: 0.9, Beta2: 0.95, Epsilon: 1e-8, Decay: 0.1, GradScale: 0.7, Step: 3}
		Mul2(second, y, y)
		o.Update(out, x, z, second, Average{0.99, y})
	},
	"sgd": func(out, second, x, _, _ []float32) {
		o := SGD{LR: 1e-2, Momentum: 0.9, Decay: 0.1, GradScale: 0.7}
		o.Update(out, x, second)
	},
	"dropout": func(out, _, x, _, _ []float32) { Dropout(out, x, max(1, len(x)), 7, NewStream(1, 2, 3), 0.3) },
}

func init() {
	for f := ReLU; f <= Sigmoid; f++ {
		elementwise[f.String()] = func(out, _, x, _, _ []float32) { Activate(f, out, x) }
		elementwise[f.String()+" gradient"] = func(out, _, x, y, _ []float32) { ActivateGrad(f, out, y, x) }
		elementwise[f.String()+" parametric"] = func(out, _, x, y, _ []float32) { ActivateParametric(f, out, x, y) }
		elementwise[f.String()+" parametric gradient"] = func(out, second, x, y, z []float32) {
			ActivateParametricGrad(f, out, y, x, z, second)
		}
	}
}

// operands are five arrays for an elementwise kernel, made by the same generator for every call.
func operands(n int, array func(n int) []float32) [5][]float32 {
	r := rand.New(rand.NewPCG(3, 4))
	var a [5][]float32
	for i := range a {
		a[i] = array(n)
	}
	for k := range n {
		for i := range a {
			a[i][k] = float32(r.NormFloat64())
		}
	}
	return a
}

// TestElementwise holds every kernel against its twin, for all lengths around the registers' and at both ends of memory, and
// asks for the same bits wherever an element lies.
func TestElementwise(t *testing.T) {
	for name, run := range elementwise {
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T) {
				whole := operands(67, func(n int) []float32 { return make([]float32, n) })
				run(whole[0], whole[1], whole[2], whole[3], whole[4])
				for _, n := range []int{0, 1, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 67} {
					for _, end := range []bool{false, true} {
						a := operands(n, func(n int) []float32 { return guarded(t, n, end) })
						run(a[0], a[1], a[2], a[3], a[4])
						sameBits(t, a, whole, n)
					}
				}
				compareTwin(t, run, whole)
			})
		})
	}
}

// sameBits asks that the first n elements do not depend on how many there are.
func sameBits(t *testing.T, got, want [5][]float32, n int) {
	t.Helper()
	for i := range got {
		for k := range n {
			if math.Float32bits(got[i][k]) != math.Float32bits(want[i][k]) && got[i][k] == got[i][k] {
				t.Fatalf("of %d: array %d, element %d: %g, but %g among 67", n, i, k, got[i][k], want[i][k])
			}
		}
	}
}

func compareTwin(t *testing.T, run func(out, second, x, y, z []float32), got [5][]float32) {
	t.Helper()
	defer Use(Use(Portable))
	twin := operands(67, func(n int) []float32 { return make([]float32, n) })
	run(twin[0], twin[1], twin[2], twin[3], twin[4])
	for i := range twin {
		for k, want := range twin[i] {
			if d := math.Abs(float64(got[i][k] - want)); d > 1e-6*(1+math.Abs(float64(want))) {
				t.Fatalf("array %d, element %d: %g, twin %g", i, k, got[i][k], want)
			}
		}
	}
}

func TestDropout(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const rows, columns = 40, 77
	x := randoms(r, rows*columns)
	var first []float32
	everywhere(t, func(t *testing.T) {
		y := make([]float32, len(x))
		stream := NewStream(5, 6, 7)
		Dropout(y, x, columns, 3, stream, 0.25)
		if first == nil {
			first = y
		}
		kept := 0
		for i, v := range y {
			if v != 0 {
				kept++
			}
			if v != first[i] || v != 0 && v != x[i]*(1/(1-float32(0.25))) {
				t.Fatalf("element %d: %g of %g, elsewhere %g", i, v, x[i], first[i])
			}
		}
		if share := float64(kept) / float64(len(y)); math.Abs(share-0.75) > 0.03 {
			t.Errorf("kept %.3f", share)
		}
		part := make([]float32, 10*columns)
		Dropout(part, x[20*columns:30*columns], columns, 23, stream, 0.25)
		for i, v := range part {
			if v != y[20*columns+i] {
				t.Fatal("a row's mask depends on the rows before it")
			}
		}
	})
}

func TestDropoutMasksAreIndependent(t *testing.T) {
	const n = 1 << 16
	mask := func(s Stream, row int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = 1
		}
		Dropout(x, x, n, row, s, 0.5)
		return x
	}
	base := mask(NewStream(1, 1, 1), 0)
	for name, other := range map[string][]float32{
		"row": mask(NewStream(1, 1, 1), 1), "layer": mask(NewStream(1, 1, 2), 0),
		"step": mask(NewStream(1, 2, 1), 0), "seed": mask(NewStream(2, 1, 1), 0), "column": append(base[1:], 0),
	} {
		// Each product is 0 or 4 with probability 1/4: mean 1, standard deviation √3/256.
		if mean := Dot(base, other) / n; math.Abs(mean-1) > 5*math.Sqrt(3)/256 {
			t.Errorf("another %s: masks agree with mean %.4f", name, mean)
		}
	}
}

func TestSums(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, n := range []int{0, 1, 31, 32, 33, 4096, 4128, 10_001} {
			a, b := guarded(t, n, true), guarded(t, n, true)
			var sum, squares, dot, both float64
			for i := range a {
				a[i], b[i] = float32(r.NormFloat64()), float32(r.NormFloat64())
				sum += float64(a[i])
				squares += float64(a[i]) * float64(a[i])
				dot += float64(a[i]) * float64(b[i])
				both += float64(a[i]+b[i]) * float64(a[i]+b[i])
			}
			dst := guarded(t, n, true)
			got := []float64{Sum(a), SumSquares(a), Dot(a, b), AddSquares(dst, a, b)}
			for i, want := range []float64{sum, squares, dot, both} {
				if math.Abs(got[i]-want) > 1e-6*float64(n) {
					t.Errorf("n = %d: sum %d is %g, want %g", n, i, got[i], want)
				}
			}
			for i := range dst {
				if dst[i] != a[i]+b[i] {
					t.Fatal("AddSquares adds wrongly")
				}
			}
		}
	})
}

func TestColumnSums(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, columns := range []int{1, 7, 32, 33, 64, 100} {
			for _, rows := range []int{0, 1, 50} {
				x, sums := guarded(t, rows*columns, true), guarded(t, columns, true)
				want := make([]float64, columns)
				for i := range x {
					x[i] = float32(r.NormFloat64())
					want[i%columns] += float64(x[i])
				}
				ColumnSums(sums, x)
				for j, w := range want {
					if math.Abs(float64(sums[j])-w) > 1e-4 {
						t.Fatalf("%d×%d: column %d is %g, want %g", rows, columns, j, sums[j], w)
					}
				}
			}
		}
	})
}

func TestAdamWFollowsItsFormula(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		o := AdamW{LR: 0.1, Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8, Decay: 0.01, GradScale: 0.5}
		w, m, v, average := []float32{1}, []float32{0}, []float32{0}, []float32{0}
		ww, mm, vv, aa := 1.0, 0.0, 0.0, 0.0
		for step := 1; step <= 50; step++ {
			g := math.Sin(float64(step))
			o.Step = int64(step)
			o.Update(w, []float32{float32(g)}, m, v, Average{Decay: 0.9, Values: average})
			g *= 0.5
			mm, vv = 0.9*mm+0.1*g, 0.99*vv+0.01*g*g
			ww -= 0.1 * (mm/(1-math.Pow(0.9, float64(step)))/(math.Sqrt(vv/(1-math.Pow(0.99, float64(step))))+1e-8) + 0.01*ww)
			aa += 0.1 * (ww - aa)
		}
		for i, pair := range [][2]float64{{float64(w[0]), ww}, {float64(m[0]), mm}, {float64(v[0]), vv}, {float64(average[0]), aa}} {
			if math.Abs(pair[0]-pair[1]) > 1e-5 {
				t.Errorf("value %d: %g, want %g", i, pair[0], pair[1])
			}
		}
	})
}

func TestPool2x2(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		for _, channels := range []int{1, 3, 8, 20, 32} {
			for _, size := range [][2]int{{2, 2}, {5, 7}, {8, 6}} {
				t.Run(fmt.Sprint(size, channels), func(t *testing.T) { testPool(t, size[0], size[1], channels) })
			}
		}
	})
}

func testPool(t *testing.T, height, width, channels int) {
	r := rand.New(rand.NewPCG(1, 2))
	p := Pool2x2{Height: height, Width: width, Channels: channels, InStride: width*channels + 5, OutStride: width/2*channels + 3}
	arrays := func(stride, rows int) []float32 { return guarded(t, stride*rows-3, true) }
	in, dIn := arrays(p.InStride, height), arrays(p.InStride, height)
	out, dOut, holders := arrays(p.OutStride, height/2), arrays(p.OutStride, height/2), arrays(p.OutStride, height/2)
	for i := range in {
		in[i], dIn[i] = float32(r.IntN(4)), -7
	}
	for i := range dOut {
		dOut[i] = float32(r.NormFloat64())
	}
	p.Forward(out, holders, in)
	p.Backward(dIn, dOut, holders)
	for y := range height / 2 {
		for x := range width / 2 {
			for c := range channels {
				checkCell(t, &p, in, out, dIn, dOut, y, x, c)
			}
		}
	}
}

// checkCell holds one output of the pool against the definition: ties go to the first place.
func checkCell(t *testing.T, p *Pool2x2, in, out, dIn, dOut []float32, y, x, c int) {
	t.Helper()
	to := y*p.OutStride + x*p.Channels + c
	best, at := float32(math.Inf(-1)), 0
	var places [4]int
	for i := range places {
		places[i] = (2*y+i/2)*p.InStride + (2*x+i%2)*p.Channels + c
		if in[places[i]] > best {
			best, at = in[places[i]], i
		}
	}
	if out[to] != best {
		t.Fatalf("(%d, %d, %d): %g, want %g", y, x, c, out[to], best)
	}
	for i, place := range places {
		want := float32(0)
		if i == at {
			want = dOut[to]
		}
		if dIn[place] != want {
			t.Fatalf("(%d, %d, %d): gradient %d is %g, want %g", y, x, c, i, dIn[place], want)
		}
	}
}
