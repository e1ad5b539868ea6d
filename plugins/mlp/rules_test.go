package mlp

import (
	"slices"
	"testing"

	"tuned"
	"tuned/heuristics"
	"tuned/trainer/model"
	"tuned/trainer/model/modeltest"
)

// TestTheCheckKnowsWhenTreesHaveGrown holds the check mlp.trees-too-late against what the trees do: it warns of all runs that end
// before they have a say, and of no other.
func TestTheCheckKnowsWhenTreesHaveGrown(t *testing.T) {
	late := check(t, "mlp.trees-too-late")
	for _, test := range []struct{ rows, trees int }{{64, 1}, {499, 401}, {500, 1}, {500, 101}} {
		grown := grownAfter(t, test.rows, test.trees)
		for steps, want := range map[int64]bool{grown - 1: true, grown: false} {
			settings := model.Settings{"mlp.trees": int64(test.trees), "fit_rows": int64(test.rows), "total_steps": steps}
			fired, err := late.Judge(nil, settings)
			if err != nil || (fired != nil) != want {
				t.Errorf("%d rows, %d trees, which have grown after %d steps: after %d the check says %v (%v)", test.rows, test.trees, grown, steps, fired != nil, err)
			}
		}
	}
}

// check is a check of the mlp's own rules, as a watch: those judge any settings.
func check(t *testing.T, id string) heuristics.Watch {
	t.Helper()
	var own []heuristics.Setting
	for _, s := range declared() {
		own = append(own, heuristics.Setting{Name: s.Name, Type: heuristics.Type(s.Type), Min: s.Min, Max: s.Max, Choices: s.Choices, Help: s.Help})
	}
	c, err := heuristics.Common().WithArchitecture("mlp", own, "linear", "trees", "convnet")
	if err != nil {
		t.Fatal(err)
	}
	book, err := heuristics.Load(c, heuristics.Layer{File: "mlp/rules.toml", Text: rules}, heuristics.Layer{File: "rules.toml", Text: tuned.Rules})
	if err != nil {
		t.Fatal(err)
	}
	all := book.Show().Checks
	at := slices.IndexFunc(all, func(s heuristics.Shown) bool { return s.ID == id })
	watches, err := c.Watches([]heuristics.Watch{{ID: id, When: all[at].When, Do: heuristics.DoAlert, Why: all[at].Why}})
	if err != nil {
		t.Fatal(err)
	}
	return watches[0]
}

// grownAfter is the number of steps after which trees have a say beside a network that does not move.
func grownAfter(t *testing.T, rows, trees int) int64 {
	t.Helper()
	settings := defaults()
	settings["mlp.width"], settings["mlp.trees"], settings["mlp.trees_share"] = int64(4), int64(trees), 0.5
	session, err := Architecture().Open(t.Context(), model.OpenRequest{
		View: manyRows(t, rows), Settings: settings, Threads: 1, MaxBatch: 8, InitRows: sequence(rows),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	for step, before := int64(1), loss(t, session); step < 1000; step++ {
		if _, err := session.Submit(t.Context(), model.Step{Rows: sequence(8), Beta1: 0.9, Beta2: 0.95, Epsilon: 1e-8}).Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if loss(t, session) != before {
			return step
		}
	}
	t.Fatal("the trees have no say after 1000 steps")
	return 0
}

func sequence(n int) []int32 {
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(i)
	}
	return all
}

// manyRows writes a table of one number, whose sign is to be told.
func manyRows(t *testing.T, rows int) string {
	t.Helper()
	dir := t.TempDir()
	x, y := make([]float32, rows), make([]float32, rows)
	for i := range x {
		x[i], y[i] = float32(i-rows/2)/float32(rows), -1
		if x[i] > 0 {
			y[i] = 1
		}
	}
	view := model.View{
		Rows: rows, Task: model.Regression, Target: &model.Target{File: "y.npy", Std: 1},
		Inputs: []model.Input{{Kind: model.Numeric, File: "x.npy", Columns: 1, Continuous: 1}},
	}
	if err := modeltest.WriteView(dir, view, modeltest.Arrays{"x.npy": x, "y.npy": y}); err != nil {
		t.Fatal(err)
	}
	return dir
}
