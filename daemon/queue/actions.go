package queue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tuned/daemon/failpoint"
	"tuned/daemon/store"
	"tuned/job"
)

// Errors of actions. Test with errors.Is.
var (
	// ErrTooMany: the queue holds as many jobs as it may.
	ErrTooMany = errors.New("the queue is full: wait until jobs are done, or cancel some")
	// ErrFull: the disk has no room left.
	ErrFull = errors.New("the disk is full: nothing new is accepted or started until there is room")
	// ErrState: a job in this state cannot be treated so.
	ErrState = errors.New("not possible now")
)

// Submission is a job as it is handed in.
type Submission struct {
	Key      string // the submitter's own name for it; a second one with it is the same job
	Spec     string
	Rules    string
	Data     store.Data
	Seed     int64
	Priority int
}

// Submit accepts a job: when it returns, the job is on the disk. Mistakes in it are [*job.Error]s.
func (q *Queue) Submit(ctx context.Context, s Submission) (store.Job, error) {
	q.uploads.RLock()
	defer q.uploads.RUnlock()
	spec, err := q.examine(s)
	if err != nil {
		return store.Job{}, err
	}
	j := store.Job{
		Key: s.Key, Name: spec.Name, State: store.Queued, Priority: s.Priority, Spec: s.Spec, Rules: s.Rules, Data: s.Data,
		Seed: s.Seed, Revision: 1, Needs: q.needs(spec),
	}
	if spec.Approve.Asked {
		j.Gate = spec.Approve.String()
	}
	var refused error
	stored, added, err := q.store.Submit(ctx, j, func(j store.Job) error {
		if refused = q.admit(ctx); refused != nil {
			return refused
		}
		if err := os.RemoveAll(q.Place.Job(j.ID)); err != nil {
			return err // left by a submission that was not accepted
		}
		err := q.Place.keep(j)
		failpoint.Hit("submit.before-commit")
		return err
	})
	if err != nil {
		return store.Job{}, cmp.Or(refused, err)
	}
	failpoint.Hit("submit.committed")
	if added {
		q.poke()
	}
	return stored, nil
}

// examine reads a submission as the attempt will.
func (q *Queue) examine(s Submission) (*job.Job, error) {
	spec, err := job.Parse("job.toml", s.Spec)
	if err != nil {
		return nil, err
	}
	if names := q.architectures(); spec.Model.Architecture != "" && names != nil && !slices.Contains(names, spec.Model.Architecture) {
		return nil, &job.Error{Path: "job.toml", Problem: fmt.Sprintf("the architecture %q is not installed here", spec.Model.Architecture)}
	}
	table, err := q.Table(s.Data)
	if err != nil {
		return nil, &job.Error{Path: s.Data.Rooted, Problem: "the table cannot be used", Err: err}
	}
	return spec, spec.CheckTarget(table)
}

// architectures are the names that jobs may use; nil: whatever they name is found out later.
func (q *Queue) architectures() []string {
	if q.Architectures == nil {
		return nil
	}
	return q.Architectures()
}

// admit refuses a new job where there are too many, or no room.
func (q *Queue) admit(ctx context.Context) error {
	counts, err := q.store.Counts(ctx)
	if err != nil {
		return err
	}
	if counts[store.Queued] >= q.Most {
		return ErrTooMany
	}
	if !q.roomy() {
		return ErrFull
	}
	return nil
}

// needs are what a job takes while nothing is known of its plan.
func (q *Queue) needs(spec *job.Job) store.Needs {
	n := store.Needs{Threads: spec.Limits.Threads, Memory: int64(spec.Limits.Memory)}
	if n.Threads == 0 {
		n.Threads = q.Capacity.Threads
	}
	if n.Memory == 0 {
		n.Memory = q.Assumed
	}
	if slices.Contains(q.GPUArchitectures, spec.Model.Architecture) {
		n.GPUs = 1
	}
	return n
}

// rooted finds a table below one of the data directories, without leaving it by a link.
func (q *Queue) rooted(path string) (string, error) {
	if !filepath.IsLocal(path) {
		return "", fmt.Errorf("%q must be a path below a data directory: %w", path, errNoRoot)
	}
	for _, dir := range q.Roots {
		root, err := os.OpenRoot(dir)
		if err != nil {
			continue
		}
		info, err := root.Stat(path)
		root.Close()
		if err == nil && (info.Mode().IsRegular() || info.IsDir()) {
			return filepath.Join(dir, path), nil
		}
	}
	return "", fmt.Errorf("%q: %w", path, errNoRoot)
}

// act changes a job that is in one of the states, and has the queue look again.
func (q *Queue) act(ctx context.Context, id int64, verb string, from []store.State, change func(*store.Job) error) (store.Job, error) {
	j, err := q.store.Change(ctx, id, "state", func(j *store.Job) error {
		if !slices.Contains(from, j.State) {
			return fmt.Errorf("%s job %d, which is %s: %w", verb, id, j.State, ErrState)
		}
		return change(j)
	})
	if err == nil {
		q.poke()
	}
	return j, err
}

// Pause stops a job where it is. A running one saves what it did.
func (q *Queue) Pause(ctx context.Context, id int64) (store.Job, error) {
	j, err := q.act(ctx, id, "pause", []store.State{store.Queued, store.Running}, func(j *store.Job) error {
		j.State, j.Reason = store.Paused, "paused by a person"
		return nil
	})
	if err == nil {
		q.halt(id)
	}
	return j, err
}

// Resume lets a paused job go on.
func (q *Queue) Resume(ctx context.Context, id int64) (store.Job, error) {
	return q.act(ctx, id, "resume", []store.State{store.Paused}, func(j *store.Job) error {
		j.State, j.Reason, j.Deaths = store.Queued, "", 0
		return nil
	})
}

// Cancel ends a job. What it did so far is kept.
func (q *Queue) Cancel(ctx context.Context, id int64) (store.Job, error) {
	open := []store.State{store.Queued, store.Running, store.Waiting, store.Paused}
	j, err := q.act(ctx, id, "cancel", open, func(j *store.Job) error {
		j.State, j.Reason = store.Cancelled, "cancelled by a person"
		return q.Place.mark(id, true)
	})
	if err == nil {
		q.halt(id)
	}
	return j, err
}

// Retry has a failed or cancelled job go on from what is there, or begin again where another version of tuned left that.
func (q *Queue) Retry(ctx context.Context, id int64) (store.Job, error) {
	return q.act(ctx, id, "retry", []store.State{store.Failed, store.Cancelled}, func(j *store.Job) error {
		j.State, j.Reason, j.Deaths, j.Ended = store.Queued, "", 0, time.Time{}
		if q.outdated(*j) {
			if err := q.replan(j); err != nil {
				return err
			}
		}
		return q.Place.mark(id, false)
	})
}

// Prioritise moves a job before those of a lower priority.
func (q *Queue) Prioritise(ctx context.Context, id int64, priority int) (store.Job, error) {
	j, err := q.store.Change(ctx, id, "priority", func(j *store.Job) error {
		if j.State.Settled() {
			return fmt.Errorf("change the priority of job %d, which is %s: %w", id, j.State, ErrState)
		}
		j.Priority = priority
		return nil
	})
	if err == nil {
		q.poke()
	}
	return j, err
}

// Approve lets a waiting job train by its plan.
func (q *Queue) Approve(ctx context.Context, id int64, who string) (store.Job, error) {
	j, err := q.act(ctx, id, "approve", []store.State{store.Waiting}, func(j *store.Job) error {
		j.State, j.Reason, j.Approved = store.Queued, "", who
		return nil
	})
	failpoint.Hit("approve.committed")
	return j, err
}

// Amend pins settings of a job that does not run, and has it planned again: as another run, in a directory of its own.
// Where the new plan is above the job's bound, a person is asked again.
func (q *Queue) Amend(ctx context.Context, id int64, pins map[string]string) (store.Job, error) {
	from := []store.State{store.Waiting, store.Queued, store.Paused, store.Failed, store.Cancelled}
	return q.act(ctx, id, "amend", from, func(j *store.Job) error {
		for _, setting := range sortedKeys(pins) {
			var err error
			if j.Spec, err = job.Amend("job.toml", j.Spec, setting, pins[setting]); err != nil {
				return err
			}
		}
		renew(j)
		j.State, j.Reason, j.Ended = store.Queued, "its pins were amended: it is planned again", time.Time{}
		return errors.Join(q.Place.mark(id, false), q.Place.keep(*j))
	})
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
