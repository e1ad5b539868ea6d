package nn

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// TestInitData: the pre-activations of each layer have unit variance on the init rows, and each bias lies among their negatives.
func TestInitData(t *testing.T) {
	p := compileMLP(t, 2, 30)
	passes := p.passes()
	if len(passes) != 3 {
		t.Fatalf("%d passes for three layers", len(passes))
	}
	for _, look := range passes {
		p.look = look
		for _, d := range look.layers {
			checkUnits(t, p, d)
		}
	}
}

func checkUnits(t *testing.T, p *Program, d *denseOp) {
	s := newPreStats(d, 1, 100)
	low, high := slices.Repeat([]float64{math.Inf(1)}, d.units), slices.Repeat([]float64{math.Inf(-1)}, d.units)
	for first := 0; first < 100; first += 25 {
		p.begin(rowsTo(100)[first:first+25], first, 0)
		p.team.run(p.partialTask)
		for _, w := range p.workers {
			z := w.flat(d.n)
			s.add(z, w.first, w.n)
			for k, v := range z {
				low[k%d.units], high[k%d.units] = min(low[k%d.units], float64(v)), max(high[k%d.units], float64(v))
			}
		}
	}
	for u := range d.units {
		mean := s.sum[u] / s.n
		near(t, fmt.Sprintf("variance of unit %d at %d", u, d.n.id), s.squares[u]/s.n-mean*mean, 1)
		if b := -float64(d.bias.value[u]); b < low[u] || b > high[u] {
			t.Errorf("bias %d at %d: %v is outside [%v, %v]", u, d.n.id, b, low[u], high[u])
		}
	}
}

// TestInitSideBySide: networks side by side begin in as many looks at the rows as one alone, which
// cost what three cost that share their inputs.
func TestInitSideBySide(t *testing.T) {
	build := func(members int) *Program {
		g := New()
		x := g.PBLD(g.Numeric(testColumns), 4, 4, 0.1, "")
		o := Dense{NTK: true, Bias: true, Activation: Mish, Parametric: true, Init: InitData}
		var ends []*Node
		for range members {
			ends = append(ends, g.Dense(g.Dense(g.Dense(x, 8, o), 8, o), 1, Dense{NTK: true, Bias: true, Init: InitData}))
		}
		y := ends[0]
		if members > 1 {
			g.Members(members)
			y = g.Concat(ends...)
		}
		g.MSE(y)
		p := mustCompile(t, g, Config{MaxBatch: 30, Threads: 2, Seed: 5}, testData(100, testColumns, 2))
		if err := p.Init(rowsTo(100)); err != nil {
			t.Fatal(err)
		}
		return p
	}
	one, three := build(1), build(3)
	looks := three.passes()
	if len(looks) != 3 {
		t.Fatalf("%d passes for three layers", len(looks))
	}
	for _, look := range looks {
		three.look = look
		for _, d := range look.layers {
			checkUnits(t, three, d)
		}
	}
	shared := 100 * int64(len(looks)) * (one.nodes[0].op.cost().forward + one.nodes[1].op.cost().forward)
	if got, want := three.Facts().InitFLOPs-shared, 3*(one.Facts().InitFLOPs-shared); got != want {
		t.Errorf("%d FLOPs, want %d", got, want)
	}
}

// TestInitAgain: beginning anew is no continuation, in the weights nor in what it cost.
func TestInitAgain(t *testing.T) {
	p := compileMLP(t, 2, 30)
	if err := p.Init(rowsTo(100)); err != nil {
		t.Fatal(err)
	}
	weights, flops := slices.Clone(p.weights), p.Facts().InitFLOPs
	if err := p.Init(rowsTo(100)); err != nil {
		t.Fatal(err)
	}
	if again := p.Facts().InitFLOPs; flops == 0 || again != flops || !slices.Equal(p.weights, weights) {
		t.Errorf("%d FLOPs, and %d again", flops, again)
	}
}
