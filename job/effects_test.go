package job_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tuned/job"
)

// of is a job on a table of so many rows, which row makes from random numbers of its own.
func of(t *testing.T, head string, rows int, more string, row func(r *rand.Rand) string) *job.Job {
	t.Helper()
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString(head + "\n")
	r := rand.New(rand.NewPCG(5, 6))
	for range rows {
		b.WriteString(row(r) + "\n")
	}
	if err := os.WriteFile(filepath.Join(dir, "table.csv"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := job.Parse(filepath.Join(dir, "job.toml"), "[data]\npath = \"table.csv\"\ntarget = \"y\"\n[limits]\nthreads = 1\n"+more)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func effectsOf(t *testing.T, j *job.Job) ([]job.Effect, *job.Result) {
	t.Helper()
	result, err := job.Run(t.Context(), j, options(t))
	if err != nil {
		t.Fatal(err)
	}
	return result.Metrics.Effects, result
}

func effect(t *testing.T, all []job.Effect, column string) job.Effect {
	t.Helper()
	at := slices.IndexFunc(all, func(e job.Effect) bool { return e.Column == column })
	if at < 0 {
		t.Fatalf("no effect of %s is in %+v", column, all)
	}
	return all[at]
}

// What columns do to values is what the target is made of: a parabola of one, a step for each category of another, and a slope over the years.
// A column that does not matter is left out, and all of it is the same each time, whoever made the plan.
func TestEffectsFollowTheTarget(t *testing.T) {
	step := map[string]float64{"a": 0, "b": 2, "": 5}
	j := of(t, "x,kind,seen,noise,y", 1000, "[model]\narchitecture = \"trees\"\n", func(r *rand.Rand) string {
		x, kind, year := 4*r.Float64()-2, []string{"a", "b", ""}[r.IntN(3)], r.IntN(8)
		return fmt.Sprintf("%.4f,%s,%d-06-01,%.3f,%.4f", x, kind, 2010+year, r.NormFloat64(), x*x+step[kind]+0.5*float64(year))
	})
	all, result := effectsOf(t, j)
	if len(all) != 3 {
		t.Fatalf("%d columns do something: %+v", len(all), all)
	}
	x, kind := effect(t, all, "x"), effect(t, all, "kind")
	if x.Kind != job.Quantity || len(x.Numbers) != 12 || x.Rows != 100 || x.Class != "" {
		t.Errorf("of x: %+v", x)
	}
	for i, v := range x.Numbers {
		if got, want := x.Means[i]-x.Usual, v*v-4.0/3; math.Abs(got-want) > 0.4 {
			t.Errorf("at %g the prediction is off its mean by %g, not by about %g", v, got, want)
		}
	}
	if kind.Kind != job.Choice || len(kind.Levels) != 3 || !slices.Contains(kind.Levels, "") {
		t.Errorf("of kind: %+v", kind)
	}
	for i, level := range kind.Levels {
		if got, want := kind.Means[i]-kind.Usual, step[level]-7.0/3; math.Abs(got-want) > 0.4 || math.Abs(kind.Shares[i]-1.0/3) > 0.1 {
			t.Errorf("of %q the prediction is off its mean by %g, not by about %g: %+v", level, got, want, kind)
		}
	}
	seen := effect(t, all, "seen")
	for i, v := range seen.Numbers {
		year := time.Unix(int64(v), 0).UTC().Year()
		if got, want := seen.Means[i]-seen.Usual, 0.5*(float64(year)-2013.5); seen.Kind != job.Moment || year != 2010+i || math.Abs(got-want) > 0.4 {
			t.Errorf("in %d the prediction is off its mean by %g, not by about %g: %+v", year, got, want, seen)
		}
	}
	o := options(t)
	o.Plan = filepath.Join(result.Dir, job.PlanFile)
	again, err := job.Run(t.Context(), j, o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(all, again.Metrics.Effects); diff != "" {
		t.Errorf("the same plan has other effects: %s", diff)
	}
}

// Of two classes it is the rarer one's probability, of more that of the one which the column moves most; and columns that only count as
// filled in or not have effects as well.
func TestEffectsOnClasses(t *testing.T) {
	j := of(t, "size,note,y", 600, "[model]\narchitecture = \"trees\"\n", func(r *rand.Rand) string {
		size, note := r.Float64(), ""
		if r.IntN(2) == 0 {
			note = fmt.Sprintf("remark %x", r.Uint64())
		}
		return fmt.Sprintf("%.3f,%s,%s", size, note, map[bool]string{true: "rare", false: "common"}[size > 0.5 && note != ""])
	})
	all, _ := effectsOf(t, j)
	size, note := effect(t, all, "size"), effect(t, all, "note")
	if last := len(size.Means) - 1; size.Class != "rare" || size.Means[0] > 0.05 || math.Abs(size.Means[last]-0.5) > 0.15 {
		t.Errorf("of size: %+v", size)
	}
	if at := slices.Index(note.Levels, ""); note.Kind != job.Filled || len(note.Levels) != 2 || note.Means[at] > 0.05 || note.Means[1-at] < 0.35 {
		t.Errorf("of note: %+v", note)
	}
	j = of(t, "size,y", 600, "[model]\narchitecture = \"trees\"\n", func(r *rand.Rand) string {
		size := r.Float64()
		class := []string{"low", "high", "other"}[r.IntN(2)*r.IntN(2)*2]
		if size > 0.5 && class == "low" {
			class = "high"
		}
		return fmt.Sprintf("%.3f,%s", size, class)
	})
	all, _ = effectsOf(t, j)
	size = effect(t, all, "size")
	if last := len(size.Means) - 1; size.Class == "other" || math.Abs(size.Means[last]-size.Means[0]) < 0.5 {
		t.Errorf("of size, among three classes: %+v", size)
	}
}

// Weighing and trying values take a half each of 2 GFLOP, or of 1 % of the training, also where the model is large: there are fewer values
// then, and fewer columns.
func TestEffectsKeepWithinTheirCost(t *testing.T) {
	j := of(t, "a,b,y", 400, "[model]\narchitecture = \"mlp\"\n[pin]\nepochs = 30\nmlp.width = 512\nmlp.depth = 3\nmlp.members = 1\nmlp.trees = 0\n", func(r *rand.Rand) string {
		a, b := r.NormFloat64(), r.NormFloat64()
		return fmt.Sprintf("%.3f,%.3f,%.3f", a, b, 2*a+b)
	})
	all, result := effectsOf(t, j)
	spent := map[string]int64{}
	for _, p := range result.Ledger.Phases {
		spent[p.Phase] = p.FLOPs
	}
	most := max(1e9, spent["train"]/200)
	for _, phase := range []string{"weigh", "effects"} {
		if spent[phase] > most || spent[phase] < most/3 {
			t.Errorf("%s took %d FLOPs, of at most %d", phase, spent[phase], most)
		}
	}
	if len(all) == 0 || len(all[0].Numbers) != 8 || all[0].Rows < 20 || all[0].Column != "a" {
		t.Errorf("the effects are %+v", all)
	}
}

// A model that is no better than none has nothing to show, nor has one whose rows are too few.
func TestNoEffectsOfNothing(t *testing.T) {
	for name, rows := range map[string]int{"noise": 400, "few rows": 120} {
		j := of(t, "a,b,y", rows, "[model]\narchitecture = \"trees\"\n", func(r *rand.Rand) string {
			a, said := r.NormFloat64(), r.IntN(2)
			if rows < 200 && a > 0 {
				said = 2
			}
			return fmt.Sprintf("%.3f,%.3f,%s", a, r.NormFloat64(), []string{"no", "yes", "sure"}[said])
		})
		if all, result := effectsOf(t, j); all != nil {
			t.Errorf("%s: %+v, with scores %v", name, all, result.Metrics.Test)
		}
	}
}
