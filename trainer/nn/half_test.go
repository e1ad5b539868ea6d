package nn

import (
	"math"
	"slices"
	"testing"

	"tuned/trainer/nn/kernel"
)

// wide is a network whose products are large enough to be rounded.
func wide(t *testing.T, half bool) *Program {
	t.Helper()
	g := New()
	if half {
		g.HalfProducts()
	}
	x := g.Dense(g.Numeric(testColumns), 64, Dense{Bias: true, Activation: SELU, Parametric: true})
	x = g.Dense(x, 64, Dense{Bias: true, Activation: Mish, Dropout: true})
	g.CrossEntropy(g.Dense(x, 40, Dense{Bias: true}), Loss{})
	return mustCompile(t, g, Config{MaxBatch: 128, Threads: 2, Seed: 3}, testData(128, testColumns, 40))
}

// TestHalfProducts: where the processor rounds, training goes almost the same way, and the same bits twice; elsewhere it is the
// same. What is predicted is not rounded.
func TestHalfProducts(t *testing.T) {
	half, again, full := wide(t, true), wide(t, true), wide(t, false)
	if half.Facts().Half != kernel.Halves() || full.Facts().Half {
		t.Errorf("products are of bfloat16: %v, without asking %v", half.Facts().Half, full.Facts().Half)
	}
	rows := rowsTo(128)
	one, other := make([]float32, 128*40), make([]float32, 128*40)
	if half.Forward(rows, one); full.Forward(rows, other) != half.Forward(rows, one) || !slices.Equal(one, other) {
		t.Error("predictions are rounded")
	}
	learn := func(p *Program) (losses []float64) {
		s := adamStep
		s.Dropout = 0.15
		for range 20 {
			losses = append(losses, p.Step(rows, s).Loss)
		}
		return losses
	}
	got, same, want := learn(half), learn(again), learn(full)
	if !slices.Equal(got, same) {
		t.Errorf("losses %v, again %v", got, same)
	}
	equalStates(t, half, again)
	for i := range want {
		if math.Abs(got[i]-want[i]) > 0.01*want[i] {
			t.Errorf("loss %d is %v, of float32 %v", i, got[i], want[i])
		}
	}
	if slices.Equal(got, want) == kernel.Halves() {
		t.Errorf("losses %v, of float32 %v", got, want)
	}
	if n := testing.AllocsPerRun(10, func() { half.Step(rows, adamStep) }); n != 0 {
		t.Errorf("a step allocates %v times", n)
	}
}
