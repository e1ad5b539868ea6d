package probe

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tuned/trainer/model"
	"tuned/trainer/model/modeltest"
)

// TestShape: trees are ahead where the target changes in steps of one column, a surface where it changes gradually; neither finds
// anything in noise, of which trees learn more with every round.
func TestShape(t *testing.T) {
	for _, c := range []struct {
		name          string
		data          modeltest.Data
		trees, smooth [2]float64
		rounds        [2]float64
	}{
		{"steps", steps(0), [2]float64{0.95, 1}, [2]float64{0.2, 0.9}, [2]float64{40, 150}},
		{"noisy steps", steps(0.5), [2]float64{0.6, 0.9}, [2]float64{0.3, 0.8}, [2]float64{20, 80}},
		{"plane", modeltest.Plane(500), [2]float64{0.5, 0.97}, [2]float64{0.97, 1}, [2]float64{40, 150}},
		{"clouds", modeltest.Blobs(500), [2]float64{0.4, 0.9}, [2]float64{0.5, 0.95}, [2]float64{40, 150}},
		{"noise", pattern(500, 0, 1), [2]float64{-0.3, 0.1}, [2]float64{-0.2, 0.1}, [2]float64{10, 10}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newLab(t, c.data).measure(t, "shape")
			within(t, "trees", number(t, r, "shape.trees"), c.trees)
			within(t, "smooth", number(t, r, "shape.smooth"), c.smooth)
			within(t, "rounds", float64(r.Facts["shape.rounds"].(int64)), c.rounds)
			if ahead := number(t, r, "shape.trees") - number(t, r, "shape.smooth"); strings.Contains(c.name, "steps") != (ahead > 0.03) {
				t.Errorf("trees are ahead by %v", ahead)
			}
			if r.FLOPs <= 0 {
				t.Error("it cost nothing")
			}
		})
	}
}

// TestShapeOfValuesAllAlike: of a target that is nearly always the same, a contest may see nothing else, and has nothing to explain.
func TestShapeOfValuesAllAlike(t *testing.T) {
	d := modeltest.Plane(700)
	for i := range d.Values {
		d.Values[i] = 0.3
	}
	r := newLab(t, d).measure(t, "shape")
	within(t, "trees", number(t, r, "shape.trees"), [2]float64{-1, 0})
	within(t, "smooth", number(t, r, "shape.smooth"), [2]float64{-1, 0})
}

// TestShapeOfManyRows: more rows learn where there are more.
func TestShapeOfManyRows(t *testing.T) {
	few := newLab(t, modeltest.Plane(3000)).measure(t, "shape")
	many := newLab(t, modeltest.Plane(shapePart*shapeSmooth)).measure(t, "shape")
	if number(t, many, "shape.trees") < number(t, few, "shape.trees")+0.01 {
		t.Errorf("trees explain %v of many rows, %v of few", many.Facts, few.Facts)
	}
}

// TestShapeRounds: the more rows trees learn from, the later they learn noise; beyond those that a surface can learn from as well.
func TestShapeRounds(t *testing.T) {
	l := newLab(t, pattern(48_000, 1, 0.5))
	after := func(learners int) (rounds, flops int64) {
		c, err := l.contest(l.draws(learners)[0])
		if err != nil {
			t.Fatal(err)
		}
		seen, flops, err := c.trees(t.Context(), l.Env)
		if err != nil {
			t.Fatal(err)
		}
		return int64(shapeLooks[lastGood(seen.explained)]), flops
	}
	few, _ := after(shapeLeast)
	part, flops := after(len(l.Train) / shapePart)
	if r := l.measure(t, "shape"); few >= part || r.Facts["shape.rounds"] != part || r.FLOPs < 2*flops {
		t.Errorf("%v rounds of few rows, %v of a part for %d operations; the probe says %v for %d", few, part, flops, r.Facts, r.FLOPs)
	}
}

// TestShapeDraws: of few rows each judges once, by what all others learned.
func TestShapeDraws(t *testing.T) {
	judged := map[int32]int{}
	l := newLab(t, modeltest.Plane(300))
	for _, d := range l.draws(shapeLeast) {
		for _, r := range d.rows[d.n:] {
			judged[r]++
		}
		slices.Sort(d.rows)
		if len(slices.Compact(slices.Clone(d.rows))) != len(d.rows) {
			t.Error("a row is drawn twice")
		}
	}
	for _, r := range l.Train {
		if judged[r] != 1 {
			t.Errorf("row %d judges %d times", r, judged[r])
		}
	}
}

// TestShapeContests: of many rows, no row learns in two contests, and none judges where it learned.
func TestShapeContests(t *testing.T) {
	for rows, want := range map[int][3]int{ // contests, learners, judges
		700: {2, 350, 350}, 1200: {2, 512, 688}, 3000: {4, 512, 1024}, 9000: {1, 1125, 2048}, 8192: {2, 1024, 1024}, 30_000: {1, 2048, 2048},
	} {
		draws := newLab(t, modeltest.Plane(rows)).draws(min(max(rows/shapePart, shapeLeast), shapeSmooth))
		if got := [3]int{len(draws), draws[0].n, len(draws[0].rows) - draws[0].n}; got != want {
			t.Errorf("%d rows: contests, learners and judges %v, want %v", rows, got, want)
		}
		learned := map[int32]bool{}
		for _, d := range draws {
			for _, r := range d.rows[:d.n] {
				if learned[r] || slices.Contains(d.rows[d.n:], r) {
					t.Errorf("%d rows: row %d learns twice, or judges as well", rows, r)
				}
				learned[r] = true
			}
		}
	}
}

// TestContestsOfWideTablesTakeTurns where memory is limited: by their learners alone, all four would go on at once.
func TestContestsOfWideTablesTakeTurns(t *testing.T) {
	l := newLab(t, modeltest.Plane(3000))
	draws := l.draws(shapeLeast)
	l.Threads, l.MemoryBytes = 8, contestsPart*80<<20
	narrow := l.contestsAtOnce(draws)
	l.View.Inputs = []model.Input{{Kind: model.Numeric, Columns: 5000}}
	if wide := l.contestsAtOnce(draws); narrow != 4 || wide != 1 {
		t.Errorf("%d contests of three columns and %d of 5,000 at once, want 4 and 1", narrow, wide)
	}
}

// TestShapeOfManyColumns: a round leaves out a fifth of the columns, and of many more all but about as many as it may look at.
func TestShapeOfManyColumns(t *testing.T) {
	for columns, want := range map[int]float64{0: 0.2, 3: 0.2, shapeColumns: 0.2, 2 * shapeColumns: 0.5, 10 * shapeColumns: 0.9} {
		if got := shapeStepOf(columns).Dropout; got != want {
			t.Errorf("of %d columns a round leaves out %v, want %v", columns, got, want)
		}
	}
}

// TestBestF1: the best over all thresholds, by hand; rows of the same probability are answered alike.
func TestBestF1(t *testing.T) {
	c := contest{n: 1, view: model.View{Task: model.Classification, Classes: 2}, targets: [][]float64{{0, 1, 0, 1, 0, 1}, {0, 0, 1, 0, 1, 0}}}
	for _, test := range []struct {
		name        string
		probability []float64
		want        float64
	}{
		{"the two are second and third", []float64{0.1, 0.6, 0.7, 0.5, 0.2}, 2 * 2.0 / (3 + 2)},
		{"all are alike", []float64{0.3, 0.3, 0.3, 0.3, 0.3}, 2 * 2.0 / (5 + 2)},
		{"they come first", []float64{0.1, 0.8, 0.3, 0.9, 0.2}, 1},
	} {
		if got := c.bestF1(func(_, judge int) float64 { return test.probability[judge] }); math.Abs(got-test.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
	c.view.Classes = 3
	if got := c.bestF1(nil); got != 0 {
		t.Errorf("of three classes: %v", got)
	}
}

// TestLastGood: a standstill counts as good, a loss does not.
func TestLastGood(t *testing.T) {
	for _, c := range []struct {
		shares []float64
		want   int
	}{
		{[]float64{0.5, 0.9, 0.9, 0.8996, 0.8996}, 4},
		{[]float64{0.5, 0.9, 0.91, 0.9, 0.85}, 2},
		{[]float64{-0.1, -0.2, -0.4}, 0},
		{[]float64{1, 1, 1}, 2},
		{[]float64{math.NaN(), math.NaN()}, 0},
	} {
		if got := lastGood(c.shares); got != c.want {
			t.Errorf("%v: look %d, want %d", c.shares, got, c.want)
		}
	}
}

// TestShapeLeavesCodesOut: a column of codes, which the surface cannot read, does not put the trees ahead.
func TestShapeLeavesCodesOut(t *testing.T) {
	d := modeltest.Plane(1500)
	l := newLab(t, d)
	alone := l.measure(t, "shape")
	codes := make([]int32, d.Rows())
	for i, v := range d.Values {
		codes[i] = max(0, min(int32(10+4*v), 20))
	}
	writeArray(t, l.ViewDir, "codes.npy", codes)
	l.View.Inputs = append(l.View.Inputs, model.Input{Kind: model.Categorical, File: "codes.npy", Columns: 1, Cardinalities: []int{21}})
	if beside := l.measure(t, "shape"); !maps.Equal(beside.Facts, alone.Facts) {
		t.Errorf("with codes %v, without %v", beside.Facts, alone.Facts)
	}
	l.View.Inputs = l.View.Inputs[len(l.View.Inputs)-1:]
	if r := l.measure(t, "shape"); number(t, r, "shape.trees") < 0.5 || number(t, r, "shape.smooth") != 0 {
		t.Errorf("of codes alone: %v", r.Facts)
	}
}

// steps are the numbers of a plane that change in steps of two of its columns, with noise, in the plane's place.
func steps(noise float64) modeltest.Data {
	d := modeltest.Plane(1500)
	r := rand.New(rand.NewPCG(3, 1))
	for i := range d.Values {
		y := 0.0
		if d.X[3*i] > 0.2 {
			y = 2
		} else if d.X[3*i+1] > 0.5 {
			y = 1
		}
		d.Values[i] = float32(y - 1 + noise*r.NormFloat64())
	}
	return d
}

// pattern are the numbers of a plane with waves and noise, of these heights, in the plane's place.
func pattern(rows int, waves, noise float64) modeltest.Data {
	d := modeltest.Plane(rows)
	r := rand.New(rand.NewPCG(3, 1))
	for i := range d.Values {
		x, y := float64(d.X[3*i]), float64(d.X[3*i+1])
		d.Values[i] = float32(waves*math.Sin(2*x+y) + noise*r.NormFloat64())
	}
	return d
}
