package trainer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"time"

	"tuned/heuristics"
	"tuned/trainer/metric"
	"tuned/trainer/model"
)

// How long a suspended run waits: for what is in flight, so that the user waits less than a second, and for its checkpoint.
const (
	drainTime = 800 * time.Millisecond
	saveTime  = 30 * time.Second
)

// How often a run saves itself, at most: saving may take a thirtieth of its time.
const (
	savePause = 2 * time.Second
	saveShare = 30
)

// progressEvents is how many a run sends, about.
const progressEvents = 500

// loop is one call of Train. The goroutine that made it owns it.
type loop struct {
	state
	run           *Run
	ctx           context.Context // the caller's: ends when the run is to be suspended
	work          context.Context // what steps run under: outlives ctx by drainTime
	steps         int64
	evaluateEvery int64 // steps
	segment       int64 // steps
	cycleEnds     []int64
	truth         metric.Truth // of the validation rows
	scratch       string       // where evaluations are written
	store         *store       // nil: no checkpoints
	identity      string       // see identify; of a run with checkpoints
	saved         int64        // the step of the newest checkpoint
	saveAfter     time.Time    // when the next one may be written
	told          int64        // the step of the last progress event
	facts         heuristics.Facts
}

// Train executes the plan, from the newest valid checkpoint in Dir if there is one, and returns what predicts. When ctx
// ends it stops within about a second, leaves a checkpoint and returns an error that is ErrSuspended; the same call on a
// newly opened session then goes on, to the same bits. Of a run that diverged the Outcome holds the FLOPs alone. The session
// stays open.
func (r *Run) Train(ctx context.Context) (Outcome, error) {
	if err := r.validate(); err != nil {
		return Outcome{}, err
	}
	work, stop := outlive(ctx, drainTime)
	defer stop()
	l := r.loop(ctx, work)
	clean, err := l.prepare()
	defer clean()
	if err != nil {
		return Outcome{}, err
	}
	if err := l.train(); err != nil {
		return l.spent(err), l.suspend(err)
	}
	outcome, err := l.finish()
	if err != nil {
		return Outcome{}, l.suspend(err)
	}
	return outcome, nil
}

// spent is what is left of a training that diverged: the work. One that can go on brings its own along.
func (l *loop) spent(cause error) Outcome {
	if errors.Is(cause, ErrDiverged) {
		return Outcome{FLOPs: l.FLOPs}
	}
	return Outcome{}
}

func (r *Run) validate() error {
	if r.Order.StepsPerEpoch() < 1 || r.Plan.Epochs < 1 {
		return fmt.Errorf("train: %w: an epoch of %d steps, %d epochs", model.ErrInvalid, r.Order.StepsPerEpoch(), r.Plan.Epochs)
	}
	if err := r.Plan.CheckValidation(len(r.Validation)); err != nil {
		return fmt.Errorf("train: %w: %w", model.ErrInvalid, err)
	}
	if r.Plan.NeedsValidation() && !slices.Contains(metric.For(r.View.Task), r.Plan.Metric) {
		return fmt.Errorf("train: %w: metric %q does not score a %s", model.ErrInvalid, r.Plan.Metric, r.View.Task)
	}
	return nil
}

func (r *Run) loop(ctx, work context.Context) *loop {
	epoch := int64(r.Order.StepsPerEpoch())
	l := &loop{
		state: newState(r.Plan), run: r, ctx: ctx, work: work,
		steps: r.Plan.Epochs * epoch, evaluateEvery: r.Plan.EvaluateEvery * epoch,
		segment: stepsOfSegment(r.Session.Info(), len(r.Order.Batch(0))),
	}
	l.facts = heuristics.Facts{}
	maps.Copy(l.facts, r.Facts)
	if r.Plan.Final.cycles() {
		for _, t := range r.Plan.Schedule.cycleEnds() {
			if step := int64(math.Round(t * float64(l.steps))); step > 0 && step < l.steps {
				l.cycleEnds = append(l.cycleEnds, step)
			}
		}
	}
	return l
}

// prepare reads the truth, makes room for outputs and restores the newest checkpoint. What it returns cleans up.
func (l *loop) prepare() (clean func(), err error) {
	clean = func() {}
	if len(l.run.Validation) > 0 {
		all, err := metric.ReadTruth(l.run.View, l.run.ViewDir)
		if err != nil {
			return clean, fmt.Errorf("train: %w", err)
		}
		l.truth = all.Rows(l.run.Validation)
	}
	if l.run.Dir != "" {
		if l.store, err = openStore(l.run.Dir); err != nil {
			return clean, err
		}
	}
	if l.scratch, err = os.MkdirTemp(l.run.Dir, ".outputs-"); err != nil {
		return clean, fmt.Errorf("train: %w", err)
	}
	l.pause(0)
	scratch := l.scratch
	return func() { os.RemoveAll(scratch) }, l.restore()
}

// train runs every step that is left.
func (l *loop) train() error {
	for l.Stopped == "" {
		if err := l.ctx.Err(); err != nil {
			return err
		}
		if err := l.advance(); err != nil {
			return err
		}
		if l.Next == l.steps && len(l.Flight) == 0 && !l.evaluationDue() {
			return nil
		}
	}
	return nil
}

// advance does the next thing: judge what is in flight where it must not be passed, evaluate, save, or submit.
func (l *loop) advance() error {
	switch {
	case len(l.Flight) > 0 && (l.Next == l.steps || l.evaluationDue()):
		return l.settle()
	case l.evaluationDue():
		return l.evaluateAll()
	case l.checkpointDue():
		return l.checkpoint(l.ctx)
	}
	l.submit()
	if len(l.Flight) < 2 {
		return nil
	}
	return l.settle()
}

// evaluationDue tells whether weights are to be compared before the next step.
func (l *loop) evaluationDue() bool {
	return l.run.Plan.selects() && l.Next > l.Evaluated && (l.Next%l.evaluateEvery == 0 || l.Next == l.steps)
}

func (l *loop) checkpointDue() bool {
	every := l.run.Plan.CheckpointEvery
	return l.store != nil && every > 0 && l.Next >= l.saved+every && !time.Now().Before(l.saveAfter)
}

// pause keeps the next checkpoint off until saving, which took so long, is a small share of the work.
func (l *loop) pause(took time.Duration) {
	least := l.run.Pause
	if least < 0 {
		return
	}
	if least == 0 {
		least = savePause
	}
	l.saveAfter = time.Now().Add(max(least, saveShare*took))
}

// suspend turns what ended a run whose context has ended into ErrSuspended, and leaves a checkpoint where the loop's state
// is whole: between two moves. Other errors pass.
func (l *loop) suspend(cause error) error {
	if l.ctx.Err() == nil || errors.Is(cause, ErrDiverged) {
		return cause
	}
	if l.store != nil && l.interrupted(cause) && l.work.Err() == nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(l.ctx), saveTime)
		defer cancel()
		if err := l.checkpoint(ctx); err != nil {
			cause = err
		}
	}
	l.send(Event{Kind: Suspended, Step: l.saved})
	return fmt.Errorf("%w at step %d of %d, to go on from step %d: %w", ErrSuspended, l.Next, l.steps, l.saved, cause)
}

// interrupted tells whether an error says that the context has ended, or why.
func (l *loop) interrupted(err error) bool {
	return errors.Is(err, l.ctx.Err()) || errors.Is(err, context.Cause(l.ctx))
}

// outlive returns a context that ends some time after its parent does.
func outlive(parent context.Context, by time.Duration) (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(parent))
	stop := context.AfterFunc(parent, func() {
		select {
		case <-time.After(by):
			cancel()
		case <-ctx.Done():
		}
	})
	return ctx, func() { stop(); cancel() }
}

// send gives an event to whoever listens.
func (l *loop) send(e Event) {
	if l.run.Events == nil {
		return
	}
	e.Steps, e.FLOPs = l.steps, l.FLOPs
	e.Epoch = float64(e.Step) / float64(l.run.Order.StepsPerEpoch())
	l.run.Events(e)
}

func (l *loop) progressEvent(step int64) {
	if step < l.told+max(1, l.steps/progressEvents) && step < l.steps {
		return
	}
	l.told = step
	l.send(Event{Kind: Progress, Step: step, Loss: Number(l.Monitor.loss()), LR: l.rate(step - 1), GradNorm: l.Monitor.LastNorm})
}
