package nn

import (
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	"pgregory.net/rapid"
)

func TestMistakesAreNamed(t *testing.T) {
	good := Config{MaxBatch: 4, Threads: 1}
	for _, c := range []struct {
		want  string
		build func(g *Graph)
		with  Config
	}{
		{"no loss", func(g *Graph) { g.Numeric(2) }, good},
		{"no parameters", func(g *Graph) { g.MSE(g.Numeric(1)) }, good},
		{"nothing uses the dense at place 1", func(g *Graph) {
			x := g.Numeric(2)
			g.Dense(x, 3, Dense{})
			g.MSE(g.Dense(x, 1, Dense{}))
		}, good},
		{"0 rows on 1 threads", hidden(Dense{}), Config{Threads: 1}},
		{"4 rows on 0 threads", hidden(Dense{}), Config{MaxBatch: 4}},
		{`unknown activation "sine"`, hidden(Dense{Activation: "sine"}), good},
		{`two layers are named "a"`, func(g *Graph) {
			g.MSE(g.Dense(g.Dense(g.Numeric(2), 3, Dense{Name: "a"}), 1, Dense{Name: "a"}))
		}, good},
		{"2 columns, want 1", func(g *Graph) { g.MSE(g.Dense(g.Numeric(2), 2, Dense{})) }, good},
		{"has a loss already", func(g *Graph) {
			x := g.Dense(g.Numeric(2), 1, Dense{})
			g.MSE(x)
			g.MSE(x)
		}, good},
		{"codes can only be embedded", func(g *Graph) { g.MSE(g.Dense(g.Codes([]int{3}), 1, Dense{})) }, good},
		{"cardinality 0", func(g *Graph) { g.MSE(g.Dense(g.Embed(g.Codes([]int{0}), 1, ""), 1, Dense{})) }, good},
		{"shapes", func(g *Graph) { g.MSE(g.Add(g.Numeric(1), g.Numeric(2))) }, good},
		{"ascending", func(g *Graph) { g.MSE(g.PLE(g.Numeric(1), [][]float32{{1, 1}}, 1, "")) }, good},
		{"holds no values", func(g *Graph) { g.MSE(g.Conv2D(g.Pixels(2, 2, 1, nil, nil), 1, Conv{Kernel: 3})) }, good},
		{"3 to 3 of 4", func(g *Graph) { g.MSE(g.Columns(g.Numeric(4), 3, 3)) }, good},
		{"has not the size", func(g *Graph) { g.MSE(g.Reshape(g.Numeric(4), flat(1))) }, good},
		{"average's decay is 1", func(g *Graph) { hidden(Dense{})(g); g.Optimizer(Optimizer{Averages: []float64{1}}) }, good},
		{`unknown optimizer "lion"`, func(g *Graph) { hidden(Dense{})(g); g.Optimizer(Optimizer{Method: "lion"}) }, good},
		{"1 class weights for 2 classes", func(g *Graph) {
			g.CrossEntropy(g.Dense(g.Numeric(2), 2, Dense{}), Loss{ClassWeights: []float64{1}})
		}, good},
		{"1 initial biases for 2 units", func(g *Graph) {
			g.CrossEntropy(g.Dense(g.Numeric(2), 2, Dense{Bias: true, BiasInit: []float64{1}}), Loss{})
		}, good},
	} {
		g := New()
		c.build(g)
		p, err := Compile(g, c.with)
		if err == nil {
			p.Close()
			t.Errorf("compiled, want an error with %q", c.want)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %q, want %q in it", err, c.want)
		}
	}
}

func TestAGraphCompilesOnce(t *testing.T) {
	g := New()
	realMLP(g)
	mustCompile(t, g, Config{MaxBatch: 4, Threads: 1}, testData(4, testColumns, 2))
	if _, err := Compile(g, Config{MaxBatch: 4, Threads: 1}); err == nil {
		t.Error("compiled twice")
	}
}

func TestBindChecksArrays(t *testing.T) {
	p := compileMLP(t, 1, 40)
	for _, c := range []struct {
		want  string
		spoil func(d *Data)
	}{
		{"numeric input: 599 values for 100 rows of 6", func(d *Data) { d.Numeric = d.Numeric[1:] }},
		{"codes input", func(d *Data) { d.Codes = nil }},
		{"row 0, column 1 holds 3 of 3", func(d *Data) { d.Codes = append([]int32{0, 3}, d.Codes[2:]...) }},
		{"row 1 holds 2 of 2 classes", func(d *Data) { d.Labels = append([]int32{0, 2}, d.Labels[2:]...) }},
		{"99 labels", func(d *Data) { d.Labels = d.Labels[1:] }},
	} {
		d := testData(100, testColumns, 2)
		c.spoil(&d)
		if err := p.Bind(d); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q in it", err, c.want)
		}
	}
}

// TestBuffersThatLiveTogetherLieApart places random buffers.
func TestBuffersThatLiveTogetherLieApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var buffers []*buffer
		total := 0
		for range rapid.IntRange(1, 40).Draw(t, "buffers") {
			first := rapid.IntRange(0, 30).Draw(t, "first")
			b := &buffer{
				perRow: rapid.IntRange(0, 50).Draw(t, "per row"), fixed: rapid.IntRange(0, 50).Draw(t, "fixed"),
				first: first, last: first + rapid.IntRange(0, 10).Draw(t, "length"),
			}
			buffers, total = append(buffers, b), total+aligned(2*b.perRow+b.fixed)
		}
		size := placeAll(buffers, 2)
		if size > total {
			t.Errorf("%d floats for %d", size, total)
		}
		for i, a := range buffers {
			if a.offset%align != 0 || a.offset+a.floats > size {
				t.Errorf("%+v in an arena of %d", a, size)
			}
			for _, b := range buffers[:i] {
				if a.meets(b) && a.offset < b.offset+b.floats && b.offset < a.offset+a.floats {
					t.Errorf("%+v overlaps %+v", a, b)
				}
			}
		}
	})
}

func TestArenasBeginAtCacheLines(t *testing.T) {
	for n := range 50 {
		if a := newArena(n*37 + 1); uintptr(unsafe.Pointer(&a[0]))%64 != 0 || len(a) != n*37+1 {
			t.Errorf("%d floats at %p", len(a), &a[0])
		}
	}
}

// TestPlanIsWhatItTakes compares the plan's bytes with all that is ever allocated for a program and its steps: no peak is higher.
func TestPlanIsWhatItTakes(t *testing.T) {
	for _, c := range []Config{{MaxBatch: 1000, Threads: 1}, {MaxBatch: 2000, Threads: 2}, {MaxBatch: 501, Threads: 3}} {
		g := New()
		x := g.PBLD(g.Numeric(50), 16, 4, 0.1, "")
		for range 3 {
			x = g.Dense(x, 64, Dense{Bias: true, Activation: Mish, Parametric: true})
		}
		g.CrossEntropy(g.Dense(x, 2, Dense{Bias: true}), Loss{})
		g.Optimizer(Optimizer{Averages: []float64{0.9, 0.99}})
		d := testData(c.MaxBatch, 50, 2)
		before := allocated()
		p, err := Compile(g, c)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(p.Bind(d), p.Init(rowsTo(100))); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			p.Step(rowsTo(c.MaxBatch), adamStep)
		}
		used := float64(allocated() - before)
		f := p.Facts()
		plan := float64(f.BytesFixed + f.BytesRow*int64(c.MaxBatch))
		if math.Abs(used/plan-1) > 0.03 {
			t.Errorf("%+v: %.0f bytes allocated, planned %.0f (%d fixed, %d a row)", c, used, plan, f.BytesFixed, f.BytesRow)
		}
		p.Close()
	}
}

// TestPlanForetellsOtherBatches: the bytes of a row hold for other batch sizes.
func TestPlanForetellsOtherBatches(t *testing.T) {
	facts := func(batch int) Facts {
		g := New()
		x := g.Conv2D(testPixels(g), 8, Conv{Kernel: 3, Pad: 1})
		g.CrossEntropy(g.Dense(g.BatchNorm(x, ""), 2, Dense{}), Loss{})
		return mustCompile(t, g, Config{MaxBatch: batch, Threads: 2}, testData(4, testColumns, 2)).Facts()
	}
	small, large := facts(256), facts(2048)
	foretold, plan := small.BytesFixed+2048*small.BytesRow, large.BytesFixed+2048*large.BytesRow
	if math.Abs(float64(foretold)/float64(plan)-1) > 0.02 {
		t.Errorf("%d bytes foretold for 2048 rows, planned %d", foretold, plan)
	}
}

// allocated is the bytes of everything that was ever allocated.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// TestFactsCountByHand: 6 inputs, 5 hidden units, 2 classes.
func TestFactsCountByHand(t *testing.T) {
	g := New()
	g.Group("bias", 0.1, 0)
	o := Dense{Bias: true, Groups: Groups{Bias: "bias"}}
	g.CrossEntropy(g.Dense(g.Dense(g.Numeric(6), 5, o), 2, o), Loss{})
	f := mustCompile(t, g, Config{MaxBatch: 4, Threads: 2}, testData(4, 6, 2)).Facts()
	if f.Parameters != 6*5+5+5*2+2 {
		t.Errorf("%d parameters", f.Parameters)
	}
	products := int64(2 * (6*5 + 5*2))
	if extra := f.FLOPsRowEval - products; extra < 7 || extra > 40 {
		t.Errorf("%d FLOPs to evaluate a row, %d of them in products", f.FLOPsRowEval, products)
	}
	if extra := f.FLOPsRow - 2*products - 2*5*2; extra < 7 || extra > 100 {
		t.Errorf("%d FLOPs to train on a row", f.FLOPsRow)
	}
	if len(f.Groups) != 2 || f.Groups[0].Parameters != 40 || f.Groups[1] != (Group{"bias", 0.1, 0, 7}) {
		t.Errorf("groups %+v", f.Groups)
	}
}

func TestCloseEndsGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 3 {
		g := New()
		realMLP(g)
		p, err := Compile(g, Config{MaxBatch: 4, Threads: 4})
		if err != nil {
			t.Fatal(err)
		}
		p.Close()
		p.Close()
	}
	// A goroutine is counted for a moment after it has said that it is done.
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}
