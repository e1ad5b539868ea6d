package nn

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"tuned/trainer/model"
)

// TestGroupsAddUp: the gradient of a batch of several groups of images is the mean of those of batches of one group.
func TestGroupsAddUp(t *testing.T) {
	const n, parts = 90, 6
	g := New()
	x := g.Conv2D(testPixels(g), 4, Conv{Kernel: 3, Pad: 1, Bias: true, Activation: ReLU})
	x = g.Conv2D(g.MaxPool(x, 2, 1), 3, Conv{Kernel: 3, Pad: 2, Bias: true, Activation: GELU})
	x = g.Add(g.Conv2D(x, 5, Conv{Kernel: 2, Stride: 2}), g.MaxPool(g.Conv2D(x, 5, Conv{Kernel: 1, Bias: true}), 2, 2))
	g.MSE(g.Dense(x, 1, Dense{}))
	p := mustCompile(t, g, Config{MaxBatch: n, Threads: 1, Seed: 4}, testData(n, testColumns, 2))
	s := model.Step{NoUpdate: true}
	p.Step(rowsTo(n), s)
	whole := slices.Clone(p.workers[0].gradients)
	sum := make([]float64, len(whole))
	for i := range parts {
		p.Step(rowsTo(n)[i*n/parts:(i+1)*n/parts], s)
		for j, v := range p.workers[0].gradients {
			sum[j] += float64(v) / parts
		}
	}
	for j, v := range whole {
		near(t, fmt.Sprintf("gradient %d", j), float64(v), sum[j])
	}
}

// TestWinogradIsTheDirectConvolution compares outputs and gradients for images whose tiles fit and reach over the edge, in groups
// that are whole and cut short.
func TestWinogradIsTheDirectConvolution(t *testing.T) {
	for _, c := range []struct{ height, width, pad, in, out, rows int }{
		{8, 8, 1, 16, 24, 70}, {8, 4, 0, 24, 16, 9}, {7, 7, 1, 16, 16, 50}, {9, 6, 2, 32, 16, 5}, {4, 4, 1, 16, 48, 200}, {13, 12, 1, 16, 16, 1},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			d := testImages(c.rows, c.height, c.width, 1)
			run := func(method func(*convOp) convMethod) (outputs, gradients []float32) {
				g := New()
				x := g.Conv2D(g.Pixels(c.height, c.width, 1, nil, nil), c.in, Conv{Kernel: 1, Activation: Tanh})
				x = g.Conv2D(x, c.out, Conv{Kernel: 3, Pad: c.pad, Bias: true, Activation: SiLU})
				o := x.op.(*convOp)
				o.method = method(o)
				g.MSE(g.Dense(x, 1, Dense{}))
				p := mustCompile(t, g, Config{MaxBatch: c.rows, Threads: 2, Seed: 4}, d)
				jitter(p)
				p.Step(rowsTo(c.rows), model.Step{NoUpdate: true})
				gradients = slices.Clone(p.workers[0].gradients)
				outputs = make([]float32, c.rows)
				p.Forward(rowsTo(c.rows), outputs)
				return outputs, gradients
			}
			y, grad := run(func(o *convOp) convMethod { return newWinograd(o) })
			wantY, wantGrad := run(func(o *convOp) convMethod { return &direct{convOp: o} })
			closeTo(t, "output", y, wantY)
			closeTo(t, "gradient", grad, wantGrad)
		})
	}
}

// closeTo compares numbers on the scale of the largest.
func closeTo(t *testing.T, what string, got, want []float32) {
	t.Helper()
	scale := 0.0
	for _, v := range want {
		scale = max(scale, math.Abs(float64(v)))
	}
	for i, v := range want {
		if math.Abs(float64(got[i]-v)) > 1e-5*scale {
			t.Fatalf("%s %d: %g, want %g, at most %g", what, i, got[i], v, scale)
		}
	}
}

// TestWinogradWhereItPays: convolutions of 3×3 pixels and many channels, whatever else stays direct.
func TestWinogradWhereItPays(t *testing.T) {
	for _, c := range []struct {
		o         Conv
		side, out int
		want      bool
	}{
		{Conv{Kernel: 3, Pad: 1}, 8, 16, true},
		{Conv{Kernel: 3, Pad: 1}, 7, 16, true},
		{Conv{Kernel: 3, Pad: 1, Stride: 2}, 8, 16, false},
		{Conv{Kernel: 1}, 8, 16, false},
		{Conv{Kernel: 3, Pad: 1}, 8, 8, false},
		{Conv{Kernel: 3, Pad: 1}, 8, 20, false},
		{Conv{Kernel: 3, Pad: 1}, 2, 16, false},
	} {
		g := New()
		x := g.Conv2D(g.Pixels(c.side, c.side, 16, nil, nil), c.out, c.o)
		if _, got := x.op.(*convOp).method.(*winograd); got != c.want {
			t.Errorf("%+v on %d pixels to %d channels: %t", c.o, c.side, c.out, got)
		}
	}
}
