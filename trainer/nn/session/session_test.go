package session

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"tuned/trainer/model"
	"tuned/trainer/model/modeltest"
	"tuned/trainer/npy"
)

const testRows = 6

// writeView writes a regression view of testRows rows, x = 0, 1, … and y = 2x.
func writeView(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	x, y := make([]float32, testRows), make([]float32, testRows)
	for i := range x {
		x[i], y[i] = float32(i), float32(2*i)
	}
	write(t, dir, model.View{
		Rows: testRows, Task: model.Regression,
		Inputs: []model.Input{{Kind: model.Numeric, File: "x.npy", Columns: 1, Continuous: 1}},
		Target: &model.Target{File: "y.npy", Std: 1},
	}, modeltest.Arrays{"x.npy": x, "y.npy": y})
	return dir
}

func write(t testing.TB, dir string, v model.View, arrays modeltest.Arrays) {
	t.Helper()
	if err := modeltest.WriteView(dir, v, arrays); err != nil {
		t.Fatal(err)
	}
}

// open starts a session over a fake program.
func open(t *testing.T, memory int64) (*Session, *fake) {
	t.Helper()
	return openWith(t, model.OpenRequest{MaxBatch: 4, MemoryBytes: memory})
}

func openWith(t *testing.T, req model.OpenRequest) (*Session, *fake) {
	t.Helper()
	view, err := OpenView(writeView(t))
	if err != nil {
		t.Fatal(err)
	}
	p := newFake()
	s, err := start(t.Context(), req, p, view, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, p
}

func submit(t *testing.T, s *Session, ops ...model.Op) []model.Result {
	t.Helper()
	r, err := s.Submit(t.Context(), ops...).Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func stepBy(lr float64) model.Step { return model.Step{Rows: []int32{0, 1}, LR: lr} }

// predict returns the outputs of an evaluation on every row.
func predict(t *testing.T, s *Session, weights ...model.Weights) []float32 {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out.npy")
	r := submit(t, s, model.Evaluate{Weights: weights, Out: path})
	if r[0].Path != path {
		t.Errorf("path %q, want %q", r[0].Path, path)
	}
	a, err := npy.Map[float32](path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if !slices.Equal(a.Shape, []int{testRows, 1}) {
		t.Errorf("shape %v", a.Shape)
	}
	return slices.Clone(a.Values)
}

func TestOperationsRunInOrder(t *testing.T) {
	s, p := open(t, 0)
	first := s.Submit(t.Context(), stepBy(1), stepBy(2))
	second := s.Submit(t.Context(), stepBy(4))
	if _, err := second.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	results, err := first.Wait(t.Context())
	if err != nil || len(results) != 2 || results[0].FLOPs != 7 {
		t.Errorf("got %v, %v", results, err)
	}
	if p.weights[0] != 8 || p.steps != 3 {
		t.Errorf("weight %g after %d steps", p.weights[0], p.steps)
	}
}

func TestAFailureKeepsTheResultsBeforeIt(t *testing.T) {
	s, p := open(t, 0)
	r, err := s.Submit(t.Context(), stepBy(1), model.Use{Name: "nothing"}, stepBy(1)).Wait(t.Context())
	if !errors.Is(err, model.ErrInvalid) || len(r) != 1 || p.steps != 1 {
		t.Errorf("got %v, %v after %d steps", r, err, p.steps)
	}
}

func TestCancelledOperationsAreDropped(t *testing.T) {
	s, p := open(t, 0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Submit(ctx, stepBy(1)).Wait(t.Context()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if p.steps != 0 {
		t.Errorf("%d steps ran", p.steps)
	}
}

func TestCloseIsFinal(t *testing.T) {
	s, p := open(t, 0)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Submit(t.Context(), stepBy(1)).Wait(t.Context()); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("got %v", err)
	}
	if !p.closed || p.steps != 0 {
		t.Errorf("closed %v after %d steps", p.closed, p.steps)
	}
}

func TestInvalidOperations(t *testing.T) {
	s, _ := open(t, 0)
	tests := map[string]model.Op{
		"no rows":         model.Step{},
		"too many rows":   model.Step{Rows: []int32{0, 1, 2, 3, 4}},
		"row beyond":      model.Step{Rows: []int32{testRows}},
		"negative row":    model.Step{Rows: []int32{-1}},
		"NaN":             model.Step{Rows: []int32{0}, LR: math.NaN()},
		"dropout":         model.Step{Rows: []int32{0}, Dropout: 1},
		"parts":           model.Step{Rows: []int32{0, 1, 2}, NoUpdate: true, Parts: 2},
		"parts of update": model.Step{Rows: []int32{0, 1}, Parts: 2},
		"evaluate row":    model.Evaluate{Rows: []int32{99}},
		"recalibrate row": model.Evaluate{Recalibrate: []int32{99}},
		"weights":         model.Evaluate{Weights: []model.Weights{"best"}},
		"decay":           model.Evaluate{Weights: []model.Weights{"average:0.9"}},
		"not a decay":     model.Evaluate{Weights: []model.Weights{"average:x"}},
		"not kept":        model.Evaluate{Weights: []model.Weights{"kept:x"}},
		"keep nothing":    model.Keep{},
		"use":             model.Use{Name: "x"},
	}
	for name, op := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := s.Submit(t.Context(), op).Wait(t.Context()); !errors.Is(err, model.ErrInvalid) {
				t.Errorf("got %v, want ErrInvalid", err)
			}
		})
	}
}

func TestEvaluateLeavesTheStateAlone(t *testing.T) {
	s, p := open(t, 0)
	submit(t, s, stepBy(1), model.Keep{Name: "k"}, stepBy(3))
	before := []float32{p.weights[0], p.average[0], p.statistic[0]}
	submit(t, s, model.Evaluate{
		Weights:     []model.Weights{model.Raw, "average:0.5", "kept:k", "kept:k/average:0.5"},
		Recalibrate: []int32{0, 1, 2},
	})
	if after := []float32{p.weights[0], p.average[0], p.statistic[0]}; !slices.Equal(before, after) {
		t.Errorf("state %v became %v", before, after)
	}
}

func TestWeightsByName(t *testing.T) {
	s, _ := open(t, 0)
	submit(t, s, stepBy(1), model.Keep{Name: "a/b"}, stepBy(2)) // w0: 1, 2, 4; average: 1, 1.5, 2.75; w1 is one less
	tests := []struct {
		weights []model.Weights
		want    float32 // at x = 1
	}{
		{nil, 7},
		{[]model.Weights{"raw"}, 7},
		{[]model.Weights{"average:0.5"}, 2.75 + 1.75},
		{[]model.Weights{"kept:a/b"}, 3},
		{[]model.Weights{"kept:a/b/raw"}, 3},
		{[]model.Weights{"kept:a/b/average:0.5"}, 1.5 + 0.5},
		{[]model.Weights{"raw", "kept:a/b"}, 5},
	}
	for _, test := range tests {
		if got := predict(t, s, test.weights...)[1]; got != test.want {
			t.Errorf("%v: got %g, want %g", test.weights, got, test.want)
		}
	}
}

func TestTheLossOfABlendIsOfItsOutputs(t *testing.T) {
	absolute, _ := model.AbsoluteLoss(1)
	for kind, want := range map[model.Loss]float64{model.Squared: 1, model.Absolute: absolute} {
		s, _ := openWith(t, model.OpenRequest{MaxBatch: 4, Settings: model.Settings{"fake" + model.LossSuffix: string(kind)}})
		submit(t, s, model.Keep{Name: "k"}, stepBy(2)) // predictions x and 3x+2, mean 2x+1, target 2x
		r := submit(t, s, model.Evaluate{Weights: []model.Weights{"raw", "kept:k"}})
		if math.Abs(r[0].Loss-want) > 1e-12 || r[0].FLOPs != 2*testRows*2 || !r[0].Finite {
			t.Errorf("%s: got %+v, want a loss of %v", kind, r[0], want)
		}
	}
}

func TestEvaluationGoesInBlocks(t *testing.T) {
	s, p := open(t, 0)
	s.block = newBlock(4, 1)
	if got := predict(t, s, "raw"); !slices.Equal(got, []float32{0, 1, 2, 3, 4, 5}) {
		t.Errorf("got %v", got)
	}
	if !slices.Equal(p.forwardRows, []int{4, 2}) {
		t.Errorf("blocks of %v", p.forwardRows)
	}
}

func TestRecalibratedStatisticsBelongToTheirWeights(t *testing.T) {
	s, _ := open(t, 0)
	submit(t, s, model.Keep{Name: "k"}, stepBy(1))
	recalibrate := model.Evaluate{Weights: []model.Weights{"kept:k", "average:0.5"}, Recalibrate: []int32{0, 1}}
	submit(t, s, recalibrate)
	if got := predict(t, s, "kept:k")[0]; got != -2 {
		t.Errorf("kept: got %g, want its recalibrated mean", got)
	}
	submit(t, s, stepBy(0))
	if got := predict(t, s, "average:0.5")[0]; got != 0.75 { // its bias, 0.25 + 0.5: the statistics went stale with the step
		t.Errorf("average after a step: got %g", got)
	}
	submit(t, s, model.Keep{Name: "k"})
	if got := predict(t, s, "kept:k")[0]; got != 1 {
		t.Errorf("kept anew: got %g", got)
	}
}

func TestKeepAndUseRestoreEverything(t *testing.T) {
	s, p := open(t, 0)
	submit(t, s, stepBy(1), model.Keep{Name: "k"}, stepBy(5), model.Use{Name: "k", Drop: true})
	if p.weights[0] != 2 || p.average[0] != 1.5 || p.steps != 1 {
		t.Errorf("weight %g, average %g, %d steps", p.weights[0], p.average[0], p.steps)
	}
	if _, err := s.Submit(t.Context(), model.Use{Name: "k"}).Wait(t.Context()); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("a dropped snapshot: %v", err)
	}
}

func TestSnapshotsReuseMemory(t *testing.T) {
	s, _ := open(t, 0)
	submit(t, s, model.Keep{Name: "a"}, model.Use{Name: "a", Drop: true})
	used := s.budget.used
	submit(t, s, model.Keep{Name: "b"}, model.Keep{Name: "b"})
	if s.budget.used != used {
		t.Errorf("a dropped snapshot's memory was not used again: %d, %d bytes", used, s.budget.used)
	}
}

func TestMemoryIsRefusedBeforeItIsTaken(t *testing.T) {
	s, _ := open(t, 0)
	need := s.budget.used
	view, err := OpenView(writeView(t))
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	if _, err := start(t.Context(), model.OpenRequest{MaxBatch: 4, MemoryBytes: need - 1}, newFake(), view, nil); !errors.Is(err, model.ErrOutOfMemory) {
		t.Errorf("open: got %v", err)
	}
	tight, _ := open(t, need+s.layout.bytes())
	submit(t, tight, model.Keep{Name: "fits"})
	if _, err := tight.Submit(t.Context(), model.Keep{Name: "does not"}).Wait(t.Context()); !errors.Is(err, model.ErrOutOfMemory) {
		t.Errorf("keep: got %v", err)
	}
}

func TestInitialisation(t *testing.T) {
	view, err := OpenView(writeView(t))
	if err != nil {
		t.Fatal(err)
	}
	p := newFake()
	fit := func(_ context.Context, r FitRequest) (int64, error) {
		r.Parameters[0].Data[0] = 9
		return 100, nil
	}
	s, err := start(t.Context(), model.OpenRequest{MaxBatch: 4, InitRows: []int32{1, 2, 3}}, p, view, fit)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if !slices.Equal(p.average, []float32{9, 3}) || s.Info().InitialFLOPs != 100 {
		t.Errorf("average %v, %d FLOPs", p.average, s.Info().InitialFLOPs)
	}
}
