package page

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"tuned/daemon/store"
	"tuned/job"
	"tuned/words"
)

// home is the queue.
type home struct {
	Frame
	Problem string // why nothing starts
	Counts  string
	Bare    bool // nothing was ever handed in
	Groups  []group
	Alerts  []store.Alert
	After   int64 // the newest event that the page knows of
}

// group are jobs of one kind.
type group struct {
	ID, Title, Empty string
	Count            int // also of those that are left out
	Rows             []row
}

// More is how many rows are left out.
func (g group) More() int { return g.Count - len(g.Rows) }

// row is a job in a list.
type row struct {
	store.Job
	Progress *progress
}

// progress is how far a training is.
type progress struct {
	Step, Steps int64
	Percent     float64
	Loss        float64
	Left        string
}

// listed is how many jobs of a group the page lists.
const listed = 50

func (s *Site) home(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	h := home{Frame: s.frame("queue")}
	q := s.api.Queue
	if err := q.Ready(ctx); err != nil {
		h.Problem = err.Error()
	}
	var err error
	if h.After, err = q.Store().LastEvent(ctx); err != nil {
		return err
	}
	jobs, err := q.Store().Jobs(ctx)
	if err != nil {
		return err
	}
	h.Groups = s.groups(jobs)
	h.Counts, h.Bare = counts(jobs), len(jobs) == 0
	h.Alerts, err = q.Store().Alerts(ctx, 0, 5)
	if err != nil {
		return err
	}
	return show(w, http.StatusOK, "home.html", h)
}

// groups sorts jobs by what a person does about them.
func (s *Site) groups(jobs []store.Job) []group {
	groups := []group{
		{ID: "waiting", Title: "Waiting for you"},
		{ID: "running", Title: "Running", Empty: "Nothing is running."},
		{ID: "queued", Title: "Next"},
		{ID: "done", Title: "Done", Empty: "Nothing is done yet."},
	}
	at := map[store.State]int{store.Waiting: 0, store.Paused: 0, store.Running: 1, store.Queued: 2}
	slices.SortStableFunc(jobs, func(a, b store.Job) int { return b.Ended.Compare(a.Ended) }) // of those that have ended, the newest first
	for _, j := range jobs {
		i, open := at[j.State]
		if !open {
			i = 3
		}
		groups[i].Count++
		if len(groups[i].Rows) == listed {
			continue
		}
		r := row{Job: j}
		if j.State == store.Running {
			r.Progress = s.progress(j)
		}
		groups[i].Rows = append(groups[i].Rows, r)
	}
	return groups
}

// counts says how many jobs there are of each state.
func counts(jobs []store.Job) string {
	n := map[store.State]int{}
	for _, j := range jobs {
		n[j.State]++
	}
	text := ""
	for _, state := range store.States {
		if n[state] > 0 {
			text += fmt.Sprintf("%d %s · ", n[state], state)
		}
	}
	if text == "" {
		return "The queue is empty."
	}
	return text[:len(text)-len(" · ")]
}

// progress reads how far a running job's training is; nil before it began.
func (s *Site) progress(j store.Job) *progress {
	entries, err := job.ReadJournal(filepath.Join(s.api.Queue.Place.Run(j), job.JournalFile))
	if err != nil {
		return nil
	}
	return progressOf(entries)
}

func progressOf(entries []job.Entry) *progress {
	var p *progress
	var began time.Time
	var from int64
	for _, e := range entries {
		t, ok := e.Event.(job.Trained)
		if !ok || t.Steps == 0 {
			continue
		}
		if k := t.Event.Kind; p == nil || k == "train.started" || k == "train.resumed" {
			began, from = e.At, t.Step
		}
		p = &progress{Step: t.Step, Steps: t.Steps, Percent: 100 * float64(t.Step) / float64(t.Steps), Loss: float64(t.Loss)}
		p.Left = words.TimeLeft(e.At.Sub(began), t.Step-from, t.Steps-t.Step)
	}
	return p
}

// after is the newest journal entry that a page of a job knows of.
func after(j store.Job, entries []job.Entry) string {
	return fmt.Sprintf("%d-%d", j.Revision, len(entries))
}

// find reads the job that a request names.
func (s *Site) find(ctx context.Context, r *http.Request) (store.Job, error) {
	return s.named(ctx, r.PathValue("id"))
}

// named is the job of an id as a person writes it.
func (s *Site) named(ctx context.Context, text string) (store.Job, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return store.Job{}, store.ErrNotFound
	}
	return s.api.Queue.Store().Job(ctx, id)
}
