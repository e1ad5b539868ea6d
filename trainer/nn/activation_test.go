package nn

import (
	"fmt"
	"testing"

	"tuned/trainer/model"
)

// TestActivationGradients: every activation ends a dense layer, plain and parametric, and a convolution.
func TestActivationGradients(t *testing.T) {
	for _, f := range []Activation{ReLU, GELU, SiLU, SELU, Mish, Tanh} {
		for _, parametric := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, parametric %t", f, parametric), func(t *testing.T) {
				gradientsHold(t, hidden(Dense{Bias: true, Activation: f, Parametric: parametric}))
			})
		}
		t.Run(fmt.Sprintf("%s, 5×5", f), func(t *testing.T) {
			gradientsHold(t, image(func(g *Graph, x *Node) *Node {
				x = g.Conv2D(x, 2, Conv{Kernel: 5, Pad: 2, Bias: true, Activation: f})
				return g.Conv2D(x, 2, Conv{Kernel: 5, Pad: 2, Stride: 2, Bias: true})
			}))
		})
	}
}

func gradientsHold(t *testing.T, build func(g *Graph)) {
	t.Helper()
	g := New()
	build(g)
	p := mustCompile(t, g, Config{MaxBatch: 8, Threads: 2, Seed: 6}, testData(20, testColumns, 2))
	jitter(p)
	checkGradients(t, p, rowsTo(7), model.Step{})
}
