package trees

import (
	"math"
	"slices"
	"testing"

	"tuned/trainer/model"
	"tuned/trainer/nn"
	"tuned/trainer/nn/session"
)

// network is a small one for the view.
func network(t *testing.T, v model.View) session.Program {
	t.Helper()
	g := nn.New()
	g.Optimizer(nn.Optimizer{Averages: []float64{0.9}})
	x := g.Dense(g.Concat(g.Numeric(2), g.Embed(g.Codes([]int{5}), 2, "")), 8, nn.Dense{Bias: true, Activation: nn.ReLU})
	if v.Task == model.Regression {
		g.MSE(g.Dense(x, 1, nn.Dense{Bias: true}))
	} else {
		g.CrossEntropy(g.Dense(x, v.Classes, nn.Dense{Bias: true}), nn.Loss{})
	}
	p, err := nn.Compile(g, nn.Config{MaxBatch: 64, Threads: 1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

var (
	few   = Config{Rounds: 20, Depth: 3, Bins: 32, L2: 1, MinWeight: 1}
	round = model.Step{LR: 0.3, Dropout: 0.3}
	adam  = model.Step{LR: 1e-2, Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8}
)

func beside(t *testing.T, v model.View, d nn.Data) *Beside {
	t.Helper()
	b, err := NewBeside(network(t, v), v, few, round, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Bind(d); err != nil {
		t.Fatal(err)
	}
	return b
}

// steps trains on batches of the first rows.
func steps(p session.Program, from, to int) {
	for i := from; i < to; i++ {
		at := i * 16 % 128
		p.Step(upTo(200)[at:at+16], adam)
	}
}

func TestTreesHaveASayOnceTheyHaveGrown(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			v, d := table(250, kind.task, kind.classes)
			b, alone := beside(t, v, d), network(t, v)
			if err := alone.Bind(d); err != nil {
				t.Fatal(err)
			}
			for _, p := range []session.Program{b, alone} {
				if err := p.Init(upTo(200)); err != nil {
					t.Fatal(err)
				}
			}
			held := upTo(250)[200:]
			got, want := make([]float32, 50*b.Outputs()), make([]float32, 50*b.Outputs())
			compare := func() (same bool) {
				b.Forward(held, got)
				alone.Forward(held, want)
				for i := range got {
					if got[i] != want[i] {
						return false
					}
				}
				return true
			}
			steps(b, 0, besideAfterFew)
			steps(alone, 0, besideAfterFew)
			if !compare() {
				t.Fatal("trees speak in a short training")
			}
			steps(b, besideAfterFew, besideAfterFew+3)
			steps(alone, besideAfterFew, besideAfterFew+3)
			if compare() {
				t.Fatal("trees that have grown are silent")
			}
			trees := make([]float32, 50*b.forest.Outputs())
			loss := b.Forward(held, got)
			b.forest.Forward(held, trees)
			sum := 0.0
			for i, p := range got {
				row, output := i/b.Outputs(), i%b.Outputs()
				mean := (want[i] + b.forest.Predicted(trees, row, output, b.Outputs())) / 2
				if math.Abs(float64(p-mean)) > 1e-6 {
					t.Fatalf("prediction %d is %v, where the mean of both is %v", i, p, mean)
				}
				if kind.task == model.Regression {
					sum += math.Pow(float64(p-d.Values[held[row]]), 2) / 50
				} else if int(d.Labels[held[row]]) == output {
					sum -= math.Log(float64(p)) / 50
				}
			}
			if math.Abs(sum-loss) > 1e-5 {
				t.Errorf("the loss is %v, of its predictions %v", loss, sum)
			}
		})
	}
}

// TestAskedAgain: what the trees said of rows is said again, and forgotten once others stand in the tensors or the rows change.
func TestAskedAgain(t *testing.T) {
	v, d := table(250, model.Classification, 3)
	b := beside(t, v, d)
	if err := b.Init(upTo(200)); err != nil {
		t.Fatal(err)
	}
	steps(b, 0, besideAfterFew+5)
	predict := func(rows []int32) []float32 {
		out := make([]float32, len(rows)*b.Outputs())
		b.Forward(rows, out)
		return out
	}
	some, all := predict(upTo(100)), predict(upTo(250))
	if !slices.Equal(all[:len(some)], some) || !slices.Equal(predict(upTo(250)), all) {
		t.Error("the same rows are predicted otherwise when they are asked about again")
	}
	leaf := b.forest.leaf
	first := leaf[0]
	leaf[0] = first + 3
	if slices.Equal(predict(upTo(250)), all) {
		t.Error("other trees say the same")
	}
	leaf[0] = first
	if !slices.Equal(predict(upTo(250)), all) {
		t.Error("the first trees no longer say what they said")
	}
	other := d
	other.Numeric = slices.Clone(d.Numeric)
	slices.Reverse(other.Numeric)
	if err := b.Bind(other); err != nil {
		t.Fatal(err)
	}
	fresh := predict(upTo(250))
	b.told.forget()
	if slices.Equal(fresh, all) || !slices.Equal(predict(upTo(250)), fresh) {
		t.Error("what was said of other rows is said again")
	}
}

// TestGrowingOnBeside: tensors written into a fresh one, as by a checkpoint in the middle of the growth, lead to the same bits.
func TestGrowingOnBeside(t *testing.T) {
	v, d := table(650, model.Classification, 3)
	whole, other := beside(t, v, d), beside(t, v, d)
	if err := whole.Init(upTo(600)); err != nil {
		t.Fatal(err)
	}
	steps(whole, 0, besideAfter+1)
	if whole.grown() || whole.forest.grown[0] == 0 {
		t.Fatalf("%v rounds have grown", whole.forest.grown[0])
	}
	for i, tensor := range whole.State() {
		copy(other.State()[i].Data, tensor.Data)
	}
	other.SetStepCount(whole.StepCount())
	steps(whole, besideAfter+1, besideAfter+5)
	steps(other, besideAfter+1, besideAfter+5)
	if !whole.grown() {
		t.Fatal("it has not grown")
	}
	sameBits(t, other.State(), whole.State())
}

// TestTensorsBeside: a session finds those of parameters and averages in the state, and groups add up.
func TestTensorsBeside(t *testing.T) {
	v, d := table(100, model.Regression, 0)
	b := beside(t, v, d)
	in := map[*float32]bool{}
	for _, s := range b.State() {
		in[&s.Data[0]] = true
	}
	for _, tensors := range [][]nn.Tensor{b.Parameters(), b.Average(0.9)} {
		for _, tensor := range tensors {
			if !in[&tensor.Data[0]] {
				t.Errorf("%s is not in the state", tensor.Name)
			}
		}
	}
	if len(b.Average(0.9)) != len(b.Parameters()) {
		t.Errorf("%d tensors in an average, %d parameters", len(b.Average(0.9)), len(b.Parameters()))
	}
	count, grouped := int64(0), int64(0)
	for _, tensor := range b.Parameters() {
		count += int64(len(tensor.Data))
	}
	for _, g := range b.Facts().Groups {
		grouped += g.Parameters
	}
	if f := b.Facts(); f.Parameters != count || grouped != count {
		t.Errorf("%d numbers, %d by its facts, %d by their groups", count, f.Parameters, grouped)
	}
}

func TestSharesOfOneAlone(t *testing.T) {
	v, _ := table(100, model.Regression, 0)
	for _, share := range []float64{0, 1, math.NaN()} {
		if _, err := NewBeside(network(t, v), v, few, round, share); err == nil {
			t.Errorf("a share of %v is taken", share)
		}
	}
}
