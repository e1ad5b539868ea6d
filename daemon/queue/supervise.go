package queue

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"tuned/daemon/attempt"
	"tuned/daemon/failpoint"
	"tuned/daemon/store"
	"tuned/job"
	"tuned/words"
)

// supervise is an attempt's whole life: it is started, heard, and its end is committed.
func (q *Queue) supervise(ctx context.Context, j store.Job, a *active) {
	log := q.Log.With(zap.Int64("job", j.ID), zap.Int("attempt", j.Attempts))
	failpoint.Hit("attempt.before")
	outcome, err := q.attempt(ctx, j, a)
	if err != nil {
		outcome = attempt.Ended(err)
	}
	outcome.Problem = q.named(outcome.Problem, j)
	failpoint.Hit("attempt.after")
	log.Info("attempt ended", zap.String("end", string(outcome.End)), zap.String("problem", outcome.Problem))
	q.stats.ended(outcome.End)
	q.persist(ctx, log, func(ctx context.Context) error { return q.settle(ctx, j.ID, outcome) })
	failpoint.Hit("attempt.settled")
}

// attempt runs a job's next attempt. A run that is finished already, because the daemon died before it said so, is not
// touched again.
func (q *Queue) attempt(ctx context.Context, j store.Job, a *active) (attempt.Outcome, error) {
	record, err := job.ReadRecord(q.Place.Run(j))
	switch {
	case err == nil && record.State == job.StateFinished:
		return finishedBefore(q.Place.Run(j)), nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		if j, err = q.setAside(ctx, j, err); err != nil {
			return attempt.Outcome{}, err
		}
	}
	table, err := q.Table(j.Data)
	if err != nil {
		return attempt.Outcome{}, err
	}
	if j.Data.SHA256 != "" && !q.Place.Intact(j.Data) {
		return attempt.Outcome{}, fmt.Errorf("the uploaded table %s is damaged: upload it again, then retry the job", j.Data.Name)
	}
	if err := q.Place.keepRules(j); err != nil {
		return attempt.Outcome{}, err
	}
	r := attempt.Request{
		Job: j.ID, Spec: j.Spec, Data: table, Dir: q.Place.Run(j), Log: q.Place.Log(j.ID), Seed: j.Seed,
	}
	if j.Rules != "" {
		r.Rules = q.Place.rules(j.ID)
	}
	program := q.Program
	if a.gpu >= 0 {
		program.Env = append([]string{"CUDA_VISIBLE_DEVICES=" + strconv.Itoa(a.gpu)}, program.Env...)
	}
	f := q.follow(j)
	outcome, err := program.Run(ctx, r, func(m attempt.Message) string { return q.hear(ctx, j.ID, f, m) })
	f.look(ctx)
	return outcome, err
}

// setAside has a job begin again, as another run, whose run's record is damaged: nothing in that directory can be trusted
// to be of this job.
func (q *Queue) setAside(ctx context.Context, j store.Job, damage error) (store.Job, error) {
	q.Log.Error("a run is set aside, and begun again", zap.Int64("job", j.ID), zap.String("directory", q.Place.Run(j)), zap.Error(damage))
	return q.store.Change(ctx, j.ID, "state", func(j *store.Job) error {
		j.Revision, j.Deaths, j.Reached = j.Revision+1, 0, 0
		j.Reason = "its run was damaged on the disk: it begins again"
		return q.Place.keep(*j)
	})
}

// named puts names that people know in the place of the daemon's own paths.
func (q *Queue) named(text string, j store.Job) string {
	if j.Data.SHA256 != "" {
		text = strings.ReplaceAll(text, q.Place.upload(j.Data), j.Data.Name)
	}
	return strings.ReplaceAll(text, string(q.Place)+string(filepath.Separator), "")
}

// finishedBefore is the outcome of a run that its directory says is finished.
func finishedBefore(dir string) attempt.Outcome {
	o := attempt.Outcome{End: attempt.Finished}
	r, err := job.ReadResult(dir)
	if err != nil {
		return o
	}
	o.Metric = r.Metrics.Metric
	if v, ok := r.Metrics.Test[o.Metric]; ok {
		o.Score = &v
	}
	return o
}

// hear takes note of what an attempt says, and answers a promise.
func (q *Queue) hear(ctx context.Context, id int64, f *follower, m attempt.Message) string {
	switch {
	case m.Seq > 0:
		f.look(ctx)
		q.grown(id)
	case m.Promise != nil:
		answer, err := q.judge(ctx, id, *m.Promise)
		if err != nil {
			q.Log.Error("judge a plan", zap.Int64("job", id), zap.Error(err))
			return attempt.Hold
		}
		return answer
	}
	return ""
}

// judge decides whether a planned job trains now: not when a person has to be asked, nor when others come first.
func (q *Queue) judge(ctx context.Context, id int64, p job.Promise) (string, error) {
	others, err := q.idle(ctx)
	if err != nil {
		return "", err
	}
	answer := attempt.Hold
	_, err = q.store.Change(ctx, id, "planned", func(j *store.Job) error {
		j.Promise = &p
		spec, err := job.Parse("job.toml", j.Spec)
		if err != nil {
			return err
		}
		if spec.Limits.Memory == 0 {
			j.Needs.Memory = p.MemoryBytes
		}
		switch {
		case j.State != store.Running: // stopped in the meantime
		case spec.Approve.Needed(p) && j.Approved == "":
			j.State, j.Reason = store.Waiting, fmt.Sprintf("the plan promises %s and %s, above %s", words.Format(p.Seconds, "seconds"), words.Format(p.FLOPs, "flops"), spec.Approve)
		case overtaken(*j, others, time.Now()):
			j.State, j.Reason = store.Queued, "its plan is made; shorter jobs go first"
		default:
			answer = attempt.Go
		}
		return nil
	})
	failpoint.Hit("plan.judged")
	return answer, err
}

// Holding a planned job back costs reading its table again. It is worth it for one that is long, and much longer than what
// waits.
const (
	longJob    = 60 // seconds
	muchLonger = 2
)

// overtaken tells whether a job that was just planned should let another go first.
func overtaken(j store.Job, others []store.Job, now time.Time) bool {
	if cost(j) < longJob {
		return false
	}
	for _, o := range others {
		if rank(o, now) > rank(j, now) || rank(o, now) == rank(j, now) && before(o, j, now) < 0 && cost(o)*muchLonger < cost(j) {
			return true
		}
	}
	return false
}

// persist does what must not be forgotten, again and again while the disk is full. What no waiting changes is given up at once, and by
// a daemon that is told to stop all is after a while: what was not committed is found out again at the next start.
func (q *Queue) persist(ctx context.Context, log *zap.Logger, do func(context.Context) error) {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		err := do(context.WithoutCancel(ctx))
		if err == nil {
			return
		}
		log.Error("commit", zap.Error(err))
		if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrDamaged) {
			return
		}
		if !q.roomy() && q.Place.spend() == nil {
			continue // at once: what was kept for this is free now
		}
		q.mu.Lock()
		draining := q.mu.draining
		q.mu.Unlock()
		if draining && wait >= time.Second {
			return
		}
		time.Sleep(wait)
	}
}

// settle commits how an attempt ended. A job that a person moved meanwhile stays where it is, unless its run is complete.
func (q *Queue) settle(ctx context.Context, id int64, o attempt.Outcome) error {
	j, err := q.store.Job(ctx, id)
	if err != nil {
		return err
	}
	var files []store.Artifact
	if o.End == attempt.Finished {
		if files, err = q.artifacts(j); err != nil {
			o = attempt.Outcome{End: attempt.Failed, Problem: err.Error()}
		}
	}
	failpoint.Hit("settle.before")
	_, err = q.store.Change(ctx, id, "state", func(j *store.Job) error {
		if o.End == attempt.Finished && j.State != store.Cancelled {
			finish(j, o)
			return nil
		}
		if j.State == store.Running {
			q.unfinished(j, o)
		}
		return nil
	}, files...)
	return err
}

// artifacts are the files that a finished run lists.
func (q *Queue) artifacts(j store.Job) ([]store.Artifact, error) {
	r, err := job.ReadRecord(q.Place.Run(j))
	if err != nil {
		return nil, fmt.Errorf("read the finished run: %w", err)
	}
	files := make([]store.Artifact, len(r.Files))
	for i, f := range r.Files {
		files[i] = store.Artifact{Job: j.ID, Path: f.Path, Length: f.Length, SHA256: f.SHA256}
	}
	return files, nil
}

// unfinished moves a job whose attempt ended early.
func (q *Queue) unfinished(j *store.Job, o attempt.Outcome) {
	switch o.End {
	case attempt.Held, attempt.Interrupted:
		j.State, j.Reason = store.Queued, "it was interrupted, and goes on from where it was"
	case attempt.Full:
		j.State, j.Reason = store.Paused, "the disk is full: make room, then resume it"
	case attempt.Died:
		q.died(j, o)
	default:
		j.State, j.Reason = store.Failed, o.Problem
	}
}

// died has a job go on, unless its attempts die again and again at the same place.
func (q *Queue) died(j *store.Job, o attempt.Outcome) {
	reached := milestones(q.Place.Run(*j))
	if reached > j.Reached {
		j.Reached, j.Deaths = reached, 0
	}
	j.Deaths++
	if j.Deaths >= q.Deaths {
		j.State, j.Reason = store.Failed, fmt.Sprintf("%d attempts died without getting further; the last: %s", j.Deaths, o.Problem)
		return
	}
	j.State, j.Reason = store.Queued, "an attempt died, and the next goes on from where it was: "+o.Problem
}

// milestones counts what later attempts build on: measurements, the plan, checkpoints.
func milestones(dir string) int64 {
	entries, err := job.ReadJournal(filepath.Join(dir, job.JournalFile))
	if err != nil {
		return 0
	}
	var n int64
	for _, entry := range entries {
		switch e := entry.Event.(type) {
		case job.Measured, job.Planned:
			n++
		case job.Trained:
			if e.Event.Kind == "train.checkpoint" {
				n++
			}
		}
	}
	return n
}

// Table is the place of a job's table, which must be what was submitted.
func (q *Queue) Table(d store.Data) (string, error) {
	if d.SHA256 == "" {
		return q.rooted(d.Rooted)
	}
	if !q.Place.Holds(d) {
		return "", fmt.Errorf("the uploaded table %s is gone: upload it again", d.Name)
	}
	return q.Place.upload(d), nil
}

var errNoRoot = errors.New("it is in none of the daemon's data directories")
