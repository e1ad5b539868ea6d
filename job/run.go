package job

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"tuned/heuristics"
	"tuned/trainer"
	"tuned/trainer/data"
	"tuned/trainer/metric"
	"tuned/trainer/model"
)

// Options are what a person adds to a job.
type Options struct {
	Out     string // the run's directory; empty: DefaultRoot/NAME-HASH
	Seed    int64  // moves weights and the order of the rows, not the split
	Rules   string // a file of rules that come before the built-in ones; empty: none
	Plan    string // a plan.json to replay; empty: the rules make one
	Again   bool   // where the run is finished, make (or go on with) a new one beside it: Out-2, Out-3, …
	Version string // of tuned
	// Unweighed leaves out how much the model relies on each column, and what the strongest do: of a search's trial, only the score is asked for.
	Unweighed bool
	// Architectures starts the models.
	Architectures Architectures
	// Report writes a run's report into its directory; nil: there is none.
	Report func(dir string) error
	// Planned is asked when the plan is made, before the training; nil: it begins at once. Its error ends the attempt,
	// resumably where it is [ErrHeld].
	Planned func(context.Context, Promise) error
	// Observe is told of every event in order, [Progress] included, from one goroutine at a time. It may be nil.
	Observe func(Entry)
	// Pause is the least time between two checkpoints, as in [trainer.Run]; 0: two seconds.
	Pause time.Duration
}

// DefaultRoot is where runs are kept when no directory is named.
const DefaultRoot = "runs"

// Result is what a finished run left.
type Result struct {
	Dir     string
	Plan    *Plan
	Metrics Metrics
	Ledger  Ledger
}

// Errors that end a run without it being finished. Test with errors.Is.
var (
	// ErrInterrupted: the context ended. The same call goes on from there.
	ErrInterrupted = errors.New("interrupted")
	// ErrStopped: a check stopped the run before training.
	ErrStopped = errors.New("stopped by a check")
	// ErrUnfit: settings of the plan do not go together, as one that is pinned may not with others that are decided.
	ErrUnfit = errors.New("the plan")
)

// Unfinished is why a run ended early, and where it can go on.
type Unfinished struct {
	Dir string // empty: nothing was left
	Err error
}

// Error is the cause's; the directory is for whoever prints it.
func (u *Unfinished) Error() string { return u.Err.Error() }

// Unwrap gives the cause.
func (u *Unfinished) Unwrap() error { return u.Err }

// Run executes a job: the whole way from the data to a trained and explained model. A run that is unfinished in its
// directory goes on and ends with the same bits. Errors for which [BadInput] holds leave nothing behind; others are
// [*Unfinished] and name the directory.
func Run(ctx context.Context, j *Job, o Options) (*Result, error) {
	r, err := begin(ctx, j, o)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, interrupted(ctx)
	case err != nil:
		return nil, err
	}
	defer r.closeAll()
	err = r.pipeline(ctx)
	return r.end(ctx, err)
}

// pipeline is the way of the data.
func (r *run) pipeline(ctx context.Context) error {
	for _, stage := range []func(context.Context) error{
		r.read,     // the table becomes raw columns and row sets, and those become facts
		r.decide,   // facts become decisions, with a probe where one is missing
		r.train,    // decisions become a view of the data, a model on it, and the plan; the plan becomes weights
		r.evaluate, // the weights meet the holdout
		r.leave,    // what a person keeps is written
	} {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := stage(ctx); err != nil {
			return err
		}
	}
	return nil
}

// run is one attempt at a run.
type run struct {
	job     *Job
	options Options
	dir     *directory
	record  Record
	journal *journal
	past    history // what earlier attempts left in the journal
	seq     int64
	rules   Rules
	replay  *Plan
	threads int64

	table       *data.Dataset // once read
	facts       heuristics.Facts
	manifest    model.Manifest // of the architecture, once it is decided
	enforcement string         // how its memory limit is held
	plan        *Plan

	model   opened
	outcome trainer.Outcome
	metrics Metrics

	meter *meter
	live  []Architecture
	lost  error // the first event that could not be kept
	stop  context.CancelCauseFunc
}

// tell journals an event and shows it. A journal that cannot be written ends the run, at the latest with the stage.
func (r *run) tell(e Event) {
	if err := r.journal.append(e); err != nil && r.lost == nil {
		r.lost = err
	}
	if r.options.Observe == nil {
		return
	}
	if _, passing := e.(Progress); !passing {
		r.seq++
	}
	r.options.Observe(Entry{Seq: r.seq, At: time.Now(), Event: e})
}

// phase does a part of the run that the ledger lists. work tells its FLOPs also when it fails.
func (r *run) phase(name string, work func() (flops int64, err error)) error {
	r.tell(PhaseBegan{Phase: name})
	r.meter = startMeter()
	for _, a := range r.live {
		r.meter.watch(a)
	}
	flops, err := work()
	cost := r.meter.stop()
	cost.FLOPs = flops
	r.endOthers()
	r.tell(PhaseEnded{Phase: name, Cost: cost, Cut: err != nil})
	return errors.Join(err, r.lost)
}

// endOthers ends the processes that a phase leaves behind: all but the one that holds the model.
func (r *run) endOthers() {
	for _, a := range r.live {
		if a != r.model.process {
			_ = a.Close() // a process that does not end in time is ended by its supervisor
		}
	}
	r.live = slices.DeleteFunc(r.live, func(a Architecture) bool { return a != r.model.process })
}

// end closes the attempt: what is written depends on why it ended.
func (r *run) end(ctx context.Context, err error) (*Result, error) {
	switch {
	case err == nil:
		return &Result{Dir: r.dir.path, Plan: r.plan, Metrics: r.metrics, Ledger: NewLedger(r.entries())}, r.dir.release()
	case ctx.Err() != nil:
		r.tell(Interrupted{})
		return nil, r.unfinished(StateInterrupted, interrupted(ctx))
	case errors.Is(err, ErrHeld):
		r.tell(Interrupted{})
		return nil, r.unfinished(StateInterrupted, err)
	case BadInput(err) && r.dir.fresh && r.plan == nil:
		return nil, errors.Join(noRoom(r.dir.path, elsewhere, err), r.journal.close(), r.dir.discard())
	}
	err = noRoom(r.dir.path, elsewhere, err)
	r.tell(Failed{Problem: err.Error()})
	return nil, r.unfinished(StateFailed, err)
}

func interrupted(ctx context.Context) error {
	return fmt.Errorf("%w: %w", ErrInterrupted, context.Cause(ctx))
}

func (r *run) unfinished(s State, err error) error {
	r.record.State = s
	if more := errors.Join(r.record.write(r.dir.root), r.journal.close(), r.dir.release()); !DiskFull(err) {
		err = errors.Join(err, noRoom(r.dir.path, elsewhere, more))
	}
	return &Unfinished{Dir: r.dir.path, Err: err}
}

// entries are all events of the run so far, of every attempt.
func (r *run) entries() []Entry {
	entries, err := ReadJournal(r.dir.file(JournalFile))
	if err != nil {
		return r.past.entries
	}
	return entries
}

// metric is what the job is judged by.
func (r *run) metric() string {
	if r.job.Data.Metric != "" {
		return r.job.Data.Metric
	}
	return metric.For(r.table.Task)[0]
}

// threadsOf is how many threads a job may use on this machine.
func threadsOf(j *Job) int64 {
	if j.Limits.Threads > 0 {
		return j.Limits.Threads
	}
	return int64(runtime.NumCPU())
}
