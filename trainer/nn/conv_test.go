package nn

import (
	"fmt"
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
