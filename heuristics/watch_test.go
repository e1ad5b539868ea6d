package heuristics_test

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"testing"

	"tuned/heuristics"
)

func calm() heuristics.Facts {
	return heuristics.Facts{
		"train.step": int64(500), "train.progress": 0.2, "train.loss": 0.6, "train.loss_init": 1.1, "train.loss_z": 0.3,
		"train.loss_finite": true, "train.grad_norm": 0.9, "train.grad_norm_ratio": 0.8, "train.clipped_fraction": 0.0,
	}
}

var now = map[string]any{"lr": 0.02, "clip_norm": 0.0}

func judge(t *testing.T, watches []heuristics.Watch, facts heuristics.Facts) []heuristics.Reaction {
	t.Helper()
	var all []heuristics.Reaction
	for _, w := range watches {
		r, err := w.Judge(facts, now)
		if err != nil {
			t.Fatal(err)
		}
		if r != nil {
			all = append(all, *r)
		}
	}
	return all
}

func TestJudge(t *testing.T) {
	watches := book(t, "mlp", "").Watches()
	if r := judge(t, watches, calm()); len(r) > 0 {
		t.Errorf("calm: %+v", r)
	}
	facts := calm()
	facts["train.loss_z"], facts["train.loss"] = math.Inf(1), math.NaN()
	got := judge(t, watches, facts)
	want := heuristics.Reaction{
		Watch: "diverged", Do: heuristics.DoRollback, Set: map[string]any{"lr": 0.01}, Limit: 3,
		Why:    "At update 500 the loss jumped out of its usual range. Training goes back to before it, with half the learning rate, 0.01.",
		Facts:  heuristics.Facts{"lr": 0.02, "train.loss_finite": true, "train.loss_z": "infinite", "train.step": int64(500)},
		Source: "Deep Learning Tuning Playbook; PaLM, arXiv:2204.02311",
	}
	if len(got) != 1 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

// TestStoredWatches: the watches that a plan stores judge as those of the book that it was made with.
func TestStoredWatches(t *testing.T) {
	b := book(t, "mlp", "")
	raw, err := json.Marshal(b.Watches())
	if err != nil {
		t.Fatal(err)
	}
	var stored []heuristics.Watch
	if err := json.Unmarshal(raw, &stored); err != nil {
		t.Fatal(err)
	}
	again, err := b.Catalogue().Watches(stored)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]any{"train.loss_finite": false, "train.grad_norm_ratio": 30.0, "train.loss": 4.0} {
		facts := calm()
		facts[name] = v
		before, after := judge(t, b.Watches(), facts), judge(t, again, facts)
		if len(before) == 0 || !reflect.DeepEqual(before, after) {
			t.Errorf("%s: got %+v, want %+v", name, after, before)
		}
	}
}

func TestStoredWatchesAreChecked(t *testing.T) {
	c := heuristics.Common()
	_, err := c.Watches([]heuristics.Watch{{ID: "w", When: "train.los > 3", Do: heuristics.DoStop, Why: "x"}})
	want := "watch w:1:1: unknown fact \"train.los\"\n | train.los > 3\n | ^ did you mean \"train.loss\"?"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestJudgeErrors(t *testing.T) {
	watches := book(t, "mlp", "").Watches()
	i := slices.IndexFunc(watches, func(w heuristics.Watch) bool { return w.ID == "diverged" })
	facts := calm()
	facts["train.loss_z"] = 9.0
	tests := []struct {
		name     string
		facts    heuristics.Facts
		settings map[string]any
		want     string
	}{
		{"no facts", nil, now, `watch "diverged": train.loss_finite is not known`},
		{"no setting", facts, nil, `watch "diverged": lr is not known`},
		{"a setting of another type", facts, map[string]any{"lr": "fast"}, `watch "diverged": lr: "fast" should be a number`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := watches[i].Judge(test.facts, test.settings); err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// BenchmarkJudge is what the watches of one step take, of which none fires.
func BenchmarkJudge(b *testing.B) {
	watches, facts := book(b, "mlp", "").Watches(), calm()
	b.ReportAllocs()
	for b.Loop() {
		for _, w := range watches {
			if r, err := w.Judge(facts, now); r != nil || err != nil {
				b.Fatal(r, err)
			}
		}
	}
}
