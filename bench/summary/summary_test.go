package summary

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"tuned/bench/study"
)

func number(v float64) *float64 { return &v }

// lines are one set's runs: ours, and four trials of which the best by validation is worse than ours on one set and
// better on the other.
func lines() []study.Line {
	all := []study.Line{
		{Arm: "tuned", Set: "a", Rows: 1500, Test: number(0.1), FLOPs: 120, CPUSeconds: 2},
		{Arm: "tuned", Set: "b", Rows: 1500, Test: number(0.3), FLOPs: 120, CPUSeconds: 2},
	}
	for i, v := range []float64{0.4, 0.3, 0.2, 0.15} {
		for _, set := range []string{"a", "b"} {
			all = append(all, study.Line{Arm: "random", Set: set, Rows: 1500, Trial: i, Validation: number(v), Test: number(v), FLOPs: 110, ProbeFLOPs: 10, CPUSeconds: 1})
		}
	}
	return append(all, study.Line{Arm: "random", Set: "a", Rows: 1500, Trial: 4, Problem: "it diverged", FLOPs: 50})
}

// TestSecondsOfAnotherMachine: they are others than ours, and no ratio of theirs is told.
func TestSecondsOfAnotherMachine(t *testing.T) {
	all := lines()
	for i := range all {
		if all[i].Arm == "random" && (all[i].Set == "b" || all[i].Trial > 1) {
			all[i].Machine, all[i].CPUSeconds = "another", 100
		}
	}
	a := Summarise(all).Arms[0]
	if a.Sets[0].CPU != 0 || a.Sets[1].CPU != 2 || a.CPU != 2 {
		t.Errorf("processor time: %v of b, %v of a, %v of both", a.Sets[0].CPU, a.Sets[1].CPU, a.CPU)
	}
	for i := range all {
		all[i].Machine = all[i].Arm
	}
	if a := Summarise(all).Arms[0]; a.CPU != 0 || a.Cost == 0 {
		t.Errorf("processor time %v of nothing that can be compared, cost %v", a.CPU, a.Cost)
	}
}

func TestSummariseByHand(t *testing.T) {
	s := Summarise(lines())
	if len(s.Arms) != 1 || len(s.Arms[0].Sets) != 2 {
		t.Fatalf("summary = %+v", s)
	}
	a := s.Arms[0]
	b, first := a.Sets[1], a.Sets[0]
	if first.Set != "b" || math.Abs(first.Difference-0.15/0.16) > 1e-9 || first.Censored {
		t.Errorf("the set on which search wins comes first: %+v", first)
	}
	if b.Set != "a" || !b.Censored || b.Equal != 4 {
		t.Errorf("no number of trials reaches ours on a: %+v", b)
	}
	if math.Abs(b.Cost-1.2) > 1e-9 || math.Abs(b.CPU-2) > 1e-9 || math.Abs(b.Share-120.0/490) > 1e-9 {
		t.Errorf("costs of a: %+v", b)
	}
	if !a.Censored {
		t.Error("of two sets, one needs more trials than were run, so the median is no bound from above")
	}
	if a.Tally.Win != 1 || a.Tally.Loss != 1 {
		t.Errorf("tally = %+v", a.Tally)
	}
}

// TestTrialsCostTheMean: a search pays for the sum of its trials, of which most may cost next to nothing and one much, or the other way round.
func TestTrialsCostTheMean(t *testing.T) {
	all := lines()
	for i := range all {
		if all[i].Arm == "random" && all[i].Trial == 0 {
			all[i].FLOPs, all[i].CPUSeconds = 510, 5
		}
	}
	if b := Summarise(all).Arms[0].Sets[0]; math.Abs(b.Cost-1.2) > 1e-9 || math.Abs(b.Mean-120/200.0) > 1e-9 || math.Abs(b.CPU-1) > 1e-9 {
		t.Errorf("%v median trials, %v mean ones, %v of processor time, want 1.2, 0.6 and 1", b.Cost, b.Mean, b.CPU)
	}
}

// TestOurFailuresAreTold: a split that one run could not do is compared with nothing, which must not pass unnoticed.
func TestOurFailuresAreTold(t *testing.T) {
	const failed = "**Runs of tuned that failed: 1.**"
	all := lines()
	if page := markdown(Summarise(all)); strings.Contains(page, failed) {
		t.Errorf("none failed:\n%.900s", page)
	}
	all[0].Test = nil
	if page := markdown(Summarise(all)); !strings.Contains(page, failed) || strings.Contains(page, "\n| a |") {
		t.Errorf("the run on a failed:\n%.900s", page)
	}
}

// TestRefitsArePaidFor: what was trained once more judges the trials, and costs.
func TestRefitsArePaidFor(t *testing.T) {
	s := Summarise(append(lines(), study.Line{Arm: "random", Set: "a", Rows: 1500, Trial: 3, Refit: true, Test: number(0.05), FLOPs: 200}))
	if len(s.Arms) != 2 || s.Arms[1].Arm != "random"+RefitSuffix {
		t.Fatalf("arms = %+v", s.Arms)
	}
	for i, want := range []float64{120.0 / 490, 120.0 / 690} {
		if a := s.Arms[i].Sets[1]; a.Set == "b" || math.Abs(a.Share-want) > 1e-9 {
			t.Errorf("%s: %+v, want a share of %.3f", s.Arms[i].Arm, a, want)
		}
	}
}

// TestSizesAreComparedApart: the same set may be there in parts of several sizes and as a whole.
func TestSizesAreComparedApart(t *testing.T) {
	all := lines()
	for _, rows := range []int{5000, 0} {
		all = append(all,
			study.Line{Arm: "tuned", Set: "a", Rows: rows, Test: number(0.05), FLOPs: 900},
			study.Line{Arm: "random", Set: "a", Rows: rows, Validation: number(0.1), Test: number(0.1), FLOPs: 900})
	}
	s := Summarise(all)
	names := []string{"random", "random, 5000 rows", "random, all rows"}
	if len(s.Arms) != len(names) {
		t.Fatalf("arms = %+v", s.Arms)
	}
	for i, a := range s.Arms {
		if a.Arm != names[i] || (a.Rows == s.usual()) != (i == 0) {
			t.Errorf("arm %d is %q, of %d rows", i, a.Arm, a.Rows)
		}
		if i > 0 && (len(a.Sets) != 1 || a.Sets[0].Ours != 0.05) {
			t.Errorf("%s: %+v", a.Arm, a.Sets)
		}
	}
	if part := s.Arms[0].Sets; len(part) != 2 || part[1].Ours != 0.1 {
		t.Errorf("in small parts %+v", part)
	}
	if page := markdown(s); !strings.Contains(page, "at most 1500 rows, or of as many as the arm's name says") {
		t.Errorf("the page does not say how many rows:\n%.600s", page)
	}
}

func TestWriteLeavesPageSummaryAndPlot(t *testing.T) {
	folder := t.TempDir()
	if err := Write(folder, Summarise(lines())); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(folder, "RESULTS.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "| a | 1 × 4 | 0.1000 | 0.1500 | -31.2 % | > 4 | 1.20 (1.20) |") {
		t.Errorf("page:\n%s", page)
	}
	for _, name := range []string{"results.json", "compute.svg"} {
		if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Size() < 500 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestThreeSplitsGiveTheSameBits: the order in which sums are taken is not left to chance.
func TestThreeSplitsGiveTheSameBits(t *testing.T) {
	var all []study.Line
	for split := range 5 {
		error := 0.1 + 0.01/float64(split+3)
		all = append(all, study.Line{Arm: "tuned", Set: "a", Rows: 1500, Split: split, Test: number(error), FLOPs: int64(1000 + 7*split)})
		for trial := range 3 {
			all = append(all, study.Line{
				Arm: "random", Set: "a", Rows: 1500, Split: split, Trial: trial, FLOPs: int64(900 + 13*trial + split),
				Validation: number(0.2 - 0.01*float64(trial)), Test: number(error + 0.01/float64(trial+7)),
			})
		}
	}
	first := Summarise(all)
	for range 50 {
		if again := Summarise(all); !reflect.DeepEqual(first, again) {
			t.Fatalf("%+v, then %+v", first.Arms, again.Arms)
		}
	}
}
