package session_test

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"tuned/trainer/model"
	"tuned/trainer/model/modeltest"
	"tuned/trainer/nn"
	"tuned/trainer/nn/session"
)

const rows = 96

// writeView writes a view of two numbers and a category that tell three classes apart.
func writeView(t testing.TB) string {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 4))
	x, c, y := make([]float32, 2*rows), make([]int32, rows), make([]int32, rows)
	for i := range rows {
		x[2*i], x[2*i+1], c[i] = float32(r.NormFloat64()), float32(r.NormFloat64()), r.Int32N(4)
		y[i] = int32(math.Min(2, math.Abs(float64(x[2*i]-x[2*i+1]))))
	}
	dir := t.TempDir()
	view := model.View{
		Rows: rows, Task: model.Classification, Classes: 3, Target: &model.Target{File: "y.npy"},
		Inputs: []model.Input{
			{Kind: model.Numeric, File: "x.npy", Columns: 2, Continuous: 2},
			{Kind: model.Categorical, File: "c.npy", Columns: 1, Cardinalities: []int{4}},
		},
	}
	if err := modeltest.WriteView(dir, view, modeltest.Arrays{"x.npy": x, "c.npy": c, "y.npy": y}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// build is a network with everything that has a state: averages, dropout, batch norm.
func build(g *nn.Graph, v model.View) error {
	g.Optimizer(nn.Optimizer{Averages: []float64{0.9, 0.99}})
	x := g.Concat(g.Numeric(2), g.Embed(g.Codes([]int{4}), 3, ""))
	h := g.Dense(x, 24, nn.Dense{Name: "hidden", NTK: true, Bias: true, Activation: nn.Mish, Parametric: true, Dropout: true, Init: nn.InitData})
	h = g.BatchNorm(h, "norm")
	g.CrossEntropy(g.Dense(h, v.Classes, nn.Dense{Name: "output", Bias: true}), nn.Loss{})
	return nil
}

// openNetwork opens a session of the network that build makes.
func openNetwork(t testing.TB, req model.OpenRequest) (*session.Session, error) {
	t.Helper()
	return session.OpenProgram(t.Context(), req, func(v model.View, memory int64) (session.Program, error) {
		return session.Compile(req, v, memory, build)
	}, nil)
}

func open(t testing.TB, view string, threads int) *session.Session {
	t.Helper()
	s, err := openNetwork(t, model.OpenRequest{View: view, Seed: 7, Threads: threads, MaxBatch: 32, InitRows: upTo(64)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func upTo(n int) []int32 {
	r := make([]int32, n)
	for i := range r {
		r[i] = int32(i)
	}
	return r
}

// steps are n steps that begin at a position of the run.
func steps(from, n int) []model.Op {
	var ops []model.Op
	for i := range n {
		first := (from + i) * 32 % rows
		ops = append(ops, model.Step{
			Rows: upTo(rows)[first : first+32], LR: 0.02, WeightDecay: 0.01, Beta1: 0.9, Beta2: 0.95, Epsilon: 1e-8,
			Dropout: 0.2, LabelSmoothing: 0.1, ClipNorm: 1,
		})
	}
	return ops
}

func submit(t testing.TB, s *session.Session, ops ...model.Op) []model.Result {
	t.Helper()
	r, err := s.Submit(t.Context(), ops...).Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// hash is the sha256 of a session's whole state.
func hash(t testing.TB, s *session.Session) string {
	t.Helper()
	f, err := s.Save(t.Context(), filepath.Join(t.TempDir(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	return f.SHA256
}

func TestSaveLoadAndUseGiveTheSameBits(t *testing.T) {
	view := writeView(t)
	for _, threads := range []int{1, 2} {
		straight := open(t, view, threads)
		submit(t, straight, steps(0, 20)...)
		want := hash(t, straight)

		detour := open(t, view, threads)
		submit(t, detour, steps(0, 9)...)
		submit(t, detour, model.Keep{Name: "before"})
		submit(t, detour, steps(50, 7)...)
		submit(t, detour, model.Evaluate{Weights: []model.Weights{"raw", "average:0.9", "kept:before/average:0.99"}, Recalibrate: upTo(64)})
		submit(t, detour, model.Use{Name: "before", Drop: true})
		file, err := detour.Save(t.Context(), filepath.Join(t.TempDir(), "state"))
		if err != nil {
			t.Fatal(err)
		}
		resumed := open(t, view, threads)
		submit(t, resumed, steps(3, 5)...)
		if err := resumed.Load(t.Context(), file); err != nil {
			t.Fatal(err)
		}
		for name, s := range map[string]*session.Session{"after keep and use": detour, "after load": resumed} {
			submit(t, s, steps(9, 11)...)
			if got := hash(t, s); got != want {
				t.Errorf("%d threads, %s: state %.8s, want %.8s", threads, name, got, want)
			}
		}
	}
}

func TestAnExportPredictsTheSameBits(t *testing.T) {
	view := writeView(t)
	trained := open(t, view, 2)
	submit(t, trained, steps(0, 10)...)
	submit(t, trained, model.Keep{Name: "cycle"})
	submit(t, trained, steps(10, 10)...)
	members := []model.Weights{"raw", "kept:cycle/average:0.9", "average:0.99"}
	want := predict(t, trained, model.Evaluate{Weights: members, Recalibrate: upTo(64)})
	file, err := trained.Export(t.Context(), filepath.Join(t.TempDir(), "model"), members)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := openNetwork(t, model.OpenRequest{View: view, Seed: 99, Threads: 2, MaxBatch: 32})
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	if err := fresh.Load(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if got := predict(t, fresh, model.Evaluate{Weights: members}); !bytes.Equal(got, want) {
		t.Error("an exported model predicts otherwise")
	}
}

func predict(t *testing.T, s *session.Session, e model.Evaluate) []byte {
	t.Helper()
	e.Out = filepath.Join(t.TempDir(), "out.npy")
	submit(t, s, e)
	out, err := os.ReadFile(e.Out)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRecalibrationIsDoneOnce(t *testing.T) {
	s := open(t, writeView(t), 1)
	submit(t, s, steps(0, 3)...)
	e := model.Evaluate{Rows: upTo(8), Weights: []model.Weights{"average:0.9"}, Recalibrate: upTo(64)}
	first, second := submit(t, s, e)[0], submit(t, s, e)[0]
	if first.FLOPs <= second.FLOPs || first.Loss != second.Loss {
		t.Errorf("first %+v, then %+v", first, second)
	}
}

func TestAHugeBatchIsRefusedBeforeItsMemoryIsAskedFor(t *testing.T) {
	_, err := openNetwork(t, model.OpenRequest{
		View: writeView(t), Threads: 1, MaxBatch: 1 << 40, MemoryBytes: 1 << 30, InitRows: upTo(64),
	})
	if !errors.Is(err, model.ErrOutOfMemory) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkStep(b *testing.B) {
	s := open(b, writeView(b), 1)
	op := steps(0, 1)[0]
	for b.Loop() {
		submit(b, s, op)
	}
}
