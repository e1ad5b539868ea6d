//go:build unix

package nn

import (
	"fmt"
	"testing"

	"golang.org/x/sys/unix"

	"tuned/trainer/model"
)

// cpuSeconds is the processor time that the process has used: what counts on a busy machine.
func cpuSeconds(b *testing.B) float64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// benchmarkSteps reports samples/s, by the clock and by processor time, and GFLOP/s of training steps on random data.
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
			cpu := cpuSeconds(b)
			for i := 0; b.Loop(); i++ {
				at := i * batch % (d.Rows - batch + 1)
				flops += p.Step(rows[at:at+batch], s).FLOPs
			}
			b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "samples/s")
			b.ReportMetric(float64(b.N*batch)/(cpuSeconds(b)-cpu), "samples/cpu-s")
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

// BenchmarkCNN is conv32-pool-conv64-pool-fc128 on images of 28 × 28, batch 128.
func BenchmarkCNN(b *testing.B) {
	benchmarkSteps(b, func(g *Graph) {
		x := g.Pixels(28, 28, 1, nil, nil)
		x = g.MaxPool(g.Conv2D(x, 32, Conv{Kernel: 3, Pad: 1, Bias: true, Activation: ReLU}), 2, 2)
		x = g.MaxPool(g.Conv2D(x, 64, Conv{Kernel: 3, Pad: 1, Bias: true, Activation: ReLU}), 2, 2)
		x = g.Dense(x, 128, Dense{Bias: true, Activation: ReLU})
		g.CrossEntropy(g.Dense(x, 10, Dense{Bias: true}), Loss{})
	}, testImages(1024, 28, 28, 1), 128, adamStep)
}

// BenchmarkResidualNet is the convnet architecture's shape on images of 32 × 32: 16 to 128 channels, batch 256.
func BenchmarkResidualNet(b *testing.B) {
	benchmarkSteps(b, func(g *Graph) {
		convolved := func(x *Node, channels int) *Node { return g.Conv2D(x, channels, Conv{Kernel: 3, Pad: 1}) }
		normed := func(x *Node) *Node { return g.Activate(g.BatchNorm(x, ""), ReLU) }
		x := normed(convolved(g.Pixels(32, 32, 3, nil, nil), 16))
		for channels := 32; channels <= 128; channels *= 2 {
			x = normed(g.MaxPool(convolved(x, channels), 2, 2))
			x = g.Add(x, normed(convolved(x, channels)))
		}
		g.CrossEntropy(g.Dense(g.GlobalPool(x), 10, Dense{Bias: true}), Loss{})
	}, testImages(1024, 32, 32, 3), 256, adamStep)
}
