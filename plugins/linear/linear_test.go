package linear

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"gonum.org/v1/gonum/mat"

	"tuned/trainer/model"
	"tuned/trainer/model/modeltest"
	"tuned/trainer/npy"
)

// table is a made-up data set: two numbers on scales far apart, a 0/1 column, and a categorical one of four codes.
type table struct {
	n      int
	x      []float32
	codes  []int32
	values []float32
	labels []int32
}

func newTable(n, classes int) table {
	r := rand.New(rand.NewPCG(1, 2))
	t := table{n, make([]float32, 3*n), make([]int32, n), make([]float32, n), make([]int32, n)}
	for i := range n {
		a, b, hot := r.NormFloat64(), r.NormFloat64(), float64(r.IntN(2))
		t.x[3*i], t.x[3*i+1], t.x[3*i+2] = float32(1000+50*a), float32(0.01*b), float32(hot)
		t.codes[i] = r.Int32N(4)
		y := 2*a - b + 0.5*hot + float64(t.codes[i]) + 0.3*r.NormFloat64()
		t.values[i], t.labels[i] = float32(y), int32(min(max(y/2, 0), float64(classes-1)))
	}
	return t
}

func (tab table) view(t testing.TB, task model.Task, classes int) string {
	t.Helper()
	dir := t.TempDir()
	view := model.View{Rows: tab.n, Task: task, Classes: classes, Inputs: []model.Input{
		{Kind: model.Numeric, File: "x.npy", Columns: 3, Continuous: 2},
		{Kind: model.Categorical, File: "c.npy", Columns: 1, Cardinalities: []int{4}},
	}, Target: &model.Target{File: "y.npy", Std: 1}}
	arrays := modeltest.Arrays{"x.npy": tab.x, "c.npy": tab.codes, "y.npy": tab.values}
	if task == model.Classification {
		arrays["y.npy"] = tab.labels
	}
	if err := modeltest.WriteView(dir, view, arrays); err != nil {
		t.Fatal(err)
	}
	return dir
}

func rows(n int) []int32 {
	r := make([]int32, n)
	for i := range r {
		r[i] = int32(i)
	}
	return r
}

func open(t testing.TB, view string, l2 float64, init []int32) model.Session {
	t.Helper()
	return openFor(t, view, model.Settings{"linear.l2": l2, "linear.loss": "squared"}, init)
}

func openFor(t testing.TB, view string, settings model.Settings, init []int32) model.Session {
	t.Helper()
	s, err := Architecture().Open(t.Context(), model.OpenRequest{View: view, Settings: settings, Threads: 1, MaxBatch: 512, InitRows: init})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// gradient is the norm of the mean loss's gradient at the session's weights.
func gradient(t *testing.T, s model.Session, n int) float64 {
	t.Helper()
	r, err := s.Submit(t.Context(), model.Step{Rows: rows(n), NoUpdate: true}).Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r[0].GradNorm
}

// reference solves ridge regression by a QR decomposition of the design with the penalty as further rows, and returns its
// predictions.
func (tab table) reference(l2 float64) []float64 {
	const d = 6 // two numbers, one 0/1 column, three codes
	x, y := mat.NewDense(tab.n+d, d+1, nil), mat.NewDense(tab.n+d, 1, nil)
	for j := range 2 {
		mean, variance := 0.0, 0.0
		for i := range tab.n {
			mean += float64(tab.x[3*i+j]) / float64(tab.n)
		}
		for i := range tab.n {
			variance += math.Pow(float64(tab.x[3*i+j])-mean, 2) / float64(tab.n)
		}
		for i := range tab.n {
			x.Set(i, j, (float64(tab.x[3*i+j])-mean)/math.Sqrt(variance))
		}
	}
	for i := range tab.n {
		x.Set(i, 2, float64(tab.x[3*i+2]))
		if c := int(tab.codes[i]); c > 0 {
			x.Set(i, 2+c, 1)
		}
		x.Set(i, d, 1)
		y.Set(i, 0, float64(tab.values[i]))
	}
	for j := range d {
		x.Set(tab.n+j, j, math.Sqrt(l2))
	}
	var w, predicted mat.Dense
	if err := w.Solve(x, y); err != nil {
		panic(err)
	}
	predicted.Mul(x, &w)
	return mat.Col(nil, 0, predicted.Slice(0, tab.n, 0, 1))
}

func TestRidgeIsExact(t *testing.T) {
	tab := newTable(300, 2)
	view := tab.view(t, model.Regression, 0)
	for _, l2 := range []float64{0, 1, 100} {
		s := open(t, view, l2, rows(tab.n))
		out := filepath.Join(t.TempDir(), "out.npy")
		if _, err := s.Submit(t.Context(), model.Evaluate{Out: out}).Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		a, err := npy.Map[float32](out)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		for i, want := range tab.reference(l2) {
			if got := float64(a.Values[i]); math.Abs(got-want) > 1e-3 {
				t.Fatalf("l2 %g, row %d: predicted %g, want %g", l2, i, got, want)
			}
		}
	}
}

func TestLogisticRegressionConverges(t *testing.T) {
	for _, classes := range []int{2, 3} {
		tab := newTable(300, classes)
		s := open(t, tab.view(t, model.Classification, classes), 1e-3, rows(tab.n))
		before := constantLoss(tab, classes)
		r, err := s.Submit(t.Context(), model.Evaluate{}).Wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if r[0].Loss > 0.6*before {
			t.Errorf("%d classes: loss %g, %g without inputs", classes, r[0].Loss, before)
		}
	}
}

// The gradient with respect to a column on the scale of 1,000 is large next to rounding, so that the numbers here are
// of one scale.
func TestNothingIsLeftToTrain(t *testing.T) {
	tab := newTable(300, 3)
	for i := range tab.n {
		tab.x[3*i] = (tab.x[3*i] - 1000) / 50
		tab.x[3*i+1] *= 100
	}
	s := open(t, tab.view(t, model.Classification, 3), 1e-4, rows(tab.n))
	if g := gradient(t, s, tab.n); g > 2e-3 {
		t.Errorf("classification: a gradient of norm %g is left", g)
	}
	s = open(t, tab.view(t, model.Regression, 0), 0, rows(tab.n))
	if g := gradient(t, s, tab.n); g > 2e-3 {
		t.Errorf("regression: a gradient of norm %g is left", g)
	}
	tab.values[7] += 50 // the solutions of the two losses are apart
	s = openFor(t, tab.view(t, model.Regression, 0), model.Settings{"linear.l2": 0.0, "linear.loss": "absolute"}, rows(tab.n))
	if g := gradient(t, s, tab.n); g > 2e-3 {
		t.Errorf("regression, absolute: a gradient of norm %g is left", g)
	}
}

func constantLoss(tab table, classes int) float64 {
	counts, loss := make([]float64, classes), 0.0
	for _, y := range tab.labels {
		counts[y]++
	}
	for _, c := range counts {
		loss -= c / float64(tab.n) * math.Log(c/float64(tab.n))
	}
	return loss
}

func TestTheIterativeSolutionAgreesWithTheClosedForm(t *testing.T) {
	tab := newTable(200, 2)
	view := tab.view(t, model.Regression, 0)
	p := testProblem(t, view, 2)
	exact, err := p.ridge(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	iterated, err := p.iterate(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range exact.weights {
		if math.Abs(w-iterated.weights[i]) > 1e-3 {
			t.Errorf("weight %d: %g in closed form, %g by iteration", i, w, iterated.weights[i])
		}
	}
}

// A row in ten is far off: the weights that make the absolute error small hardly notice, those of the squared error do.
func TestTheAbsoluteLossHeedsNoOutliers(t *testing.T) {
	tab := newTable(300, 2)
	clean := solved(t, tab, false)
	for i := range tab.n {
		if i%10 == 0 {
			tab.values[i] += 300 * tab.x[3*i+1] // the second number has a scale of 0.01
		}
	}
	off := func(absolute bool) (most float64) {
		for i, w := range solved(t, tab, absolute) {
			most = math.Max(most, math.Abs(w-clean[i]))
		}
		return most
	}
	if absolute, squared := off(true), off(false); absolute > 0.1 || squared < 0.2 {
		t.Errorf("weights moved by %v for the absolute error, %v for the squared one", absolute, squared)
	}
}

func solved(t *testing.T, tab table, absolute bool) []float64 {
	t.Helper()
	p := testProblem(t, tab.view(t, model.Regression, 0), 0.001)
	p.absolute = absolute
	s, err := p.solve(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return s.weights
}

func TestOnlyTheRowsOfInitialisationAreRead(t *testing.T) {
	tab := newTable(200, 2)
	init := rows(100)
	first := fittedLoss(t, tab, init)
	for i := 100; i < tab.n; i++ {
		tab.x[3*i], tab.values[i] = 0, 1e6
	}
	if second := fittedLoss(t, tab, init); first != second {
		t.Errorf("the loss on the first rows was %g, and %g once the others changed", first, second)
	}
}

func fittedLoss(t *testing.T, tab table, init []int32) float64 {
	t.Helper()
	s := open(t, tab.view(t, model.Regression, 0), 1, init)
	r, err := s.Submit(t.Context(), model.Evaluate{Rows: init}).Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r[0].Loss
}

func TestCancelAndMemory(t *testing.T) {
	tab := newTable(100, 2)
	view := tab.view(t, model.Classification, 2)
	req := model.OpenRequest{View: view, Settings: model.Settings{"linear.l2": 1.0, "linear.loss": "squared"}, Threads: 1, MaxBatch: 8, InitRows: rows(tab.n)}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Architecture().Open(ctx, req); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	req.MemoryBytes = 1
	if _, err := Architecture().Open(t.Context(), req); !errors.Is(err, model.ErrOutOfMemory) {
		t.Errorf("memory: %v", err)
	}
}

func BenchmarkLogistic(b *testing.B) {
	tab := newTable(20000, 2)
	view := tab.view(b, model.Classification, 2)
	for b.Loop() {
		s := open(b, view, 1, rows(tab.n))
		_ = s.Close()
	}
}
