package linear

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"tuned/trainer/model"
	"tuned/trainer/nn"
	"tuned/trainer/nn/session"
)

// BenchmarkFit fits classes of noise about a line, of columns of numbers and of categories.
func BenchmarkFit(b *testing.B) {
	for _, size := range []struct{ rows, numbers, categories, classes int }{{20_000, 50, 0, 7}, {20_000, 6, 1000, 2}, {1000, 10, 0, 2}} {
		for threads := 1; threads <= runtime.NumCPU(); threads *= 2 {
			b.Run(fmt.Sprintf("%dx%d,%d categories,%d classes/%d threads", size.rows, size.numbers, size.categories, size.classes, threads), func(b *testing.B) {
				r := request(size.rows, size.numbers, size.categories, size.classes)
				r.Threads = threads
				for b.Loop() {
					p, err := newProblem(r)
					if err != nil {
						b.Fatal(err)
					}
					if _, err := p.solve(b.Context(), 0); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// request is a made-up table of classes, with two columns of categories if any.
func request(rows, numbers, categories, classes int) session.FitRequest {
	random := rand.New(rand.NewPCG(1, 1))
	v := model.View{Rows: rows, Task: model.Classification, Classes: classes, Target: &model.Target{}}
	v.Inputs = []model.Input{{Kind: model.Numeric, Columns: numbers, Continuous: numbers}}
	if categories > 0 {
		v.Inputs = append(v.Inputs, model.Input{Kind: model.Categorical, Columns: 2, Cardinalities: []int{categories, categories}})
	}
	d := nn.Data{Rows: rows}
	all := make([]int32, rows)
	for i := range rows {
		all[i] = int32(i)
		y := random.NormFloat64()
		for j := range numbers {
			x := random.NormFloat64()
			d.Numeric = append(d.Numeric, float32(x))
			y += x / float64(1+j)
		}
		if categories > 0 {
			d.Codes = append(d.Codes, random.Int32N(int32(categories)), random.Int32N(int32(categories)))
		}
		d.Labels = append(d.Labels, int32(max(0, min(y+float64(classes)/2, float64(classes-1)))))
	}
	return session.FitRequest{View: v, Data: d, Rows: all, Settings: model.Settings{"linear.l2": 1.0, "linear.loss": "squared"}}
}
