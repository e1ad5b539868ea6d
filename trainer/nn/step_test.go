package nn

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"tuned/trainer/model"
)

var adamStep = model.Step{LR: 0.02, WeightDecay: 0.1, Beta1: 0.9, Beta2: 0.95, Epsilon: 1e-8}

// twin is an optimizer in float64 as the papers write it, on the parameters before their scale (NTK) is folded in.
type twin struct {
	w, m, v  []float64
	averages map[float64][]float64
	t        float64
}

func (o *twin) adamW(g []float64, lr, decay float64, s model.Step) {
	o.t++
	for i := range o.w {
		o.m[i] = s.Beta1*o.m[i] + (1-s.Beta1)*g[i]
		o.v[i] = s.Beta2*o.v[i] + (1-s.Beta2)*g[i]*g[i]
		m, v := o.m[i]/(1-math.Pow(s.Beta1, o.t)), o.v[i]/(1-math.Pow(s.Beta2, o.t))
		o.w[i] -= lr*m/(math.Sqrt(v)+s.Epsilon) + lr*decay*o.w[i]
	}
	o.average()
}

func (o *twin) nesterov(g []float64, lr, decay float64, s model.Step) {
	o.t++
	for i := range o.w {
		o.m[i] = s.Beta1*o.m[i] + g[i]
		o.w[i] -= lr*(g[i]+s.Beta1*o.m[i]) + lr*decay*o.w[i]
	}
	o.average()
}

// average keeps Σ dᵗ⁻ⁱ wᵢ (1-d); it is divided by 1-dᵗ when compared.
func (o *twin) average() {
	for d, a := range o.averages {
		for i, w := range o.w {
			a[i] = d*a[i] + (1-d)*w
		}
	}
}

// TestOptimizersFollowTwins trains a linear NTK layer on squared error, whose gradient the test computes itself.
func TestOptimizersFollowTwins(t *testing.T) {
	sgd := adamStep
	sgd.LR = 0.005
	eps := adamStep
	eps.Epsilon = 0.3
	for _, c := range []struct {
		name   string
		method Method
		step   model.Step
	}{{"adamw", AdamW, adamStep}, {"adamw with a large epsilon", AdamW, eps}, {"sgd", SGDNesterov, sgd}} {
		t.Run(c.name, func(t *testing.T) { followTwin(t, c.method, c.step) })
	}
}

func followTwin(t *testing.T, method Method, s model.Step) {
	const lrFactor, decayFactor, decay = 3, 0.5, 0.9
	d, g := testData(16, testColumns, 2), New()
	g.Optimizer(Optimizer{Method: method, Averages: []float64{decay}})
	g.Group("w", lrFactor, decayFactor)
	g.MSE(g.Dense(g.Numeric(testColumns), 1, Dense{NTK: true, Init: InitNormal, Groups: Groups{Weight: "w"}}))
	p := mustCompile(t, g, Config{MaxBatch: 16, Threads: 2, Seed: 1}, d)
	scale := 1 / math.Sqrt(testColumns)
	o := &twin{m: make([]float64, testColumns), v: make([]float64, testColumns)}
	o.averages = map[float64][]float64{decay: make([]float64, testColumns)}
	for _, w := range p.Parameters()[0].Data {
		o.w = append(o.w, float64(w)/scale)
	}
	for i := range 200 {
		gradient, norm := squaredGradient(d, o.w, scale)
		r := p.Step(rowsTo(16), s)
		if math.Abs(r.GradNorm-norm) > 1e-3*norm+1e-4 {
			t.Fatalf("step %d: gradient norm %v, twin %v", i, r.GradNorm, norm)
		}
		if method == AdamW {
			o.adamW(gradient, lrFactor*s.LR, decayFactor*s.WeightDecay, s)
		} else {
			o.nesterov(gradient, lrFactor*s.LR, decayFactor*s.WeightDecay, s)
		}
	}
	for i, w := range o.w {
		near(t, fmt.Sprintf("weight %d", i), float64(p.Parameters()[0].Data[i]), w*scale)
		want := o.averages[decay][i] / (1 - math.Pow(decay, o.t)) * scale
		near(t, fmt.Sprintf("average of weight %d", i), float64(p.Average(decay)[0].Data[i]), want)
	}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 2e-4*(1+math.Abs(want)) {
		t.Errorf("%s is %v, twin has %v", what, got, want)
	}
}

// squaredGradient is the gradient of mean (x·w·scale - y)² with respect to w, and its norm.
func squaredGradient(d Data, w []float64, scale float64) (g []float64, norm float64) {
	g = make([]float64, len(w))
	for i := range d.Rows {
		x, e := d.Numeric[i*len(w):(i+1)*len(w)], -float64(d.Values[i])
		for j := range w {
			e += float64(x[j]) * w[j] * scale
		}
		for j := range w {
			g[j] += 2 * e * float64(x[j]) * scale / float64(d.Rows)
		}
	}
	for _, v := range g {
		norm += v * v
	}
	return g, math.Sqrt(norm)
}

func compileMLP(t testing.TB, threads, maxBatch int) *Program {
	g := New()
	realMLP(g)
	g.Optimizer(Optimizer{Averages: []float64{0.9, 0.99}})
	p := mustCompile(t, g, Config{MaxBatch: maxBatch, Threads: threads, Seed: 5}, testData(100, testColumns, 2))
	if err := p.Init(rowsTo(100)); err != nil {
		t.Fatal(err)
	}
	return p
}

// train does n steps on rotating batches and returns the losses.
func train(p *Program, n int) []float64 {
	s := adamStep
	s.Dropout, s.LabelSmoothing, s.ClipNorm = 0.15, 0.1, 0.5
	var losses []float64
	for range n {
		at := int(p.StepCount()) * 7 % 60
		losses = append(losses, p.Step(rowsTo(100)[at:at+33], s).Loss)
	}
	return losses
}

// snapshot copies everything that State promises.
func snapshot(p *Program) (state [][]float32, steps int64) {
	for _, t := range p.State() {
		state = append(state, slices.Clone(t.Data))
	}
	return state, p.StepCount()
}

func restore(p *Program, state [][]float32, steps int64) {
	for i, t := range p.State() {
		copy(t.Data, state[i])
	}
	p.SetStepCount(steps)
}

func TestSameBitsTwice(t *testing.T) {
	for _, threads := range []int{1, 2, 3} {
		a, b := compileMLP(t, threads, 40), compileMLP(t, threads, 40)
		if x, y := train(a, 20), train(b, 20); !slices.Equal(x, y) {
			t.Errorf("%d threads: losses %v and %v", threads, x, y)
		}
		equalStates(t, a, b)
	}
}

func equalStates(t *testing.T, a, b *Program) {
	t.Helper()
	x, y := a.State(), b.State()
	for i := range x {
		if !slices.Equal(x[i].Data, y[i].Data) {
			t.Errorf("%s differs", x[i].Name)
		}
	}
}

func TestSameBitsFromRestoredState(t *testing.T) {
	a, b := compileMLP(t, 2, 40), compileMLP(t, 2, 40)
	train(a, 10)
	state, steps := snapshot(a)
	restore(b, state, steps)
	if x, y := train(a, 10), train(b, 10); !slices.Equal(x, y) {
		t.Errorf("losses %v, restored %v", x, y)
	}
	equalStates(t, a, b)
}

func TestStateNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range compileMLP(t, 1, 40).State() {
		if seen[s.Name] {
			t.Errorf("two tensors are named %q", s.Name)
		}
		seen[s.Name] = true
	}
}

// TestDropoutIgnoresThreads: masks are a function of the position in the batch, so that only summation orders differ.
func TestDropoutIgnoresThreads(t *testing.T) {
	one, three := train(compileMLP(t, 1, 40), 5), train(compileMLP(t, 3, 40), 5)
	for i := range one {
		if math.Abs(one[i]-three[i]) > 1e-5 {
			t.Errorf("step %d: loss %v with one thread, %v with three", i, one[i], three[i])
		}
	}
}

// TestFewerRowsThanThreads: workers without rows add nothing.
func TestFewerRowsThanThreads(t *testing.T) {
	for _, c := range networks {
		losses := func(threads int) (l []float64) {
			g := New()
			c.build(g)
			p := mustCompile(t, g, Config{MaxBatch: 8, Threads: threads, Seed: 3}, testData(20, testColumns, 2))
			s := adamStep
			s.Dropout, s.LabelSmoothing = c.step.Dropout, c.step.LabelSmoothing
			for i := range 4 {
				l = append(l, p.Step(rowsTo(20)[i:i+2], s).Loss)
			}
			return append(l, p.Forward(nil, nil), p.Forward(rowsTo(1), nil))
		}
		one, five := losses(1), losses(5)
		for i := range one {
			if math.Abs(one[i]-five[i]) > 1e-3*(1+math.Abs(one[i])) {
				t.Errorf("%s: loss %d is %v with one thread, %v with five", c.name, i, one[i], five[i])
			}
		}
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	for _, c := range networks {
		g := New()
		c.build(g)
		p := mustCompile(t, g, Config{MaxBatch: 20, Threads: 2, Seed: 3}, testData(20, testColumns, 2))
		rows, out, s := rowsTo(20), make([]float32, 20*p.Outputs()), adamStep
		s.Dropout, s.LabelSmoothing, s.ClipNorm = c.step.Dropout, c.step.LabelSmoothing, 1
		if n := testing.AllocsPerRun(10, func() { p.Step(rows, s) }); n != 0 {
			t.Errorf("%s: a step allocates %v times", c.name, n)
		}
		if n := testing.AllocsPerRun(10, func() { p.Forward(rows, out) }); n != 0 {
			t.Errorf("%s: a forward pass allocates %v times", c.name, n)
		}
	}
}

// TestImagesSameBits: changed images, convolutions, pools and batch norm give the same bits twice and from a restored state.
func TestImagesSameBits(t *testing.T) {
	compile := func() *Program {
		g := New()
		x := g.Conv2D(g.Augment(testPixels(g), Augment{Flip: true, Crop: 1}), 4, Conv{Kernel: 3, Pad: 1})
		x = g.MaxPool(g.Activate(g.BatchNorm(x, ""), ReLU), 2, 2)
		x = g.MaxPool(g.Conv2D(x, 4, Conv{Kernel: 3, Pad: 1, Bias: true, Activation: ReLU}), 2, 2)
		g.CrossEntropy(g.Dense(x, 2, Dense{Bias: true, Dropout: true}), Loss{})
		return mustCompile(t, g, Config{MaxBatch: 40, Threads: 2, Seed: 5}, testData(100, testColumns, 2))
	}
	a, b, c := compile(), compile(), compile()
	train(a, 5)
	state, steps := snapshot(a)
	restore(c, state, steps)
	want := train(a, 5)
	train(b, 5)
	for name, p := range map[string]*Program{"twice": b, "restored": c} {
		if got := train(p, 5); !slices.Equal(got, want) {
			t.Errorf("%s: losses %v, want %v", name, got, want)
		}
		equalStates(t, a, p)
	}
}

func TestNonFiniteStepChangesNothing(t *testing.T) {
	p := compileMLP(t, 2, 40)
	train(p, 3)
	bad := p.data
	bad.Numeric = slices.Clone(bad.Numeric)
	bad.Numeric[3*testColumns+4] = float32(math.NaN())
	if err := p.Bind(bad); err != nil {
		t.Fatal(err)
	}
	before, steps := snapshot(p)
	if r := p.Step(rowsTo(33), adamStep); r.Finite {
		t.Fatalf("a step on a NaN is finite: %+v", r)
	}
	after, stepsAfter := snapshot(p)
	if steps != stepsAfter || !slices.EqualFunc(before, after, slices.Equal) {
		t.Error("a step that is not finite changed the state")
	}
	if r := p.Step(rowsTo(100)[10:40], adamStep); !r.Finite {
		t.Errorf("the step after it is not finite: %+v", r)
	}
}

// TestClipping: with SGD and no momentum the update is lr times the clipped gradient.
func TestClipping(t *testing.T) {
	g := New()
	g.Optimizer(Optimizer{Method: SGDNesterov})
	g.MSE(g.Dense(g.Numeric(testColumns), 1, Dense{}))
	p := mustCompile(t, g, Config{MaxBatch: 16, Threads: 1}, testData(16, testColumns, 2))
	before := slices.Clone(p.weights)
	r := p.Step(rowsTo(16), model.Step{LR: 1, ClipNorm: 0.01})
	if !r.Clipped || r.GradNorm <= 0.01 {
		t.Fatalf("not clipped: %+v", r)
	}
	var moved float64
	for i, w := range p.weights {
		moved += math.Pow(float64(w-before[i]), 2)
	}
	near(t, "length of the update", math.Sqrt(moved), 0.01)
	if r := p.Step(rowsTo(16), model.Step{LR: 1, ClipNorm: 1e6}); r.Clipped {
		t.Errorf("clipped at norm %v", r.GradNorm)
	}
}

// TestParts: each part's norm is that of a step on its rows, the whole's that of a step on all.
func TestParts(t *testing.T) {
	p := compileMLP(t, 2, 40)
	before, _ := snapshot(p)
	rows, s := rowsTo(40), adamStep
	s.NoUpdate, s.Dropout = true, 0.2
	whole := p.Step(rows, s)
	s.Parts = 4
	parts := p.Step(rows, s)
	near(t, "loss", parts.Loss, whole.Loss)
	near(t, "norm", parts.GradNorm, whole.GradNorm)
	if len(parts.PartNorms) != 4 {
		t.Errorf("part norms: %v", parts.PartNorms)
	}
	after, steps := snapshot(p)
	if steps != 0 || !slices.EqualFunc(before, after, slices.Equal) {
		t.Error("measuring changed the state")
	}
}

func TestPartNorms(t *testing.T) {
	p := compileMLP(t, 2, 40)
	s := model.Step{NoUpdate: true, Parts: 4}
	got := slices.Clone(p.Step(rowsTo(40), s).PartNorms)
	s.Parts = 0
	for i, squares := range got {
		norm := p.Step(rowsTo(40)[10*i:10*i+10], s).GradNorm
		near(t, fmt.Sprintf("part %d", i), squares, norm*norm)
	}
}

// TestForwardIgnoresBatchSize: outputs and loss are the same bits however rows are cut into batches and threads.
func TestForwardIgnoresBatchSize(t *testing.T) {
	rows := rowsTo(100)
	want := make([]float32, 200)
	loss := compileMLP(t, 1, 100).Forward(rows, want)
	for _, c := range []Config{{MaxBatch: 7, Threads: 1}, {MaxBatch: 64, Threads: 2}, {MaxBatch: 33, Threads: 3}} {
		got := make([]float32, 200)
		p := compileMLP(t, c.Threads, c.MaxBatch)
		copy(p.weights, compileMLP(t, 1, 100).weights)
		if l := p.Forward(rows, got); l != loss || !slices.Equal(got, want) {
			t.Errorf("%+v: loss %v, want %v", c, l, loss)
		}
	}
}
