package queue

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"go.uber.org/zap"

	"tuned/daemon/attempt"
	"tuned/daemon/failpoint"
	"tuned/daemon/store"
	"tuned/job"
)

// recover brings every job back: attempts that outlived the last daemon are ended before anything else, a damaged database
// is made again from the jobs' own directories, and what was running is queued to go on.
func (q *Queue) recover(ctx context.Context) error {
	ended, err := q.Program.EndOrphans(ctx)
	if err != nil {
		return err
	}
	if ended > 0 {
		q.Log.Warn("attempts of an earlier daemon were ended", zap.Int("processes", ended))
	}
	if err := q.open(ctx); err != nil {
		return err
	}
	failpoint.Hit("recover.before")
	if err := q.adopt(ctx); err != nil {
		return errors.Join(err, q.store.Close())
	}
	if err := q.requeue(ctx); err != nil {
		return errors.Join(err, q.store.Close())
	}
	return nil
}

// open opens the database; a damaged one is kept aside and replaced by an empty one, which adopt fills.
func (q *Queue) open(ctx context.Context) error {
	path := q.Place.Database()
	var err error
	q.store, err = store.Open(ctx, path)
	if err != nil && !errors.Is(err, store.ErrDamaged) && !q.roomy() {
		return q.openCramped(ctx, err)
	}
	if !errors.Is(err, store.ErrDamaged) {
		return err
	}
	aside := fmt.Sprintf("%s.damaged-%d", path, time.Now().Unix())
	q.Log.Error("the database is damaged; it is kept aside, and made again from the jobs' directories", zap.String("aside", aside), zap.Error(err))
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(path+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	q.store, err = store.Open(ctx, path)
	return err
}

// openCramped opens the database, which failed for want of room, in the room that was kept for bad times.
func (q *Queue) openCramped(ctx context.Context, failed error) error {
	if q.Place.spend() == nil {
		q.store, failed = store.Open(ctx, q.Place.Database())
	}
	if failed == nil {
		return nil
	}
	return fmt.Errorf("the disk that holds %s is full: %w", q.Place, failed)
}

// adopt takes in what the jobs' directories know and the database does not: it was replaced, or lost its newest commits,
// or a submission was on the disk and not yet answered.
func (q *Queue) adopt(ctx context.Context) error {
	kept, err := q.Place.kept()
	if err != nil {
		return err
	}
	rows, err := q.store.Jobs(ctx)
	if err != nil {
		return err
	}
	for _, j := range rows {
		if err := q.catchUp(ctx, j, kept[j.ID]); err != nil {
			return err
		}
		delete(kept, j.ID)
	}
	for id, j := range kept {
		q.Log.Warn("a job is taken in from its directory", zap.Int64("job", id))
		if err := q.store.Adopt(ctx, q.found(j)); err != nil {
			return err
		}
	}
	return nil
}

// catchUp does to a row what its directory says that a person did since: the commit of it was lost.
func (q *Queue) catchUp(ctx context.Context, row, kept store.Job) error {
	_, err := os.Stat(q.Place.cancelled(row.ID))
	ended, amended := err == nil && !row.State.Settled(), kept.Revision > row.Revision
	if !ended && !amended {
		return nil
	}
	q.Log.Warn("a job is brought up to its directory", zap.Int64("job", row.ID), zap.Bool("cancelled", ended), zap.Bool("amended", amended))
	_, err = q.store.Change(ctx, row.ID, "state", func(j *store.Job) error {
		if amended {
			*j = kept
			j.State, j.Reason = store.Queued, "found in its directory"
		}
		if ended {
			j.State, j.Reason = store.Cancelled, "cancelled by a person"
		}
		return nil
	})
	return err
}

// found is a job as its directory tells of it.
func (q *Queue) found(j store.Job) store.Job {
	j.State, j.Reason = store.Queued, "found in its directory"
	if _, err := os.Stat(q.Place.cancelled(j.ID)); err == nil {
		j.State, j.Reason = store.Cancelled, "cancelled by a person"
		return j
	}
	r, err := job.ReadRecord(q.Place.Run(j))
	if err != nil {
		return j
	}
	j.Version = r.Identity.Version
	if r.State == job.StateFailed {
		j.State, j.Reason = store.Failed, "found in its directory: retry it to see why"
	}
	return j
}

// requeue has all go on that ran when the last daemon ended, and plans again what an older version began.
func (q *Queue) requeue(ctx context.Context) error {
	jobs, err := q.store.Jobs(ctx, store.Queued, store.Running, store.Waiting, store.Paused)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		old := q.outdated(j)
		if j.State != store.Running && !old {
			continue
		}
		_, err := q.store.Change(ctx, j.ID, "state", func(j *store.Job) error {
			if j.State == store.Running {
				j.State, j.Reason = store.Queued, "the daemon ended while it ran; it goes on from where it was"
			}
			if !old {
				return nil
			}
			if j.State == store.Waiting {
				j.State = store.Queued
			}
			return q.replan(j)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// outdated tells whether another version of tuned began a run, which this one cannot go on with.
func (q *Queue) outdated(j store.Job) bool {
	return j.Version != "" && j.Version != q.Version && !finished(q.Place.Run(j))
}

// replan has a job whose run is outdated begin again.
func (q *Queue) replan(j *store.Job) error {
	renew(j)
	j.Reason = "tuned was replaced by another version: it is planned again"
	return q.Place.keep(*j)
}

func finished(dir string) bool {
	r, err := job.ReadRecord(dir)
	return err == nil && r.State == job.StateFinished
}

// renew has a job begin again, as another run.
func renew(j *store.Job) {
	j.Revision++
	j.Promise, j.Approved, j.Version, j.Deaths, j.Reached = nil, "", "", 0, 0
}

func finish(j *store.Job, o attempt.Outcome) {
	j.State, j.Reason, j.Deaths = store.Finished, "", 0
	if o.Score != nil {
		j.Score = &store.Score{Metric: o.Metric, Value: *o.Score}
	}
}
