package linear

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tuned/trainer/model"
	"tuned/trainer/nn"
	"tuned/trainer/nn/session"
	"tuned/trainer/npy"
)

// testProblem is the problem of a view that newTable wrote.
func testProblem(t *testing.T, dir string, l2 float64) *problem {
	t.Helper()
	var view model.View
	text, err := os.ReadFile(filepath.Join(dir, model.ViewFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &view); err != nil {
		t.Fatal(err)
	}
	data := nn.Data{Rows: view.Rows, Numeric: load[float32](t, dir, "x.npy"), Codes: load[int32](t, dir, "c.npy")}
	if view.Task == model.Classification {
		data.Labels = load[int32](t, dir, "y.npy")
	} else {
		data.Values = load[float32](t, dir, "y.npy")
	}
	p, err := newProblem(session.FitRequest{View: view, Data: data, Rows: rows(view.Rows), Settings: model.Settings{"linear.l2": l2, "linear.loss": "squared"}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func load[T npy.Element](t *testing.T, dir, name string) []T {
	t.Helper()
	a, err := npy.Map[T](filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a.Values
}

func TestTheGradientIsTheObjectives(t *testing.T) {
	tab := newTable(60, 3)
	classes := testProblem(t, tab.view(t, model.Classification, 3), 0.7)
	values := testProblem(t, tab.view(t, model.Regression, 0), 0.7)
	values.absolute = true
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom([]*problem{classes, values}).Draw(t, "problem")
		size := (p.columns + 1) * p.outputs
		w := rapid.SliceOfN(rapid.Float64Range(-1, 1), size, size).Draw(t, "weights")
		i := rapid.IntRange(0, size-1).Draw(t, "which")
		g, other := make([]float64, size), make([]float64, size)
		p.evaluate(w, g)
		const h = 1e-5
		w[i] += h
		above := p.evaluate(w, other)
		w[i] -= 2 * h
		below := p.evaluate(w, other)
		if numeric := (above - below) / (2 * h); numeric-g[i] > 1e-4 || g[i]-numeric > 1e-4 {
			t.Fatalf("derivative %d: %g, by differences %g", i, g[i], numeric)
		}
	})
}

// TestThreadsChangeNoBits: the rows fall into the same parts for any number of threads.
func TestThreadsChangeNoBits(t *testing.T) {
	r := request(3000, 4, 5, 3)
	var want solution
	for threads := range 4 {
		r.Threads = threads
		p, err := newProblem(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.solve(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.pieces) < 3 {
			t.Fatalf("%d parts", len(p.pieces))
		}
		if threads == 0 {
			want = got
		} else if !slices.Equal(got.weights, want.weights) || !slices.Equal(got.bias, want.bias) {
			t.Errorf("%d threads find another solution", threads)
		}
	}
}
