package nn

import (
	"fmt"
	"testing"

	"tuned/trainer/model"
)

// benchmarkSteps reports samples/s and GFLOP/s of training steps on random data.
func benchmarkSteps(b *testing.B, build func(g *Graph), d Data, batch int, s model.Step) {
	for _, threads := range []int{1, 2} {
		b.Run(fmt.Sprintf("threads=%d", threads), func(b *testing.B) {
			g := New()
			build(g)
			p := mustCompile(b, g, Config{MaxBatch: batch, Threads: threads, Seed: 1}, d)
			if err := p.Init(rowsTo(d.Rows)); err != nil {
				b.Fatal(err)
			}
			rows := rowsTo(d.Rows)
			var flops int64
			for i := 0; b.Loop(); i++ {
				at := i * batch % (d.Rows - batch + 1)
				flops += p.Step(rows[at:at+batch], s).FLOPs
			}
			b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "samples/s")
			b.ReportMetric(float64(flops)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkMLP is the plain net of 54-256-256-256-7, batch 256.
func BenchmarkMLP(b *testing.B) {
	benchmarkSteps(b, func(g *Graph) {
		x := g.Numeric(54)
		for range 3 {
			x = g.Dense(x, 256, Dense{Bias: true, Activation: ReLU})
		}
		g.CrossEntropy(g.Dense(x, 7, Dense{Bias: true}), Loss{})
	}, testData(4096, 54, 7), 256, adamStep)
}

// BenchmarkRealMLP is the mlp architecture's net with all of its parts: 54 embedded columns, scale, NTK, dropout.
func BenchmarkRealMLP(b *testing.B) {
	s := adamStep
	s.Dropout, s.LabelSmoothing = 0.15, 0.1
	benchmarkSteps(b, func(g *Graph) {
		x := g.Scale(g.PBLD(g.Numeric(54), 16, 4, 0.1, "embedding"), "scale")
		for range 3 {
			x = g.Dense(x, 256, Dense{NTK: true, Bias: true, Activation: SELU, Parametric: true, Dropout: true, Init: InitData})
		}
		g.CrossEntropy(g.Dense(x, 7, Dense{NTK: true, Bias: true, Init: InitData}), Loss{})
	}, testData(4096, 54, 7), 256, s)
}
