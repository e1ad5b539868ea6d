package mlp

import (
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tuned/trainer/model"
	"tuned/trainer/model/modeltest"
	"tuned/trainer/npy"
)

const testRows = 64

// writeView writes a made-up table: two numbers, two one-hot columns behind them, a category of three codes.
func writeView(t testing.TB, task model.Task, kinds ...model.Kind) string {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	dir := t.TempDir()
	x, c, label, value := make([]float32, 4*testRows), make([]int32, testRows), make([]int32, testRows), make([]float32, testRows)
	for i := range testRows {
		a, b, hot := r.NormFloat64(), r.NormFloat64(), r.IntN(2)
		x[4*i], x[4*i+1], x[4*i+2+hot] = float32(a), float32(b), 1
		c[i] = r.Int32N(3)
		value[i] = float32(math.Sin(2*a) + b*float64(c[i]) - float64(hot))
		label[i] = int32(min(max(value[i]+1, 0), 2))
	}
	view := model.View{Rows: testRows, Task: task, Target: &model.Target{File: "y.npy", Std: 1}}
	if slices.Contains(kinds, model.Numeric) {
		view.Inputs = append(view.Inputs, model.Input{Kind: model.Numeric, File: "x.npy", Columns: 4, Continuous: 2})
	}
	if slices.Contains(kinds, model.Categorical) {
		view.Inputs = append(view.Inputs, model.Input{Kind: model.Categorical, File: "c.npy", Columns: 1, Cardinalities: []int{3}})
	}
	arrays := modeltest.Arrays{"x.npy": x, "c.npy": c, "y.npy": value}
	if task == model.Classification {
		view.Classes, arrays["y.npy"] = 3, label
	}
	if err := modeltest.WriteView(dir, view, arrays); err != nil {
		t.Fatal(err)
	}
	return dir
}

// defaults are the settings that the architecture's rules choose for classes, narrower.
func defaults() model.Settings {
	return model.Settings{
		"mlp.members": int64(1), "mlp.width": int64(32), "mlp.depth": int64(3), "mlp.activation": "selu", "mlp.parametric_activation": true,
		"mlp.components": int64(2), "mlp.embedding": "pbld", "mlp.frequencies": int64(16), "mlp.embedding_size": int64(4), "mlp.sigma": 0.1,
		"mlp.category_size": int64(8), "mlp.front_scale": true, "mlp.scale_lr_factor": 6.0, "mlp.bias_lr_factor": 0.1,
		"mlp.embedding_lr_factor": 0.1, "mlp.activation_lr_factor": 0.1, "optimizer": "adamw",
		"mlp.trees": int64(0), "mlp.trees_depth": int64(6), "mlp.trees_share": 0.0, "mlp.trees_rate": 0.05,
		"mlp.trees_columns": 0.2, "mlp.trees_bins": int64(255), "mlp.trees_l2": 1.0, "mlp.trees_min_weight": 0.0, "mlp.precision": "fp32", "mlp.loss": "squared",
	}
}

func rows() []int32 {
	r := make([]int32, testRows)
	for i := range r {
		r[i] = int32(i)
	}
	return r
}

func open(t testing.TB, view string, s model.Settings) model.Session {
	t.Helper()
	session, err := Architecture().Open(t.Context(), model.OpenRequest{
		View: view, Settings: s, Seed: 1, Threads: 1, MaxBatch: testRows, InitRows: rows(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

func loss(t *testing.T, s model.Session) float64 {
	t.Helper()
	r, err := s.Submit(t.Context(), model.Evaluate{}).Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r[0].Loss
}

func TestOneBatchIsLearntByHeart(t *testing.T) {
	for name, change := range map[string]func(s model.Settings){
		"pbld": func(model.Settings) {},
		"ple":  func(s model.Settings) { s["mlp.embedding"] = "ple" },
		"plain": func(s model.Settings) {
			s["mlp.embedding"], s["mlp.front_scale"], s["mlp.parametric_activation"] = "none", false, false
		},
	} {
		for _, task := range []model.Task{model.Classification, model.Regression} {
			t.Run(name+" "+string(task), func(t *testing.T) {
				settings := defaults()
				change(settings)
				s := open(t, writeView(t, task, model.Numeric, model.Categorical), settings)
				for range 200 {
					step := model.Step{Rows: rows(), LR: 0.02, Beta1: 0.9, Beta2: 0.95, Epsilon: 1e-8}
					if _, err := s.Submit(t.Context(), step).Wait(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				if after := loss(t, s); after > 0.02 {
					t.Errorf("loss %g after 200 steps on 64 rows", after)
				}
			})
		}
	}
}

func TestOutputsBeginAtUnitScale(t *testing.T) {
	s := open(t, writeView(t, model.Regression, model.Numeric, model.Categorical), defaults())
	out := filepath.Join(t.TempDir(), "out.npy")
	if _, err := s.Submit(t.Context(), model.Evaluate{Out: out}).Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	a, err := npy.Map[float32](out)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	mean, variance := 0.0, 0.0
	for _, v := range a.Values {
		mean += float64(v) / testRows
	}
	for _, v := range a.Values {
		variance += math.Pow(float64(v)-mean, 2) / testRows
	}
	if math.Abs(variance-1) > 0.01 {
		t.Errorf("outputs have variance %g on the rows of initialisation, want 1", variance)
	}
}

func TestGroupsHaveTheirFactors(t *testing.T) {
	s := open(t, writeView(t, model.Classification, model.Numeric, model.Categorical), defaults())
	const width, inputs = 32, 2*4 + 2*4 + 2 + 8 // numbers, components, one-hot columns, categories
	want := map[string]model.Group{
		"":              {Parameters: 3*8 + inputs*width + 2*width*width + width*3, LRFactor: 1, DecayFactor: 1},
		groupScale:      {Parameters: inputs, LRFactor: 6, DecayFactor: 1},
		groupBias:       {Parameters: 3*width + 3, LRFactor: 0.1, DecayFactor: 0},
		groupActivation: {Parameters: 3 * width, LRFactor: 0.1, DecayFactor: 1},
		groupEmbedding:  {Parameters: (2 + 2) * (16 + 16 + 16*3 + 3), LRFactor: 0.1, DecayFactor: 1},
	}
	for _, g := range s.Info().Groups {
		name := g.Name
		g.Name = ""
		if g != want[name] {
			t.Errorf("group %q: got %+v, want %+v", name, g, want[name])
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("missing groups: %v", want)
	}
}

// The loss of a network and of the trees beside it is the absolute one where a rule says so. It is concave in the squared error
// from some size on, so that its mean is at most that of the root of the mean square.
func TestTheAbsoluteLoss(t *testing.T) {
	settings := defaults()
	settings["mlp.loss"], settings["mlp.trees"], settings["mlp.trees_share"] = "absolute", int64(40), 0.5
	view := writeView(t, model.Regression, model.Numeric, model.Categorical)
	s := open(t, view, settings)
	before, squared := loss(t, s), loss(t, open(t, view, defaults()))
	if most, _ := model.AbsoluteLoss(math.Sqrt(squared)); before <= 0 || before > most {
		t.Errorf("an absolute loss of %g at the start, where the squared one is %g", before, squared)
	}
	for range 340 {
		if _, err := s.Submit(t.Context(), model.Step{Rows: rows(), LR: 1e-4, Beta1: 0.9, Beta2: 0.95, Epsilon: 1e-8}).Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if after := loss(t, s); after > 0.9*before {
		t.Errorf("a network that hardly moves has a loss of %g, with trees of %g", before, after)
	}
}

// TestTreesWithoutAShare: a share of 0 is in the setting's range, and was an error when the model was opened.
func TestTreesWithoutAShare(t *testing.T) {
	settings := defaults()
	view := writeView(t, model.Regression, model.Numeric, model.Categorical)
	want := loss(t, open(t, view, settings))
	settings["mlp.trees"], settings["mlp.trees_share"] = int64(40), 0.0
	if got := loss(t, open(t, view, settings)); got != want {
		t.Errorf("a loss of %v, of the network alone %v", got, want)
	}
}

// TestTreesBesideTheNetwork: once they have grown they lower the loss, and a file brings them back.
func TestTreesBesideTheNetwork(t *testing.T) {
	settings := defaults()
	settings["averages"], settings["mlp.trees"], settings["mlp.trees_share"] = "0.9", int64(40), 0.5
	view := writeView(t, model.Regression, model.Numeric, model.Categorical)
	s, other := open(t, view, settings), open(t, view, settings)
	for range 340 {
		if _, err := s.Submit(t.Context(), model.Step{Rows: rows(), LR: 1e-4, Beta1: 0.9, Beta2: 0.95, Epsilon: 1e-8}).Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if before, after := loss(t, other), loss(t, s); after > 0.7*before {
		t.Errorf("a network that hardly moves has a loss of %g, with trees of %g", before, after)
	}
	members := []model.Weights{model.Raw, "average:0.9"}
	f, err := s.Export(t.Context(), filepath.Join(t.TempDir(), "model"), members)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Load(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	for _, w := range members {
		a, errA := s.Submit(t.Context(), model.Evaluate{Weights: []model.Weights{w}}).Wait(t.Context())
		b, errB := other.Submit(t.Context(), model.Evaluate{Weights: []model.Weights{w}}).Wait(t.Context())
		if err := errors.Join(errA, errB); err != nil || a[0].Loss != b[0].Loss {
			t.Errorf("%s: a loss of %v, loaded %v (%v)", w, a, b, err)
		}
	}
}

func TestEveryKindOfInputAlone(t *testing.T) {
	for _, kind := range []model.Kind{model.Numeric, model.Categorical} {
		s := open(t, writeView(t, model.Classification, kind), defaults())
		if l := loss(t, s); math.IsNaN(l) || l > 10 {
			t.Errorf("%s alone: loss %g at the start", kind, l)
		}
	}
	_, err := Architecture().Open(t.Context(), model.OpenRequest{View: writeView(t, model.Regression), Settings: defaults(), Threads: 1, MaxBatch: 8})
	if !errors.Is(err, model.ErrInvalid) {
		t.Errorf("no inputs: %v", err)
	}
}

func TestTheManifestIsSound(t *testing.T) {
	m, err := Architecture().Describe(t.Context())
	if err != nil || m.Rules == "" {
		t.Errorf("got %v, rules of %d bytes", err, len(m.Rules))
	}
	for _, s := range m.Settings {
		if _, ok := defaults()[s.Name]; !ok || s.Help == "" {
			t.Errorf("setting %s has no default here, or no help", s.Name)
		}
	}
}

func TestEdges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 512).Draw(t, "bins")
		transform := rapid.SampledFrom([]string{"robust-smooth-clip", "robust-log-tails", "standard", "quantile", ""}).Draw(t, "transform")
		bound := map[string]float32{"robust-smooth-clip": 3, "robust-log-tails": 8}[transform]
		if bound == 0 {
			bound = 4
		}
		e := edges(n, transform)
		if len(e) != n+1 || e[0] != -bound || e[n] != bound {
			t.Fatalf("%d edges from %g to %g", len(e), e[0], e[n])
		}
		for i := 1; i <= n; i++ {
			if !(e[i] > e[i-1]) || math.Abs(float64(e[i]+e[n-i])) > 1e-5 {
				t.Fatalf("edge %d of %v", i, e)
			}
		}
	})
}
