package probe

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"tuned/trainer/model/modeltest"
)

// TestComponents compares with gonum's principal components of the same columns, where a column does not vary as well.
func TestComponents(t *testing.T) {
	for _, shared := range []float32{0, 0.5, 3, 30} {
		d := modeltest.Plane(400)
		for i := range d.Rows() {
			row := d.X[i*d.Columns:][:d.Columns]
			for j := 1; j < d.Columns; j++ {
				row[j] += shared * row[0]
			}
		}
		x := mat.NewDense(d.Rows(), d.Columns, nil)
		for i, v := range d.X {
			x.Set(i/d.Columns, i%d.Columns, float64(v))
		}
		var want stat.PC
		for j := range d.Columns {
			mean, sd := stat.MeanStdDev(mat.Col(nil, j, x), nil)
			for i := range d.Rows() {
				x.Set(i, j, (x.At(i, j)-mean)/sd)
			}
		}
		if !want.PrincipalComponents(x, nil) {
			t.Fatal("gonum found no components")
		}
		variances := want.VarsTo(nil)
		got, share := number(t, newLab(t, d).measure(t, "components"), "components.first"), variances[0]/floats.Sum(variances)
		if math.Abs(got-share) > 0.02 {
			t.Errorf("%v of the first column in all: the first component holds %.3f, by gonum %.3f", shared, got, share)
		}
	}
}

// TestComponentsOfNothing: a single column that varies has nothing in common with others, nor have columns of zeros and ones alone.
func TestComponentsOfNothing(t *testing.T) {
	d := modeltest.Plane(50)
	for i := range d.X {
		if i%d.Columns > 0 {
			d.X[i] = 4
		}
	}
	l := newLab(t, d)
	if got := number(t, l.measure(t, "components"), "components.first"); got != 0 {
		t.Errorf("the first component of one column holds %v", got)
	}
	l.View.Inputs[0].Continuous = 0
	if got := number(t, l.measure(t, "components"), "components.first"); got != 0 {
		t.Errorf("the first component of no numbers holds %v", got)
	}
}
