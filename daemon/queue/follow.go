package queue

import (
	"context"
	"fmt"
	"path/filepath"

	"go.uber.org/zap"

	"tuned/daemon/store"
	"tuned/job"
	"tuned/words"
)

// follower reads a running job's journal for what concerns more than the job: alerts and costs.
type follower struct {
	queue *Queue
	job   store.Job
	tail  *job.Tail
	seen  int64 // entries that earlier attempts wrote: their costs were counted, their alerts may not have been
	whole map[string]float64
}

func (q *Queue) follow(j store.Job) *follower {
	path := filepath.Join(q.Place.Run(j), job.JournalFile)
	f := &follower{queue: q, job: j, tail: job.NewTail(path, 0)}
	if entries, err := job.ReadJournal(path); err == nil {
		f.seen = int64(len(entries))
	}
	return f
}

// look takes in what is new.
func (f *follower) look(ctx context.Context) {
	entries, err := f.tail.Next()
	if err != nil {
		f.queue.Log.Warn("follow a journal", zap.Int64("job", f.job.ID), zap.Error(err))
		return
	}
	for _, e := range entries {
		if ended, ok := e.Event.(job.PhaseEnded); ok && e.Seq > f.seen {
			f.queue.stats.spent(ended)
		}
		for _, a := range f.alerts(e) {
			a.Job = f.job.ID
			a.Source = fmt.Sprintf("%d/%s", f.job.Revision, a.Source)
			f.raise(context.WithoutCancel(ctx), a)
		}
	}
}

// alerts are what a person should look at soon: a watch that fired, a check that warns of the data or the model, a part of
// the holdout that fares much worse than the whole.
func (f *follower) alerts(entry job.Entry) []store.Alert {
	switch e := entry.Event.(type) {
	case job.Found:
		return []store.Alert{{Source: "check/" + e.Check, Rule: e.Check, Text: e.Why}}
	case job.Trained:
		if r := e.Reaction; r != nil {
			return []store.Alert{{Source: fmt.Sprintf("watch/%s/%d", r.Watch, r.Step), Rule: r.Watch, Text: r.Why}}
		}
	case job.Evaluated:
		if e.Rows == "test" {
			f.whole = e.Metrics
		}
	case job.Sliced:
		return f.slices(e)
	}
	return nil
}

// What makes a part of the holdout much worse than the whole.
const (
	slicedRows  = 30  // with fewer, chance alone may do it
	worseErrors = 1.5 // times as many errors, or as large
)

func (f *follower) slices(e job.Sliced) []store.Alert {
	var all []store.Alert
	for _, s := range e.Slices {
		if s.N < slicedRows {
			continue
		}
		if whole, part, ok := errorsOf(f.whole, s.Metrics); ok && part > worseErrors*whole {
			all = append(all, store.Alert{
				Source: "slice/" + e.Column + "/" + s.Name, Rule: "slice.worse",
				Text: fmt.Sprintf("Rows with %s = %s fare much worse than the whole: the error is %s instead of %s, over %d rows.",
					e.Column, s.Name, words.Format(part, ""), words.Format(whole, ""), s.N),
			})
		}
	}
	return all
}

// errorsOf compares by the share of wrong rows, or by the typical error.
func errorsOf(whole, part map[string]float64) (w, p float64, ok bool) {
	if a, classes := whole["accuracy"]; classes {
		b, ok := part["accuracy"]
		return 1 - a, 1 - b, ok && a < 1
	}
	w, ok = whole["rmse"]
	p, ok2 := part["rmse"]
	return w, p, ok && ok2 && w > 0
}

// raise records an alert and has it delivered.
func (f *follower) raise(ctx context.Context, a store.Alert) {
	_, added, err := f.queue.store.Alert(ctx, a)
	if err != nil {
		f.queue.Log.Error("record an alert", zap.Int64("job", a.Job), zap.Error(err))
		return
	}
	if added {
		f.queue.Log.Warn("alert", zap.Int64("job", a.Job), zap.String("rule", a.Rule), zap.String("text", a.Text))
		f.queue.ring()
	}
}
