package trainer

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"tuned/heuristics"
	"tuned/trainer/model"
)

// quiet are settings of a training in which nothing is chosen.
func (b *bench) quiet() {
	for name, v := range map[string]any{"selection": "last", "final": "raw", "temperature": "none", "schedule": "constant"} {
		b.settings[name] = v
	}
}

// at makes a watch that reacts once, at a step.
func at(step int64, r Reaction) Watch {
	fired := false
	return judge{"at", func(f heuristics.Facts, _ model.Settings) *Reaction {
		if fired || f["train.step"].(int64) != step {
			return nil
		}
		fired = true
		return &r
	}}
}

// rates records the learning rate of every step that a training takes.
func (b *bench) rates() *[]float64 {
	var all []float64
	b.options.Before = func(op model.Op) error {
		if s, ok := op.(model.Step); ok {
			all = append(all, s.LR)
		}
		return nil
	}
	return &all
}

func TestARollbackReturnsSkipsHalvesAndWarmsUp(t *testing.T) {
	b := newBench(t)
	b.quiet()
	b.watches = []Watch{at(450, Reaction{Do: Rollback, Set: map[string]float64{"lr": 0.01}, Why: "because"})}
	rates := b.rates()
	outcome, session := b.train()

	record := outcome.Reactions[0]
	if len(outcome.Reactions) != 1 || record.Step != 450 || record.To != 300 || record.Count != 1 || record.Watch != "at" {
		t.Fatalf("reactions %+v", outcome.Reactions)
	}
	// 100 steps a segment: step 450 lies in the one up to 500; the one in flight, up to 600, runs and is thrown away.
	if session.Steps() != 600 || len(*rates) != 600+300 {
		t.Errorf("%d steps taken, %d computed", session.Steps(), len(*rates))
	}
	for i, want := range map[int]float64{299: 0.02, 599: 0.02, 600: 0.01 / 50, 624: 0.01 / 2, 649: 0.01, 899: 0.01} {
		if got := (*rates)[i]; math.Abs(got-want) > 1e-12 {
			t.Errorf("rate of step %d that was computed: %v, want %v", i, got, want)
		}
	}
}

func TestARollbackSkipsTheBatchesSince(t *testing.T) {
	b := newBench(t)
	b.quiet()
	b.watches = []Watch{at(450, Reaction{Do: Rollback, Why: "because"})}
	run, _ := b.run()
	asked := &listing{Order: run.Order}
	run.Order = asked
	if _, err := run.Train(context.Background()); err != nil {
		t.Fatal(err)
	}
	last := asked.steps[len(asked.steps)-300:]
	if last[0] != 500 || last[299] != 799 {
		t.Errorf("after the rollback batches %d to %d were read, want 500 to 799", last[0], last[299])
	}
}

// listing notes which steps' batches are asked for.
type listing struct {
	Order
	steps []int64
}

func (l *listing) Batch(step int64) []int32 {
	l.steps = append(l.steps, step)
	return l.Order.Batch(step)
}

func TestAnEarlyRollbackStartsAgain(t *testing.T) {
	b := newBench(t)
	b.quiet()
	b.watches = []Watch{at(20, Reaction{Do: Rollback, Why: "because"})}
	outcome, session := b.train()
	if outcome.Reactions[0].To != 0 || session.Steps() != 600 {
		t.Errorf("went back to step %d, and took %d steps", outcome.Reactions[0].To, session.Steps())
	}
}

func TestLoweringTakesHoldBehindTheSegmentInFlight(t *testing.T) {
	b := newBench(t)
	b.quiet()
	set := map[string]float64{"lr": 0.005, "weight_decay": 0.5, "dropout": 0, "label_smoothing": 0, "clip_norm": 3}
	b.watches = []Watch{at(50, Reaction{Do: Lower, Set: set, Why: "because"})}
	var steps []model.Step
	b.options.Before = func(op model.Op) error {
		if s, ok := op.(model.Step); ok {
			steps = append(steps, s)
		}
		return nil
	}
	b.train()
	if steps[199].LR != 0.02 || steps[200].LR != 0.005 || len(steps) != 600 {
		t.Errorf("rates %v and %v; %d steps", steps[199].LR, steps[200].LR, len(steps))
	}
	if s := steps[200]; s.WeightDecay != 0.5 || s.Dropout != 0 || s.LabelSmoothing != 0 || s.ClipNorm != 3 {
		t.Errorf("step 201: %+v", s)
	}
}

func TestStoppingEndsTheTrainingInOrder(t *testing.T) {
	b := newBench(t)
	b.settings["schedule"], b.settings["evaluate_every"] = "linear", int64(35)
	b.watches = []Watch{at(50, Reaction{Do: Stop, Why: "enough"})}
	outcome, session := b.train()
	if outcome.Stopped != "enough" || outcome.Step != 200 || session.Steps() != 200 || outcome.Steps != 600 {
		t.Errorf("outcome %+v after %d steps", outcome, session.Steps())
	}
	if len(outcome.Best) != 1 || outcome.Best[0].Step != 200 || len(outcome.Members) == 0 {
		t.Errorf("best %+v, members %v", outcome.Best, outcome.Members)
	}
}

func TestAlertsAreToldAndRepeatedRarely(t *testing.T) {
	b := newBench(t)
	b.quiet()
	b.watches = []Watch{judge{"always", func(heuristics.Facts, model.Settings) *Reaction { return &Reaction{Do: Alert, Why: "look"} }}}
	outcome, _ := b.train()
	var steps []int64
	for _, r := range outcome.Reactions {
		steps = append(steps, r.Step)
	}
	if !slices.Equal(steps, []int64{1, 202, 403}) || b.count(Reacted) != 3 {
		t.Errorf("alerts at %v, %d events", steps, b.count(Reacted))
	}
}

func TestARunThatDoesNotRecoverHasDiverged(t *testing.T) {
	b := newBench(t)
	b.quiet()
	b.watches = []Watch{halve}
	b.options.Poison = func(s model.Step, done int64) bool { return done == 341 }
	run, _ := b.run()
	outcome, err := run.Train(context.Background())
	if !errors.Is(err, ErrDiverged) || !strings.Contains(err.Error(), "the loss was not a number") {
		t.Errorf("error %v", err)
	}
	if outcome.FLOPs == 0 {
		t.Error("what it cost is not told")
	}
	if b.count(Reacted) != 3 {
		t.Errorf("%d reactions", b.count(Reacted))
	}
}

// A watch without a limit does not keep a training that never recovers going for ever.
func TestRollbacksWithoutALimitEnd(t *testing.T) {
	b := newBench(t)
	b.quiet()
	b.watches = []Watch{judge{"endless", func(f heuristics.Facts, _ model.Settings) *Reaction {
		if f["train.loss_finite"].(bool) {
			return nil
		}
		return &Reaction{Do: Rollback, Why: "once more"}
	}}}
	b.options.Poison = func(s model.Step, done int64) bool { return done == 341 }
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	run, _ := b.run()
	if _, err := run.Train(ctx); !errors.Is(err, ErrDiverged) || !strings.Contains(err.Error(), "once more") {
		t.Errorf("error %v", err)
	}
}

func TestNothingButNaNHasDiverged(t *testing.T) {
	b := newBench(t)
	b.quiet()
	b.options.Poison = func(s model.Step, done int64) bool { return true }
	run, _ := b.run()
	if _, err := run.Train(context.Background()); !errors.Is(err, ErrDiverged) {
		t.Errorf("error %v", err)
	}
}

func TestWatchesReadFactsAndSettings(t *testing.T) {
	b := newBench(t)
	b.quiet()
	seen := 0
	b.watches = []Watch{judge{"reader", func(f heuristics.Facts, s model.Settings) *Reaction {
		if f["data.rows"] == int64(200) && s["lr"] == 0.02 && s["epochs"] == int64(60) {
			seen++
		}
		return nil
	}}}
	run, _ := b.run()
	run.Facts = heuristics.Facts{"data.rows": int64(200)}
	if _, err := run.Train(context.Background()); err != nil {
		t.Fatal(err)
	}
	if seen != 600 {
		t.Errorf("%d of 600 steps were judged with all that is known", seen)
	}
}

func TestReactionsThatMakeNoSense(t *testing.T) {
	for name, r := range map[string]Reaction{
		"an end without a reason":    {Do: Stop},
		"an unknown action":          {Do: "dance"},
		"a setting that stays":       {Do: Lower, Set: map[string]float64{"epochs": 3}},
		"a rate that is no number":   {Do: Lower, Set: map[string]float64{"lr": math.NaN()}},
		"a rate that goes uphill":    {Do: Lower, Set: map[string]float64{"lr": -1}},
		"an infinite regularisation": {Do: Lower, Set: map[string]float64{"weight_decay": math.Inf(1)}},
	} {
		b := newBench(t)
		b.quiet()
		b.watches = []Watch{at(10, r)}
		run, _ := b.run()
		if _, err := run.Train(context.Background()); err == nil || !strings.Contains(err.Error(), "watch at") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
