package plugins

import (
	"context"
	"errors"
	"strings"
	"testing"

	"tuned/trainer/model"
	"tuned/trainer/model/modeltest"
	"tuned/trainer/nn"
	nnsession "tuned/trainer/nn/session"
)

// tiny is a small net with a setting of each type.
func tiny() Architecture {
	return Architecture{
		Manifest: model.Manifest{
			Name: "tiny", Version: "1.0.0", Summary: "One hidden layer.",
			Tasks:  []model.Task{model.Classification, model.Regression},
			Inputs: []model.Kind{model.Numeric, model.Categorical},
			Settings: []model.Setting{
				{Name: "tiny.width", Type: model.Int, Min: 1, Max: 64},
				{Name: "tiny.scale", Type: model.Float, Min: 0, Max: 2},
				{Name: "tiny.bias", Type: model.Bool},
				{Name: "tiny.activation", Type: model.Choice, Choices: []string{"relu", "tanh"}},
			},
		},
		Build: func(g *nn.Graph, v model.View, s model.Settings) error {
			h := g.Dense(Inputs(g, v, 2), Int(s, "tiny.width"), nn.Dense{
				Bias: Bool(s, "tiny.bias"), Activation: nn.Activation(Choice(s, "tiny.activation")),
			})
			g.Group("head", Float(s, "tiny.scale"), 1)
			Head(g, v, h, nn.Dense{Bias: true, Groups: nn.Groups{Weight: "head"}})
			return nil
		},
	}
}

func settings() model.Settings {
	return model.Settings{
		"tiny.width": int64(8), "tiny.scale": int64(1), "tiny.bias": true, "tiny.activation": "relu",
		"optimizer": "adamw", "averages": "0.9, 0.99", "lr": 0.1,
	}
}

// writeTable writes a view of 40 rows: x in two columns, a code, and whether x0 > x1 as the class, or x0 - x1.
func writeTable(t *testing.T, task model.Task) string {
	t.Helper()
	const n = 40
	dir := t.TempDir()
	x, c, label, value := make([]float32, 2*n), make([]int32, n), make([]int32, n), make([]float32, n)
	for i := range n {
		x[2*i], x[2*i+1] = float32(i%7)-3, float32(i%5)-2
		c[i], value[i] = int32(i%3), x[2*i]-x[2*i+1]
		if value[i] > 0 {
			label[i] = 1
		}
	}
	view := model.View{Rows: n, Task: task, Inputs: []model.Input{
		{Kind: model.Numeric, File: "x.npy", Columns: 2, Continuous: 2},
		{Kind: model.Categorical, File: "c.npy", Columns: 1, Cardinalities: []int{3}},
	}, Target: &model.Target{File: "y.npy", Std: 1}}
	arrays := modeltest.Arrays{"x.npy": x, "c.npy": c, "y.npy": value}
	if task == model.Classification {
		view.Classes, arrays["y.npy"] = 2, label
	}
	if err := modeltest.WriteView(dir, view, arrays); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAnArchitectureLearns(t *testing.T) {
	for _, task := range []model.Task{model.Classification, model.Regression} {
		t.Run(string(task), func(t *testing.T) {
			rows := make([]int32, 40)
			for i := range rows {
				rows[i] = int32(i)
			}
			s, err := tiny().Open(t.Context(), model.OpenRequest{
				View: writeTable(t, task), Settings: settings(), Seed: 1, Threads: 1, MaxBatch: 40, InitRows: rows,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			before := evaluate(t, s, model.Raw)
			for range 200 {
				step := model.Step{Rows: rows, LR: 0.01, Beta1: 0.9, Beta2: 0.95, Epsilon: 1e-8}
				if _, err := s.Submit(t.Context(), step).Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if after := evaluate(t, s, model.Raw); after > before/4 {
				t.Errorf("loss %g became %g", before, after)
			}
			if averaged := evaluate(t, s, "average:0.9"); averaged > before/4 {
				t.Errorf("average: loss %g", averaged)
			}
			if n := s.Info().Parameters; n != 3*2+(2+2)*8+8+8*int64(max(1, outputs(task)))+int64(outputs(task)) {
				t.Errorf("%d parameters", n)
			}
		})
	}
}

func outputs(task model.Task) int { return Outputs(model.View{Task: task, Classes: 2}) }

func evaluate(t *testing.T, s model.Session, w model.Weights) float64 {
	t.Helper()
	r, err := s.Submit(t.Context(), model.Evaluate{Weights: []model.Weights{w}}).Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r[0].Loss
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	tests := map[string]struct {
		change func(a *Architecture, s model.Settings)
		want   string
	}{
		"missing":      {func(_ *Architecture, s model.Settings) { delete(s, "tiny.width") }, `setting "tiny.width" is missing`},
		"type":         {func(_ *Architecture, s model.Settings) { s["tiny.width"] = 2.5 }, "want a value of type int"},
		"out of range": {func(_ *Architecture, s model.Settings) { s["tiny.width"] = int64(65) }, "want 1 to 64"},
		"choice":       {func(_ *Architecture, s model.Settings) { s["tiny.activation"] = "sine" }, "want one of relu, tanh"},
		"averages":     {func(_ *Architecture, s model.Settings) { s["averages"] = "often" }, `"often" is no decay`},
		"not declared": {func(a *Architecture, _ model.Settings) {
			a.Manifest.Settings = a.Manifest.Settings[1:]
			a.Manifest.Settings[0].Name = "tiny.other"
		}, "is missing"},
		"task":          {func(a *Architecture, _ model.Settings) { a.Manifest.Tasks = a.Manifest.Tasks[1:] }, "task classification"},
		"kind of input": {func(a *Architecture, _ model.Settings) { a.Manifest.Inputs = a.Manifest.Inputs[:1] }, "an input is categorical"},
		"own error": {func(a *Architecture, _ model.Settings) {
			a.Build = func(*nn.Graph, model.View, model.Settings) error { return errors.New("too deep") }
		}, "too deep"},
		"typing mistake": {func(a *Architecture, _ model.Settings) {
			a.Build = func(_ *nn.Graph, _ model.View, s model.Settings) error { Int(s, "tiny.wdith"); return nil }
		}, `setting "tiny.wdith"`},
		"typing mistake in a program": {func(a *Architecture, _ model.Settings) {
			a.Build, a.Program = nil, func(_ model.View, r model.OpenRequest) (nnsession.Program, error) {
				Int(r.Settings, "tiny.wdith")
				return nil, nil
			}
		}, `setting "tiny.wdith"`},
		"own error beside": {func(a *Architecture, _ model.Settings) {
			a.Wrap = func(nnsession.Program, model.View, model.OpenRequest) (nnsession.Program, error) {
				return nil, errors.New("too wide")
			}
		}, "too wide"},
	}
	view := writeTable(t, model.Classification)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a, s := tiny(), settings()
			test.change(&a, s)
			_, err := a.Open(t.Context(), model.OpenRequest{View: view, Settings: s, Threads: 1, MaxBatch: 8})
			if !errors.Is(err, model.ErrInvalid) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// TestAbsentSettings: a plan from before a setting was declared goes on to serve where the declaration says what it meant.
func TestAbsentSettings(t *testing.T) {
	a, s := tiny(), settings()
	a.Manifest.Settings[0].Absent = int64(8)
	delete(s, "tiny.width")
	session, err := a.Open(t.Context(), model.OpenRequest{View: writeTable(t, model.Classification), Settings: s, Threads: 1, MaxBatch: 8})
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Close(); err != nil {
		t.Error(err)
	}
	a.Manifest.Settings[0].Absent = int64(65)
	if err := checkManifest(a.Manifest); err == nil || !strings.Contains(err.Error(), "where it is absent, 65 (int64): want 1 to 64") {
		t.Errorf("manifest: %v", err)
	}
}

func TestDescribeFillsInTheRest(t *testing.T) {
	m, err := tiny().Describe(context.Background())
	if err != nil || m.Protocol != ProtocolVersion || !m.Averages {
		t.Errorf("got %+v, %v", m, err)
	}
	if _, err := (Architecture{Manifest: m}).Describe(context.Background()); err == nil {
		t.Error("an architecture without Build was accepted")
	}
	both := tiny()
	both.Program = func(model.View, model.OpenRequest) (nnsession.Program, error) { return nil, nil }
	if _, err := both.Describe(context.Background()); err == nil {
		t.Error("an architecture with a Build and a Program was accepted")
	}
	both.Build = nil
	if m, err := both.Describe(context.Background()); err != nil || m.Averages {
		t.Errorf("a program that no network is: %+v, %v", m, err)
	}
}
