package study

import (
	"errors"
	"slices"
	"testing"

	"tuned/bench/arms"
)

// recorder is a runner that notes what it was asked for.
type recorder struct{ asked []int }

func (r *recorder) run(l *Line, _ report) error {
	r.asked = append(r.asked, l.Trial)
	test := 0.5
	l.Test = &test
	return nil
}

func (*recorder) close() error { return nil }

// ended are trials with validation errors that fall with their number, but for one that failed.
func ended(n int) (all []Line) {
	for i := range n {
		validation := 1 / float64(i+1)
		l := Line{Trial: i, Validation: &validation}
		if i == n-1 {
			l.Validation = nil
		}
		all = append(all, l)
	}
	return all
}

func TestTheBestTrialsAreRefittedOnce(t *testing.T) {
	s := Study{Arm: arms.All["random"], Trials: 14}
	all := ended(14)
	first := &recorder{}
	keep := func(l Line) error { all = append(all, l); return nil }
	if err := s.refit(first, all, keep); err != nil {
		t.Fatal(err)
	}
	if want := []int{12, 11, 10, 9, 8, 7, 6, 5, 4, 3}; !slices.Equal(first.asked, want) {
		t.Errorf("refitted %v, want %v", first.asked, want)
	}
	if !s.done(all) {
		t.Error("a study with all of its trials and refits is not done")
	}
	longer := Study{Arm: s.Arm, Trials: 16}
	if longer.done(slices.Concat(all[14:], ended(16))) {
		t.Error("a study that went on, whose best trials are others now, is done with the refits of before")
	}
	again := &recorder{}
	if err := s.refit(again, slices.Delete(all, 20, 21), keep); err != nil {
		t.Fatal(err)
	}
	if want := []int{6}; !slices.Equal(again.asked, want) {
		t.Errorf("refitted again %v, want %v: the one whose line was lost", again.asked, want)
	}
}

// A pruner that is gone ends the study: the trial that it was asked about must not count as pruned ever after.
func TestAPrunerThatFails(t *testing.T) {
	gone := errors.New("the study's process has ended")
	o := own{study: Study{Arm: arms.All["asha"]}}
	var failed error
	l := Line{}
	told := o.reporter(&l, func(int, float64) (bool, error) { return false, gone }, &failed)
	if stop := told(3, 0.5); !stop || !errors.Is(failed, gone) || l.Steps[3] != 0.5 {
		t.Errorf("stop %t, error %v, steps %v", stop, failed, l.Steps)
	}
}

func TestARefitKeepsNoRows(t *testing.T) {
	for _, name := range []string{"random", "plain"} {
		a := arms.All[name]
		chosen := map[string]any{
			"lr": 0.1, "embedding": "none", "front_scale": true, "hidden": "256x3", "members": "4", "activation": "relu",
			"dropout": "0.15", "weight_decay": "0", "depth": 2.0, "width": 64.0,
		}
		if name == "plain" {
			chosen["dropout"] = 0.1
			delete(chosen, "weight_decay")
		}
		pins := a.Refitted(chosen)
		if pins["validation_fraction"] != 0.0 || pins["selection"] != "last" || pins["final"] == "best" {
			t.Errorf("%s: %v", name, pins)
		}
	}
}
