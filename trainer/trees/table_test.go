package trees

import (
	"math"
	"math/rand/v2"
	"testing"

	"tuned/trainer/model"
	"tuned/trainer/nn"
)

// usual is a small forest.
var usual = Config{Rounds: 60, Depth: 4, Bins: 64, L2: 1, MinWeight: 0.5, MaxBatch: 1000, Seed: 7}

// table is a made-up data set: two numbers and a column of five categories, of which a step in the first number, its product with
// the second one's sign, and the category decide.
func table(n int, task model.Task, classes int) (model.View, nn.Data) {
	r := rand.New(rand.NewPCG(3, 4))
	v := model.View{Rows: n, Task: task, Classes: classes, Inputs: []model.Input{
		{Kind: model.Numeric, Columns: 2, Continuous: 2}, {Kind: model.Categorical, Columns: 1, Cardinalities: []int{5}},
	}}
	d := nn.Data{Rows: n}
	for range n {
		a, b, c := r.Float64(), r.Float64(), r.Int32N(5)
		d.Numeric, d.Codes = append(d.Numeric, float32(a), float32(b)), append(d.Codes, c)
		y := 0.0
		if (a > 0.3) != (b > 0.6) {
			y = 2
		}
		y += math.Abs(float64(c)-2) / 2
		if task == model.Regression {
			d.Values = append(d.Values, float32(y-1.5))
		} else {
			d.Labels = append(d.Labels, min(int32(y), int32(classes-1)))
		}
	}
	return v, d
}

// grown is a forest after some steps on all rows but the last fifth.
func grown(t testing.TB, v model.View, d nn.Data, c Config, steps int) (*Forest, []int32) {
	t.Helper()
	f, err := New(v, c)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Bind(d); err != nil {
		t.Fatal(err)
	}
	rows := upTo(v.Rows * 4 / 5)
	if err := f.Init(rows); err != nil {
		t.Fatal(err)
	}
	for range steps {
		if r := f.Step(rows, model.Step{LR: 0.3}); !r.Finite || r.FLOPs <= 0 {
			t.Fatalf("a step gave %+v", r)
		}
	}
	return f, rows
}

func upTo(n int) []int32 {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

// kinds are the tasks that the tests go through.
var kinds = []struct {
	name    string
	task    model.Task
	classes int
}{
	{"values", model.Regression, 0}, {"two classes", model.Classification, 2}, {"three classes", model.Classification, 3},
}

// sameBits compares tensors bit by bit.
func sameBits(t *testing.T, got, want []nn.Tensor) {
	t.Helper()
	for i, w := range want {
		for j, v := range w.Data {
			if math.Float32bits(got[i].Data[j]) != math.Float32bits(v) {
				t.Fatalf("%s[%d] is %v, want %v", w.Name, j, got[i].Data[j], v)
			}
		}
	}
}

// noise is a table of noise, and a target about a curve of its first column.
func noise(rows, columns, marks, classes int) (model.View, nn.Data) {
	r := rand.New(rand.NewPCG(1, 1))
	v := model.View{Rows: rows, Task: model.Regression, Inputs: []model.Input{{Kind: model.Numeric, Columns: columns}}}
	d := nn.Data{Rows: rows, Numeric: make([]float32, rows*columns)}
	for i := range d.Numeric {
		d.Numeric[i] = float32(r.NormFloat64())
		if i%columns >= columns-marks {
			d.Numeric[i] = float32(r.IntN(2))
		}
	}
	for i := range rows {
		y := d.Numeric[i*columns]*d.Numeric[i*columns] + float32(r.NormFloat64())
		if classes == 0 {
			d.Values = append(d.Values, y)
		} else {
			d.Labels = append(d.Labels, int32(max(0, min(y+1, float32(classes-1)))))
		}
	}
	if classes > 0 {
		v.Task, v.Classes = model.Classification, classes
	}
	return v, d
}
