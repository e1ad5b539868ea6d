package trees

import (
	"errors"
	"math"
	"testing"

	"tuned/trainer/model"
)

func TestAForestLearnsSteps(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			v, d := table(1000, kind.task, kind.classes)
			f, rows := grown(t, v, d, usual, 0)
			held := upTo(v.Rows)[len(rows):]
			out := make([]float32, len(held)*f.Outputs())
			guess := f.Forward(held, out)
			for range usual.Rounds {
				f.Step(rows, model.Step{LR: 0.3})
			}
			if loss := f.Forward(held, out); loss > 0.1*guess {
				t.Errorf("on rows that it never saw the loss is %.4f, and was %.4f before the first tree", loss, guess)
			}
		})
	}
}

// TestStepsKnowWhatForwardSays: the outputs that are carried from round to round, by bins, are those of the trees by values, for
// rows that were not learned: the categories of those that were are judged by other rows.
func TestStepsKnowWhatForwardSays(t *testing.T) {
	for _, kind := range kinds {
		v, d := table(300, kind.task, kind.classes)
		f, rows := grown(t, v, d, usual, 20)
		held := upTo(v.Rows)[len(rows):]
		measured := f.Step(held, model.Step{NoUpdate: true})
		loss := f.Forward(held, make([]float32, len(held)*f.Outputs()))
		if math.Abs(measured.Loss-loss) > 1e-6*(1+loss) {
			t.Errorf("%s: a step finds a loss of %v, a look one of %v", kind.name, measured.Loss, loss)
		}
	}
}

// TestGrowingOn: a forest whose tensors were written, as a checkpoint does, goes on to the same bits.
func TestGrowingOn(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			v, d := table(400, kind.task, kind.classes)
			step := model.Step{LR: 0.1, Dropout: 0.4}
			whole, rows := grown(t, v, d, usual, 10)
			other, err := New(v, usual)
			if err != nil {
				t.Fatal(err)
			}
			if err := other.Bind(d); err != nil {
				t.Fatal(err)
			}
			for i, tensor := range whole.State() {
				copy(other.State()[i].Data, tensor.Data)
			}
			other.SetStepCount(whole.StepCount())
			for i := range 10 {
				some := rows[i:]
				if a, b := whole.Step(some, step), other.Step(some, step); a.Loss != b.Loss {
					t.Fatalf("round %d: losses %v and %v", i, a.Loss, b.Loss)
				}
			}
			sameBits(t, other.State(), whole.State())
		})
	}
}

// TestGrowIsStep, but for what nobody reads.
func TestGrowIsStep(t *testing.T) {
	for _, kind := range kinds {
		v, d := table(400, kind.task, kind.classes)
		step := model.Step{LR: 0.1, Dropout: 0.4, LabelSmoothing: 0.1}
		a, rows := grown(t, v, d, usual, 0)
		b, _ := grown(t, v, d, usual, 0)
		for range 5 {
			if grow, step := a.Grow(rows, step), b.Step(rows, step); grow != step.FLOPs {
				t.Errorf("%s: growing costs %d, a step %d", kind.name, grow, step.FLOPs)
			}
		}
		sameBits(t, a.State(), b.State())
		for i := range a.leaf {
			a.leaf[i] = float32(math.NaN())
		}
		a.SetStepCount(5)
		if a.Grow(rows, step); a.standing() != 5 {
			t.Errorf("%s: a round grows on predictions that are no numbers", kind.name)
		}
	}
}

// TestTensorsFromAnywhere: a file with a matching checksum may still hold nonsense, which must not end the process.
func TestTensorsFromAnywhere(t *testing.T) {
	v, d := table(100, model.Regression, 0)
	for _, nonsense := range []float32{-1, 3, 1e30, float32(math.Inf(1)), float32(math.NaN())} {
		f, rows := grown(t, v, d, usual, 5)
		for i := range f.feature {
			f.feature[i] = nonsense
		}
		out := make([]float32, len(rows))
		f.Forward(rows, out)
		if math.IsNaN(float64(out[0])) {
			t.Errorf("columns of %v predict %v", nonsense, out[0])
		}
		f.grown[0] = nonsense
		f.SetStepCount(5)
		f.Step(rows, model.Step{LR: 0.1})
		f.Forward(rows, out)
	}
}

func TestAFullForestStaysAsItIs(t *testing.T) {
	v, d := table(100, model.Regression, 0)
	c := usual
	c.Rounds = 5
	f, rows := grown(t, v, d, c, 5)
	before, _ := grown(t, v, d, c, 5)
	f.Step(rows, model.Step{LR: 1})
	sameBits(t, f.State(), before.State())
	if f.StepCount() != 6 {
		t.Errorf("after 6 steps it counts %d", f.StepCount())
	}
}

// TestAStepCostsAtMostWhatTheFactsSay, which know after Init how many bins the columns use.
func TestAStepCostsAtMostWhatTheFactsSay(t *testing.T) {
	for _, kind := range kinds {
		v, d := table(1000, kind.task, kind.classes)
		c := usual
		c.Bins = 256
		f, err := New(v, c)
		if err != nil {
			t.Fatal(err)
		}
		planned := f.Facts().FLOPsStep
		f, rows := grown(t, v, d, c, 0)
		facts := f.Facts()
		if facts.FLOPsStep >= planned {
			t.Errorf("%s: some columns use fewer than %d bins, but a step is still said to cost %d", kind.name, c.Bins, planned)
		}
		most := int64(len(rows))*facts.FLOPsRow + facts.FLOPsStep
		if r := f.Step(rows, model.Step{LR: 0.1}); r.FLOPs > most || r.FLOPs < most/4 {
			t.Errorf("%s: a step cost %d, and was said to cost at most %d", kind.name, r.FLOPs, most)
		}
	}
}

func TestAStepAllocatesNothing(t *testing.T) {
	for _, kind := range kinds {
		v, d := table(500, kind.task, kind.classes)
		f, rows := grown(t, v, d, usual, 1)
		if n := testing.AllocsPerRun(20, func() { f.Step(rows, model.Step{LR: 0.1, Dropout: 0.3}) }); n != 0 {
			t.Errorf("%s: %v allocations a step", kind.name, n)
		}
	}
}

// TestOrderAndRepetitionOfRowsDoNotMatter: a round looks at a set of rows.
func TestOrderAndRepetitionOfRowsDoNotMatter(t *testing.T) {
	v, d := table(200, model.Classification, 3)
	a, rows := grown(t, v, d, usual, 0)
	b, _ := grown(t, v, d, usual, 0)
	turned := []int32{rows[0], rows[0]}
	for i := range rows {
		turned = append(turned, rows[len(rows)-1-i])
	}
	a.Step(rows, model.Step{LR: 0.1})
	b.Step(turned, model.Step{LR: 0.1})
	sameBits(t, b.State(), a.State())
}

func TestPartsShareTheGradient(t *testing.T) {
	v, d := table(100, model.Regression, 0)
	f, rows := grown(t, v, d, usual, 2)
	r := f.Step(rows, model.Step{NoUpdate: true, Parts: 4})
	if len(r.PartNorms) != 4 || math.Abs(r.PartNorms[0]-r.GradNorm*r.GradNorm) > 1e-12 {
		t.Errorf("norms %v of parts of a whole of %v", r.PartNorms, r.GradNorm)
	}
}

func TestWhatNoForestCanBe(t *testing.T) {
	v, d := table(100, model.Regression, 0)
	for _, change := range []func(*Config){
		func(c *Config) { c.Rounds = 0 },
		func(c *Config) { c.Depth = 13 },
		func(c *Config) { c.Bins = 257 },
		func(c *Config) { c.MaxBatch = 0 },
		func(c *Config) { c.L2 = math.NaN() },
		func(c *Config) { c.MinWeight = -1 },
	} {
		c := usual
		if change(&c); c.check() == nil {
			t.Errorf("%+v passes", c)
		}
	}
	tight := usual
	tight.MemoryBytes = 1000
	if _, err := New(v, tight); !errors.Is(err, model.ErrOutOfMemory) {
		t.Errorf("in 1,000 bytes: %v", err)
	}
	for _, inputs := range [][]model.Input{nil, {{Kind: model.Image, Height: 2, Width: 2, Channels: 1}}} {
		if _, err := New(model.View{Rows: 3, Task: model.Regression, Inputs: inputs}, usual); err == nil {
			t.Errorf("trees on %v", inputs)
		}
	}
	f, err := New(v, usual)
	if err != nil {
		t.Fatal(err)
	}
	d.Numeric = d.Numeric[1:]
	if f.Bind(d) == nil {
		t.Error("arrays of another size are taken")
	}
	d.Numeric, d.Values = make([]float32, 200), nil
	if err := f.Bind(d); err != nil {
		t.Fatal(err)
	}
	if f.Init(upTo(10)) == nil {
		t.Error("a forest begins without a target")
	}
}
