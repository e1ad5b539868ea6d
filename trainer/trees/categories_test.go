package trees

import (
	"math/rand/v2"
	"testing"

	"tuned/trainer/model"
	"tuned/trainer/nn"
)

// TestCategoriesAreInOrderOfTheTarget: one that is rare or was never seen lies in the middle.
func TestCategoriesAreInOrderOfTheTarget(t *testing.T) {
	v := model.View{Rows: 201, Task: model.Regression, Inputs: []model.Input{{Kind: model.Categorical, Columns: 1, Cardinalities: []int{5}}}}
	d := nn.Data{Rows: 201}
	for i := range 200 {
		code := int32(1 + i%2)
		d.Codes, d.Values = append(d.Codes, code), append(d.Values, float32(2*code-3))
	}
	d.Codes, d.Values = append(d.Codes, 3), append(d.Values, 50)
	f, err := New(v, usual)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Bind(d); err != nil {
		t.Fatal(err)
	}
	if err := f.Init(upTo(201)); err != nil {
		t.Fatal(err)
	}
	c := f.columns.values
	if !(c[1] < c[4] && c[4] < c[2] && c[3] < 10 && c[0] == c[4]) {
		t.Errorf("values of the categories: %v", c)
	}
}

// withNames is a table whose rows have each a name of their own, and a number that tells the class but for a tenth of them.
func withNames(n int) (model.View, nn.Data) {
	r := rand.New(rand.NewPCG(1, 2))
	v := model.View{Rows: n, Task: model.Classification, Classes: 2, Inputs: []model.Input{
		{Kind: model.Numeric, Columns: 1, Continuous: 1}, {Kind: model.Categorical, Columns: 1, Cardinalities: []int{n + 1}},
	}}
	d := nn.Data{Rows: n}
	for i := range n {
		x := r.Float64()
		class := int32(0)
		if x > 0.5 != (r.Float64() < 0.1) {
			class = 1
		}
		d.Numeric, d.Codes, d.Labels = append(d.Numeric, float32(x)), append(d.Codes, int32(i+1)), append(d.Labels, class)
	}
	return v, d
}

// TestNamesTellNothing: a category that each row has for itself is not learned by heart, so that the number beside it is.
func TestNamesTellNothing(t *testing.T) {
	v, d := withNames(500)
	f, rows := grown(t, v, d, usual, usual.Rounds)
	held := upTo(v.Rows)[len(rows):]
	out, wrong := make([]float32, len(held)), 0
	f.Forward(held, out)
	for i, r := range held {
		if out[i] > 0.5 != (d.Labels[r] == 1) {
			wrong++
		}
	}
	if wrong > 20 {
		t.Errorf("of %d rows with names that it never saw, %d are wrong: a tenth is noise", len(held), wrong)
	}
}

func TestFoldsHoldAsManyRows(t *testing.T) {
	var counts [folds]int
	for r := range int32(8000) {
		counts[fold(r)]++
	}
	for i, n := range counts {
		if n < 450 || n > 550 {
			t.Errorf("fold %d holds %d of 8000 rows", i, n)
		}
	}
}
