package trees

import (
	"fmt"
	"runtime"
	"testing"

	"tuned/trainer/model"
)

// BenchmarkRound grows rounds of the shapes that rules ask for on tables of noise about a curve, some of whose columns hold marks,
// 0 or 1.
func BenchmarkRound(b *testing.B) {
	for _, size := range []struct{ rows, columns, marks, classes, depth int }{
		{4000, 8, 0, 0, 6}, {1200, 100, 94, 0, 6}, {16_000, 50, 0, 0, 8}, {16_000, 50, 0, 4, 8}, {1200, 20, 0, 2, 6}, {16_000, 20, 0, 2, 6},
	} {
		v, d := noise(size.rows, size.columns, size.marks, size.classes)
		for threads := 1; threads <= runtime.NumCPU(); threads *= 2 {
			b.Run(fmt.Sprintf("%dx%d,%d marks,%d classes,depth %d/%d threads", size.rows, size.columns, size.marks, size.classes, size.depth, threads), func(b *testing.B) {
				f, err := New(v, Config{Rounds: 2000, Depth: size.depth, Bins: 255, L2: 1, MinWeight: 3, MaxBatch: size.rows, Threads: threads})
				if err != nil {
					b.Fatal(err)
				}
				defer f.Close()
				if err := f.Bind(d); err != nil {
					b.Fatal(err)
				}
				if err := f.Init(upTo(size.rows)); err != nil {
					b.Fatal(err)
				}
				rows := upTo(size.rows * 4 / 5)
				for b.Loop() {
					f.Grow(rows, model.Step{LR: 0.05, Dropout: 0.2})
				}
			})
		}
	}
}

// BenchmarkStep is a round whose loss is read, with two logarithms a row.
func BenchmarkStep(b *testing.B) {
	v, d := noise(16_000, 20, 0, 2)
	for threads := 1; threads <= runtime.NumCPU(); threads *= 2 {
		b.Run(fmt.Sprintf("%d threads", threads), func(b *testing.B) {
			c := usual
			c.Rounds, c.MaxBatch, c.Threads = 2000, v.Rows, threads
			f, rows := grown(b, v, d, c, 0)
			defer f.Close()
			for b.Loop() {
				f.Step(rows, model.Step{LR: 0.05, Dropout: 0.2})
			}
		})
	}
}

// BenchmarkForward predicts rows by forests of the depths that rules ask for.
func BenchmarkForward(b *testing.B) {
	for _, c := range []struct{ columns, classes, depth int }{{8, 0, 6}, {50, 2, 6}, {50, 4, 8}} {
		v, d := noise(4096, c.columns, 0, c.classes)
		for threads := 1; threads <= runtime.NumCPU(); threads *= 2 {
			b.Run(fmt.Sprintf("%d columns,%d classes,depth %d/%d threads", c.columns, c.classes, c.depth, threads), func(b *testing.B) {
				f, _ := grown(b, v, d, Config{Rounds: 100, Depth: c.depth, Bins: 255, L2: 1, MinWeight: 3, MaxBatch: v.Rows, Threads: threads}, 100)
				defer f.Close()
				rows, out := upTo(v.Rows), make([]float32, v.Rows*f.Outputs())
				for b.Loop() {
					f.Forward(rows, out)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(rows)*100*f.Outputs()), "ns/row·tree")
			})
		}
	}
}
