package trainer

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tuned/trainer/metric"
	"tuned/trainer/model"
	"tuned/trainer/model/modeltest"
	"tuned/trainer/npy"
)

func TestFinalMembers(t *testing.T) {
	tests := []struct {
		selection, final, schedule string
		want                       []model.Weights
	}{
		{"last", "raw", "linear", []model.Weights{"raw"}},
		{"last", "average:0.99", "linear", []model.Weights{"average:0.99"}},
		{"last", "cycles", "coslog4", []model.Weights{"kept:cycle-1", "raw"}},
		{"last", "cycles+raw", "coslog4", []model.Weights{"kept:cycle-1", "raw"}},
		{"last", "cycles:average:0.9", "coslog4", []model.Weights{"kept:cycle-1/average:0.9", "average:0.9"}},
		{"last", "cycles+average:0.99", "linear", []model.Weights{"raw", "average:0.99"}},
		{"best", "raw", "linear", []model.Weights{"kept:best-raw"}},
		{"best", "average:0.9", "linear", []model.Weights{"kept:best-average-0.9/average:0.9"}},
	}
	for _, test := range tests {
		b := newBench(t)
		b.settings["selection"], b.settings["final"], b.settings["schedule"] = test.selection, test.final, test.schedule
		outcome, session := b.train()
		if !slices.Equal(outcome.Members, test.want) {
			t.Errorf("%s, %s, %s: members %v, want %v", test.selection, test.final, test.schedule, outcome.Members, test.want)
		}
		if _, err := session.Export(context.Background(), filepath.Join(t.TempDir(), "model"), outcome.Members); err != nil {
			t.Errorf("the session does not hold the members: %v", err)
		}
	}
}

func TestTheBestIsTheBestOfTheHistoryAndTheLatestOfTies(t *testing.T) {
	b := newBench(t)
	b.settings["final"] = "best"
	outcome, _ := b.train()
	best := outcome.Best[0]
	top := 0.0
	var latest int64
	for _, e := range outcome.Evaluations {
		if a := e.Metrics.Get("accuracy"); a >= top {
			top, latest = a, e.Step
		}
	}
	if best.Metrics.Get("accuracy") != top || best.Step != latest || best.Epoch != float64(latest)/10 {
		t.Errorf("best %+v, want accuracy %v at step %d", best, top, latest)
	}
	told := slices.IndexFunc(b.events, func(e Event) bool { return e.Best && e.Step == latest && e.Weights == string(best.Weights) })
	if told < 0 {
		t.Error("no event says so")
	}
}

func TestChoosingAtTheEndAlone(t *testing.T) {
	b := newBench(t)
	b.settings["selection"], b.settings["final"] = "last", "average:best"
	outcome, _ := b.train()
	if len(outcome.Evaluations) != 0 || len(outcome.Best) != 1 || outcome.Best[0].Step != 600 || outcome.Members[0] != outcome.Best[0].Weights {
		t.Errorf("outcome %+v", outcome)
	}
}

// What is chosen at the end is chosen again where the end was interrupted: no snapshot holds it.
func TestAnInterruptedEndChoosesAgain(t *testing.T) {
	for _, selection := range []string{"last", "best"} {
		b := newBench(t)
		b.settings["selection"], b.settings["final"], b.settings["epochs"] = selection, "average:best+best", int64(4)
		want := signature(b.train())
		for boundary := 0; ; boundary++ {
			b.dir = t.TempDir()
			if !b.interrupt(boundary) {
				break
			}
			if got := signature(b.train()); got != want {
				t.Fatalf("selection %s, interrupted at boundary %d:\n got %.400s\nwant %.400s", selection, boundary, got, want)
			}
		}
	}
}

func TestLargeValidationSetsAreReadInPieces(t *testing.T) {
	b := newBench(t)
	b.data = modeltest.Blobs(20_000)
	var err error
	if b.view, err = b.data.WriteView(b.viewDir); err != nil {
		t.Fatal(err)
	}
	b.settings["epochs"], b.settings["final"] = int64(2), "raw+average:0.9"
	run, session := b.run()
	run.Validation = sequence(200, 20_000)
	outcome, err := run.Train(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "all.npy")
	if _, err := session.Submit(context.Background(), model.Evaluate{Rows: run.Validation, Weights: outcome.Members, Out: path}).Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	all, err := npy.Read[float32](path, 2*len(run.Validation))
	if err != nil {
		t.Fatal(err)
	}
	metric.ApplyTemperature(all, 2, outcome.Temperature)
	want, err := metric.Evaluate(run.View, all, metric.Truth{Labels: b.data.Labels[200:]})
	if err != nil || want.Get("log_loss") != outcome.Validation.Get("log_loss") {
		t.Errorf("in pieces %v, at once %v, %v", outcome.Validation, want, err)
	}
}

func TestSegmentsAreAFractionOfASecond(t *testing.T) {
	tests := []struct {
		row, step int64
		batch     int
		want      int64
	}{
		{1_000_000, 0, 100, 10}, // 100 MFLOP a step, 1 GFLOP a segment
		{1, 1, 10, 100},         // never more than 100 steps
		{1, 1, 1000, 16},        // nor 16,384 rows
		{1 << 40, 0, 1, 1},      // never none
		{0, 500_000_000, 1, 2},
	}
	for _, test := range tests {
		if got := stepsOfSegment(model.Info{FLOPsRow: test.row, FLOPsStep: test.step}, test.batch); got != test.want {
			t.Errorf("%+v: %d steps", test, got)
		}
	}
}

// TestWhatNeedsValidationRowsIsNamed: a temperature that a person wants fitted was refused for the sake of a selection that needs no rows.
func TestWhatNeedsValidationRowsIsNamed(t *testing.T) {
	for want, change := range map[string]func(s map[string]any){
		`setting temperature: "fit" needs`: func(s map[string]any) {
			s["selection"], s["final"], s["temperature"] = "last", "raw", "fit"
		},
		`setting selection: "best" needs`: func(s map[string]any) { s["selection"], s["final"] = "best", "raw" },
		`setting final: "best" needs`:     func(s map[string]any) { s["selection"], s["final"], s["temperature"] = "last", "best", "none" },
	} {
		s := decided()
		change(s)
		p, err := ParsePlan(s, "accuracy")
		if err != nil {
			t.Fatal(err)
		}
		err = p.CheckValidation(0)
		if err == nil || !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), "validation_fraction = 0.2") {
			t.Errorf("%v, want %s", err, want)
		}
		if err := p.CheckValidation(1); err != nil {
			t.Errorf("with rows: %v", err)
		}
	}
}

func TestWhatCannotBeTrained(t *testing.T) {
	b := newBench(t)
	for name, change := range map[string]func(r *Run){
		"no rows to choose on": func(r *Run) { r.Validation = nil },
		"no steps":             func(r *Run) { r.Order = cyclic{nil, 1} },
		"another task's score": func(r *Run) { r.Plan.Metric = "rmse" },
	} {
		run, _ := b.run()
		change(run)
		if _, err := run.Train(context.Background()); !errors.Is(err, model.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestShortRunsAreNotSlowedDownBySaving(t *testing.T) {
	b := newBench(t)
	b.dir = t.TempDir()
	run, _ := b.run()
	run.Pause = time.Hour
	if _, err := run.Train(context.Background()); err != nil {
		t.Fatal(err)
	}
	if b.count(Saved) != 0 {
		t.Errorf("%d checkpoints in less than an hour", b.count(Saved))
	}
}

func TestACheckpointOfAnotherRunIsRefused(t *testing.T) {
	b := newBench(t)
	b.dir = t.TempDir()
	b.train()
	b.settings["lr"] = 0.03
	run, _ := b.run()
	if _, err := run.Train(context.Background()); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("error %v", err)
	}
}

func TestAResumePassesOverADamagedCheckpoint(t *testing.T) {
	b := newBench(t)
	want := signature(b.train())
	b.dir = t.TempDir()
	b.train()
	s := &store{b.dir}
	names, err := s.names()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.dir, names[0], sessionFile), []byte("torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := signature(b.train()); got != want {
		t.Error("other weights")
	}
	if b.count(Rejected) != 1 {
		t.Errorf("%d checkpoints were rejected", b.count(Rejected))
	}
}

func TestASessionThatFailsIsNoSuspension(t *testing.T) {
	b := newBench(t)
	b.options.Before = func(model.Op) error { return model.ErrExited }
	run, _ := b.run()
	if _, err := run.Train(context.Background()); !errors.Is(err, model.ErrExited) || errors.Is(err, ErrSuspended) {
		t.Errorf("error %v", err)
	}
}

// causing is a session that says why a context ended, as one behind a process boundary does. It ends in front of an evaluation.
type causing struct {
	*modeltest.Session
	end func()
}

func (c causing) Submit(ctx context.Context, ops ...model.Op) model.Pending {
	if _, ok := ops[0].(model.Evaluate); !ok {
		return c.Session.Submit(ctx, ops...)
	}
	c.end()
	return causePending{ctx}
}

type causePending struct{ ctx context.Context }

func (p causePending) Wait(context.Context) ([]model.Result, error) { return nil, context.Cause(p.ctx) }

func TestASuspensionForAReasonSavesWhatWasDone(t *testing.T) {
	b := newBench(t)
	b.dir = t.TempDir()
	b.settings["checkpoint_every"] = int64(100_000)
	run, session := b.run()
	gone := errors.New("the daemon is gone")
	ctx, stop := context.WithCancelCause(context.Background())
	defer stop(nil)
	run.Session = causing{session, func() { stop(gone) }}
	if _, err := run.Train(ctx); !errors.Is(err, ErrSuspended) || !errors.Is(err, gone) {
		t.Fatalf("error %v", err)
	}
	if b.count(Saved) != 1 {
		t.Error("the steps before the evaluation were not saved")
	}
}

// unreadable is a session that is told to end while it loads.
type unreadable struct {
	*modeltest.Session
	end func()
}

func (u unreadable) Load(ctx context.Context, _ model.File) error {
	u.end()
	return ctx.Err()
}

func TestASuspensionWhileLoadingLeavesTheCheckpoint(t *testing.T) {
	b := newBench(t)
	b.dir = t.TempDir()
	b.train()
	before, err := (&store{b.dir}).names()
	if err != nil {
		t.Fatal(err)
	}
	run, session := b.run()
	ctx, cancel := context.WithCancel(context.Background())
	run.Session = unreadable{session, cancel}
	if _, err := run.Train(ctx); !errors.Is(err, ErrSuspended) {
		t.Errorf("error %v", err)
	}
	if after, err := (&store{b.dir}).names(); err != nil || !slices.Equal(after, before) {
		t.Errorf("checkpoints %v, before %v, %v", after, before, err)
	}
}

// stuck is a session whose work does not end until its context does.
type stuck struct{ *modeltest.Session }

func (s stuck) Submit(ctx context.Context, ops ...model.Op) model.Pending { return stuckPending{ctx} }

type stuckPending struct{ ctx context.Context }

func (p stuckPending) Wait(context.Context) ([]model.Result, error) {
	<-p.ctx.Done()
	return nil, p.ctx.Err()
}

func TestCancellingAStuckSessionTakesLessThanASecond(t *testing.T) {
	b := newBench(t)
	synctest.Test(t, func(t *testing.T) {
		run, session := b.run()
		run.Session = stuck{session}
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(time.Minute, cancel)
		start := time.Now()
		_, err := run.Train(ctx)
		if !errors.Is(err, ErrSuspended) || !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		if waited := time.Since(start) - time.Minute; waited > time.Second {
			t.Errorf("it took %v", waited)
		}
	})
}
