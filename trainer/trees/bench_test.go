package trees

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"tuned/trainer/model"
	"tuned/trainer/nn"
)

// BenchmarkRound grows rounds of the usual shape on tables of noise about a curve, some of whose columns hold marks, 0 or 1.
func BenchmarkRound(b *testing.B) {
	for _, size := range []struct{ rows, columns, marks int }{{4000, 8, 0}, {16000, 50, 0}, {1200, 100, 94}} {
		b.Run(fmt.Sprintf("%dx%d,%d marks", size.rows, size.columns, size.marks), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 1))
			d := nn.Data{Rows: size.rows, Numeric: make([]float32, size.rows*size.columns), Values: make([]float32, size.rows)}
			for i := range d.Numeric {
				d.Numeric[i] = float32(r.NormFloat64())
				if i%size.columns >= size.columns-size.marks {
					d.Numeric[i] = float32(r.IntN(2))
				}
			}
			for i := range d.Values {
				x := d.Numeric[i*size.columns]
				d.Values[i] = x*x + float32(r.NormFloat64())
			}
			v := model.View{Rows: size.rows, Task: model.Regression, Inputs: []model.Input{{Kind: model.Numeric, Columns: size.columns}}}
			f, err := New(v, Config{Rounds: 10_000, Depth: 6, Bins: 255, L2: 1, MinWeight: 3, MaxBatch: size.rows})
			if err != nil {
				b.Fatal(err)
			}
			if err := f.Bind(d); err != nil {
				b.Fatal(err)
			}
			if err := f.Init(upTo(size.rows)); err != nil {
				b.Fatal(err)
			}
			rows := upTo(size.rows * 4 / 5)
			for b.Loop() {
				f.Step(rows, model.Step{LR: 0.05, Dropout: 0.2})
			}
		})
	}
}
