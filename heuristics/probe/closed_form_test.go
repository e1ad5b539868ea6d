package probe

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"tuned/trainer/model"
	"tuned/trainer/model/modeltest"
)

func TestRidge(t *testing.T) {
	l := newLab(t, modeltest.Plane(500))
	r := l.measure(t, "ridge")
	if got := number(t, r, "ridge.score"); got < 0.97 || got > 0.995 {
		t.Errorf("R² %v of a plane with a hundredth of noise", got)
	}
	l = newLab(t, modeltest.Blobs(500))
	if got := number(t, l.measure(t, "ridge"), "ridge.score"); got < 0.8 || got > 0.92 {
		t.Errorf("accuracy %v of two clouds that are 2.3 SDs apart", got)
	}
}

// all is every row as a linear model sees it, and the targets.
func (l *lab) all(t *testing.T) (d design, targets [][]float64) {
	t.Helper()
	d, err := l.design(widest)
	if err != nil {
		t.Fatal(err)
	}
	d.rows = l.Train
	if targets, err = l.targets(d.rows); err != nil {
		t.Fatal(err)
	}
	return d, targets
}

// The leverage formula against leaving out each row and fitting again.
func TestLeavingOutByFormulaIsLeavingOut(t *testing.T) {
	l := newLab(t, modeltest.Plane(12))
	d, targets := l.all(t)
	for name, by := range map[string]func() (factors, error){
		"columns": func() (factors, error) { return byColumns(d.matrix()) }, "rows": func() (factors, error) { return byRows(d.matrix()) },
	} {
		f, err := by()
		if err != nil {
			t.Fatal(err)
		}
		got := f.leaveOneOut(targets, 0.1)
		for i := range d.rows {
			if want := refit(d, targets[0], i, 0.1*12); math.Abs(got.predicted[0][i]-want) > 1e-9 {
				t.Errorf("by %s, row %d: %v, want %v", name, i, got.predicted[0][i], want)
			}
		}
	}
}

// refit solves the penalised normal equations without row out, intercept free, by gradient descent until it stands still.
func refit(d design, y []float64, out int, penalty float64) float64 {
	w := make([]float64, d.width+1)
	row := func(i int) []float64 {
		x := make([]float64, d.width+1)
		d.fill(d.rows[i], x[:d.width])
		x[d.width] = 1
		return x
	}
	at := func(x []float64) (p float64) {
		for j, v := range x {
			p += w[j] * v
		}
		return p
	}
	for range 20_000 {
		g := make([]float64, len(w))
		for i := range d.rows {
			if i == out {
				continue
			}
			x := row(i)
			e := at(x) - y[i]
			for j, v := range x {
				g[j] += e * v
			}
		}
		for j := range w {
			if j < d.width {
				g[j] += penalty * w[j]
			}
			w[j] -= 0.01 * g[j]
		}
	}
	return at(row(out))
}

func TestCategoriesBecomeColumns(t *testing.T) {
	dir := t.TempDir()
	writeArray(t, dir, "codes.npy", []int32{0, 2, 1, 1, 2, 0})
	writeArray(t, dir, "labels.npy", []int32{0, 1, 1})
	e := Env{ViewDir: dir, Train: []int32{0, 1, 2}, View: model.View{
		Rows: 3, Task: model.Classification, Classes: 2, Target: &model.Target{File: "labels.npy"},
		Inputs: []model.Input{{Kind: model.Categorical, File: "codes.npy", Columns: 2, Cardinalities: []int{3, 3}}},
	}}
	d, err := e.design(widest)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float64, d.width)
	d.fill(1, got)
	if !slices.Equal(got, []float64{1, 0, 1, 0}) {
		t.Errorf("row 1 is %v", got)
	}
	r, err := Run(t.Context(), "kernel", e, nil)
	if err != nil || number(t, r, "kernel.freedom") != 0 || number(t, r, "kernel.score") != 0 {
		t.Errorf("a surface through codes: %v, %v", r.Facts, err)
	}
}

// A surface follows a plane with a few numbers, pure noise with none, and a fine pattern row by row.
func TestKernel(t *testing.T) {
	for _, c := range []struct {
		name    string
		data    modeltest.Data
		score   [2]float64
		freedom [2]float64
	}{
		{"plane", modeltest.Plane(500), [2]float64{0.95, 1}, [2]float64{0.02, 0.2}},
		{"clouds", modeltest.Blobs(500), [2]float64{0.8, 0.92}, [2]float64{0, 0.1}},
		{"noise", pattern(500, 0, 1), [2]float64{-0.1, 0.1}, [2]float64{0, 0.05}},
		{"waves", pattern(500, 1, 0), [2]float64{0.6, 1}, [2]float64{0.25, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newLab(t, c.data).measure(t, "kernel")
			within(t, "score", number(t, r, "kernel.score"), c.score)
			within(t, "freedom", number(t, r, "kernel.freedom"), c.freedom)
			if fits := int64(kernelDraws * len(kernelWidths) * 10); r.FLOPs < fits*2*kernelRows*kernelRows*kernelRows/3 {
				t.Errorf("%d operations for %d fits", r.FLOPs, fits)
			}
		})
	}
}

// Closed forms, of rows and of a surface's neighbours alike, against each other: a surface of linear bells is a linear model.
func TestPatchIsAKernelOfTheLinearModel(t *testing.T) {
	l := newLab(t, modeltest.Plane(60))
	d, targets := l.all(t)
	x := d.matrix()
	f, err := byRows(x)
	if err != nil {
		t.Fatal(err)
	}
	var gram mat.SymDense
	gram.SymOuterK(1, x)
	want, got := f.leaveOneOut(targets, 0.01), patch{targets: targets}.leaveOneOut(&gram, 0.01)
	within(t, "error", got.error, [2]float64{want.error * (1 - 1e-9), want.error * (1 + 1e-9)})
	within(t, "freedom", got.freedom, [2]float64{want.freedom * (1 - 1e-9), want.freedom * (1 + 1e-9)})
}

// TestPatches: many rows make patches that share none, few rows ones that together hold all, and fewer still a single one.
func TestPatches(t *testing.T) {
	for rows, want := range map[int][]int{3000: {kernelDraws, kernelDraws * kernelRows}, 300: {kernelDraws, 300}, 200: {1, 200}} {
		l := newLab(t, pattern(rows, 1, 0))
		d, err := l.design(0)
		if err != nil {
			t.Fatal(err)
		}
		patches, err := l.patches(d)
		if err != nil {
			t.Fatal(err)
		}
		different := map[float64]bool{}
		for _, p := range patches {
			for _, y := range p.targets[0] {
				different[y] = true
			}
		}
		if got := []int{len(patches), len(different)}; !slices.Equal(got, want) {
			t.Errorf("%d rows: %d patches of %d different rows, want %v", rows, got[0], got[1], want)
		}
	}
}
