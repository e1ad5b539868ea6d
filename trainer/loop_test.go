package trainer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"tuned/heuristics"
	"tuned/trainer/model"
	"tuned/trainer/model/modeltest"
)

// cyclic is an order without randomness: batches one after the other.
type cyclic struct {
	rows  []int32
	batch int
}

func (c cyclic) StepsPerEpoch() int { return len(c.rows) / c.batch }

func (c cyclic) Batch(step int64) []int32 {
	at := int(step%int64(c.StepsPerEpoch())) * c.batch
	return c.rows[at : at+c.batch]
}

// decided are settings for a short training that uses everything.
func decided() map[string]any {
	return map[string]any{
		"epochs": int64(60), "lr": 0.02, "schedule": "coslog4", "warmup_steps": int64(5), "beta1": 0.9, "beta2": 0.95, "epsilon": 1e-8,
		"weight_decay": 0.01, "weight_decay_schedule": "flat-cos", "dropout": 0.1, "dropout_schedule": "flat-cos",
		"label_smoothing": 0.05, "label_smoothing_schedule": "constant", "clip_norm": 1.0, "averages": "0.9,0.99",
		"selection": "best", "evaluate_every": int64(2), "final": "cycles+average:best", "temperature": "fit", "temperature_prior": 0.8,
		"checkpoint_every": int64(70),
	}
}

// bench is a training of a linear model on 200 rows, of which 40 validate.
type bench struct {
	t        *testing.T
	data     modeltest.Data
	view     model.View
	viewDir  string
	settings map[string]any
	metric   string
	options  modeltest.Options
	watches  []Watch
	dir      string
	events   []Event
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, data: modeltest.Blobs(200), viewDir: t.TempDir(), settings: decided(), metric: "accuracy"}
	b.options = modeltest.Options{Seed: 3, Averages: []string{"0.9", "0.99"}}
	var err error
	if b.view, err = b.data.WriteView(b.viewDir); err != nil {
		t.Fatal(err)
	}
	return b
}

// run opens a new session and prepares its training.
func (b *bench) run() (*Run, *modeltest.Session) {
	b.t.Helper()
	plan, err := ParsePlan(b.settings, b.metric)
	if err != nil {
		b.t.Fatal(err)
	}
	session := modeltest.New(b.data, b.options)
	return &Run{
		Session: session, Plan: plan, Order: cyclic{sequence(0, 160), 16}, Validation: sequence(160, 200),
		View: b.view, ViewDir: b.viewDir, Watches: b.watches, Dir: b.dir, Pause: -1, Settings: b.settings,
		Events: func(e Event) { b.events = append(b.events, e) },
	}, session
}

// train runs a training to its end.
func (b *bench) train() (Outcome, *modeltest.Session) {
	b.t.Helper()
	run, session := b.run()
	outcome, err := run.Train(context.Background())
	if err != nil {
		b.t.Fatal(err)
	}
	return outcome, session
}

func (b *bench) count(kind EventKind) int {
	n := 0
	for _, e := range b.events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

func sequence(from, to int32) []int32 {
	var all []int32
	for i := from; i < to; i++ {
		all = append(all, i)
	}
	return all
}

// judge is a watch made of a function.
type judge struct {
	name string
	f    func(heuristics.Facts, model.Settings) *Reaction
}

func (j judge) Name() string { return j.name }

func (j judge) Judge(f heuristics.Facts, s model.Settings) (*Reaction, error) { return j.f(f, s), nil }

// halve rolls back and halves the rate when a loss is not finite.
var halve = judge{"diverged", func(f heuristics.Facts, s model.Settings) *Reaction {
	if f["train.loss_finite"].(bool) {
		return nil
	}
	return &Reaction{Do: Rollback, Set: map[string]float64{"lr": s["lr"].(float64) / 2}, Limit: 3, Why: "the loss was not a number"}
}}

func TestTrainingLearnsAndSelects(t *testing.T) {
	b := newBench(t)
	outcome, session := b.train()
	if got := outcome.Validation.Get("accuracy"); got < 0.75 {
		t.Errorf("accuracy %v on rows that a linear model separates to 0.87", got)
	}
	if session.Steps() != 600 || outcome.Step != 600 {
		t.Errorf("%d steps were taken, the outcome says %d", session.Steps(), outcome.Step)
	}
	want := []model.Weights{"kept:cycle-1", "raw", kept("best-average-best", outcome.Best[0].Weights)}
	if !slices.Equal(outcome.Members, want) {
		t.Errorf("members %v, want %v", outcome.Members, want)
	}
	if n := len(outcome.Evaluations); n != 30*3 {
		t.Errorf("%d evaluations, want 30 of three kinds of weights", n)
	}
	if outcome.Temperature == 1 || len(outcome.Training) == 0 || outcome.FLOPs == 0 {
		t.Errorf("the outcome is incomplete: %+v", outcome)
	}
	for _, kind := range []EventKind{Started, Progress, Evaluated, Calibrated, Finished} {
		if b.count(kind) == 0 {
			t.Errorf("no event %s", kind)
		}
	}
}

// TestWhatIsNotFittedIsUsual: the validation rows are scored at the temperature that new rows will have.
func TestWhatIsNotFittedIsUsual(t *testing.T) {
	b := newBench(t)
	b.settings["temperature"] = "none"
	train := func(prior float64) Outcome {
		b.settings["temperature_prior"] = prior
		run, _ := b.run()
		o, err := run.Train(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	usual, plain := train(0.8), train(1)
	if usual.Temperature != 0.8 || plain.Temperature != 1 || b.count(Calibrated) != 0 {
		t.Errorf("temperatures %v and %v", usual.Temperature, plain.Temperature)
	}
	if usual.Validation.Get("accuracy") != plain.Validation.Get("accuracy") || usual.Validation.Get("log_loss") >= plain.Validation.Get("log_loss") {
		t.Errorf("sharper: %v, plain: %v", usual.Validation, plain.Validation)
	}
}

func TestRegressionWithoutValidation(t *testing.T) {
	b := newBench(t)
	b.data, b.metric = modeltest.Plane(200), "rmse"
	for name, v := range map[string]any{"selection": "last", "final": "average:0.9", "temperature": "none", "schedule": "linear", "label_smoothing": 0.0, "dropout": 0.0} {
		b.settings[name] = v
	}
	run, _ := b.run()
	run.Validation = nil
	outcome, err := run.Train(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	last := outcome.Training[len(outcome.Training)-1]
	if last.Loss > 0.05 || outcome.Validation != nil || outcome.Members[0] != "average:0.9" {
		t.Errorf("loss %v, members %v, validation %v", last.Loss, outcome.Members, outcome.Validation)
	}
}

// signature is all of an outcome that has to be the same, and the weights.
func signature(o Outcome, s *modeltest.Session) string {
	return fmt.Sprintf("%v %v %+v", s.Weights(), s.Kept(), o)
}

func TestEveryInterruptionEndsInTheSameBits(t *testing.T) {
	b := newBench(t)
	b.watches = []Watch{halve}
	b.settings["evaluate_every"], b.settings["checkpoint_every"] = int64(12), int64(400)
	b.options.Poison = func(s model.Step, done int64) bool { return done == 341 && s.LR > 0.008 }
	want := signature(b.train())
	if b.count(Reacted) == 0 {
		t.Fatal("nothing went wrong: the test would not see reactions")
	}
	for boundary := 0; ; boundary++ {
		b.dir = t.TempDir()
		if !b.interrupt(boundary) {
			break
		}
		if got := signature(b.train()); got != want {
			t.Fatalf("interrupted at boundary %d:\n got %.400s\nwant %.400s", boundary, got, want)
		}
		if b.count(Resumed) == 0 {
			t.Fatal("the run did not resume")
		}
	}
}

// interrupt cancels a training in front of the n'th conversation with its session. It reports whether there was one.
func (b *bench) interrupt(n int) bool {
	b.t.Helper()
	run, session := b.run()
	counting := &boundaries{Session: session, left: n}
	run.Session = counting
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	counting.reached = cancel
	_, err := run.Train(ctx)
	if err != nil && !errors.Is(err, ErrSuspended) {
		b.t.Fatal(err)
	}
	return err != nil
}

// boundaries calls reached in front of one Submit.
type boundaries struct {
	*modeltest.Session
	left    int
	reached func()
}

func (b *boundaries) Submit(ctx context.Context, ops ...model.Op) model.Pending {
	if b.left--; b.left == -1 {
		b.reached()
	}
	return b.Session.Submit(ctx, ops...)
}

func TestHowOftenARunIsSavedDoesNotChangeItsBits(t *testing.T) {
	b := newBench(t)
	b.settings["evaluate_every"] = int64(12)
	b.watches = []Watch{halve}
	b.options.Poison = func(s model.Step, done int64) bool { return done == 341 && s.LR > 0.008 }
	want := signature(b.train())
	for _, every := range []int64{90, 341} {
		b.dir, b.settings["checkpoint_every"] = t.TempDir(), every
		if got := signature(b.train()); got != want {
			t.Errorf("other weights when it is saved every %d steps", every)
		}
	}
}

func TestKilledRunsEndInTheSameBits(t *testing.T) {
	b := newBench(t)
	b.settings["evaluate_every"], b.settings["checkpoint_every"] = int64(12), int64(130)
	want := signature(b.train())
	killed := errors.New("killed")
	for _, at := range []int{0, 131, 300, 599} {
		b.dir = t.TempDir()
		steps := 0
		b.options.Before = func(op model.Op) error {
			if _, ok := op.(model.Step); ok {
				steps++
			}
			if steps > at {
				return killed
			}
			return nil
		}
		run, _ := b.run()
		if _, err := run.Train(context.Background()); !errors.Is(err, killed) {
			t.Fatalf("killed at step %d: %v", at, err)
		}
		b.options.Before = nil
		if got := signature(b.train()); got != want {
			t.Errorf("killed at step %d: other weights", at)
		}
	}
}
