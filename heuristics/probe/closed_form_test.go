package probe

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"tuned/trainer/model"
	"tuned/trainer/model/modeltest"
	"tuned/trainer/npy"
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
	d, targets, err := l.lines()
	if err != nil {
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
	data, err := e.rows(e.Train)
	if err != nil {
		t.Fatal(err)
	}
	d := designOf(e.View.Inputs, data)
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
		{"fast waves along one column", ripples(500, 1), [2]float64{0.9, 1}, [2]float64{0.05, 0.4}},
		{"fast waves beside columns of noise", ripples(500, 4), [2]float64{-0.1, 0.3}, [2]float64{0, 1}},
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

// ripples are waves along the first of some columns of noise, some nine of them across most of the rows.
func ripples(rows, columns int) modeltest.Data {
	d, r := modeltest.Data{Columns: columns}, rand.New(rand.NewPCG(5, 1))
	for range rows {
		for range columns {
			d.X = append(d.X, float32(r.NormFloat64()))
		}
		x := float64(d.X[len(d.X)-columns])
		d.Values = append(d.Values, float32(math.Sin(14*x)+0.1*r.NormFloat64()))
	}
	return d
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
	want, got := f.leaveOneOut(targets, 0.01), patch{targets: targets, work: new(square)}.leaveOneOut(&gram, 0.01)
	within(t, "error", got.error, [2]float64{want.error * (1 - 1e-9), want.error * (1 + 1e-9)})
	within(t, "freedom", got.freedom, [2]float64{want.freedom * (1 - 1e-9), want.freedom * (1 + 1e-9)})
}

// TestPatches: many rows make patches that share none, few rows ones that together hold all, and fewer still a single one.
func TestPatches(t *testing.T) {
	for rows, want := range map[int][]int{3000: {kernelDraws, kernelDraws * kernelRows}, 300: {kernelDraws, 300}, 200: {1, 200}} {
		l := newLab(t, pattern(rows, 1, 0))
		patches, err := l.patches()
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

// TestProbesReadTheirSample: a small sample of many rows costs what the sample does.
func TestProbesReadTheirSample(t *testing.T) {
	const rows = 1_000_000
	dir := t.TempDir()
	var file bytes.Buffer
	if err := npy.Write(&file, []int{rows}, make([]float32, rows)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "column.npy"), file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	e := Env{ViewDir: dir, Train: firstRows(rows), View: model.View{
		Rows: rows, Task: model.Regression, Target: &model.Target{File: "column.npy"},
		Inputs: []model.Input{{Kind: model.Numeric, File: "column.npy", Columns: 1}},
	}}
	for name, read := range map[string]func() error{
		"ridge":  func() error { _, _, err := e.lines(); return err },
		"kernel": func() error { _, err := e.patches(); return err },
		"sanity": func() error { _, err := e.expectedLoss(e.Train[:sanityRows], model.Squared); return err },
	} {
		if n := allocated(t, read); n > 4*rows {
			t.Errorf("%s allocates %d bytes, where a column has %d", name, n, 4*rows)
		}
	}
}

// TestRidgeReadsCodesAsColumns: a column for each level in the view, or a code that the design gives a column, is the same model.
func TestRidgeReadsCodesAsColumns(t *testing.T) {
	l := newLab(t, modeltest.Plane(400))
	codes, first, dense := make([]int32, 400), make([]float32, 400), make([]float32, 0, 400*5)
	for row := range codes {
		codes[row] = int32(row*row%7) % 5 // 0 is missing
		first[row] = l.data.X[3*row]
		x := [5]float32{4: first[row]}
		if codes[row] > 0 {
			x[codes[row]-1] = 1
		}
		dense = append(dense, x[:]...)
	}
	writeArray(t, l.ViewDir, "codes.npy", codes)
	writeArray(t, l.ViewDir, "first.npy", first)
	writeArray(t, l.ViewDir, "dense.npy", dense)
	l.View.Inputs = []model.Input{
		{Kind: model.Numeric, File: "first.npy", Columns: 1},
		{Kind: model.Categorical, File: "codes.npy", Columns: 1, Cardinalities: []int{5}},
	}
	got := l.measure(t, "ridge")
	l.View.Inputs = []model.Input{{Kind: model.Numeric, File: "dense.npy", Columns: 5}}
	want := l.measure(t, "ridge")
	within(t, "score", number(t, got, "ridge.score"), [2]float64{number(t, want, "ridge.score") - 1e-9, number(t, want, "ridge.score") + 1e-9})
	if number(t, got, "ridge.l2") != number(t, want, "ridge.l2") {
		t.Errorf("%v by codes, %v by columns", got.Facts, want.Facts)
	}
}

// allocated is how many bytes a call takes from the heap in all.
func allocated(t *testing.T, call func() error) uint64 {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := call(); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
