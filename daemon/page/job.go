package page

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"tuned/daemon/queue"
	"tuned/daemon/store"
	"tuned/job"
	"tuned/report"
)

// one is a job's page.
type one struct {
	Frame
	store.Job
	After    string
	Phase    string // what it does now, in words
	Damage   string // why nothing is shown of a finished run
	Progress *progress
	Parts    *report.Parts // nil before it began
	Alerts   []store.Alert
	Files    []store.Artifact
	Actions  []action
	Contents []heading // the sections of Parts
	Pending  string    // what there is to see later, where there is nothing yet
	Try      *trial    // a row to be made up; nil where the model reads images
}

// heading is a section of a report.
type heading struct{ ID, Title string }

// headings are all sections that a report may have.
var headings = []heading{
	{"learned", "What was learned"},
	{"good", "How good it is"},
	{"whom", "For whom"},
	{"wrong", "What could go wrong"},
	{"training", "The training"},
	{"measured", "What was measured"},
	{"why", "Why it was set up so"},
	{"cost", "What it cost"},
}

// pending says what comes, in the states in which something does.
var pending = map[store.State]string{
	store.Queued:  "It has not begun. What it learns and decides will be shown here, with the reasons.",
	store.Running: "It is starting. What it learns and decides will be shown here, with the reasons.",
	store.Paused:  "It has not begun.",
}

// action is a button.
type action struct{ Verb, Text string }

// actions are the buttons that a job has in each state.
var actions = map[store.State][]action{
	store.Queued:    {{"pause", "Pause"}, {"cancel", "Cancel"}},
	store.Running:   {{"pause", "Pause"}, {"cancel", "Cancel"}},
	store.Waiting:   {{"approve", "Approve"}, {"cancel", "Cancel"}},
	store.Paused:    {{"resume", "Resume"}, {"cancel", "Cancel"}},
	store.Failed:    {{"retry", "Try again"}},
	store.Cancelled: {{"retry", "Take up again"}},
}

func (s *Site) job(w http.ResponseWriter, r *http.Request) error {
	j, err := s.find(r.Context(), r)
	if err != nil {
		return err
	}
	p, err := s.page(r.Context(), j)
	if err != nil {
		return err
	}
	return show(w, http.StatusOK, "job.html", p)
}

// page is a job's page as it is now.
func (s *Site) page(ctx context.Context, j store.Job) (*one, error) {
	p := &one{Frame: s.frame("queue"), Job: j, Actions: actions[j.State], Pending: pending[j.State]}
	st := s.api.Queue.Store()
	var err error
	if p.Alerts, err = st.Alerts(ctx, j.ID, 100); err != nil {
		return nil, err
	}
	if p.Files, err = st.Artifacts(ctx, j.ID); err != nil {
		return nil, err
	}
	if err := s.api.Whole(j); err != nil {
		p.Damage = err.Error()
		return p, nil
	}
	return p, p.readRun(s.api.Queue.Place.Run(j))
}

// readRun adds what the run's directory tells.
func (p *one) readRun(dir string) error {
	entries, err := job.ReadJournal(filepath.Join(dir, job.JournalFile))
	p.After = after(p.Job, entries)
	if err != nil || len(entries) == 0 {
		return nil // it has not begun
	}
	if p.State == store.Running {
		p.Phase, p.Progress = phaseOf(entries), progressOf(entries)
	}
	if p.State == store.Finished {
		p.Try = newTrial(dir)
	}
	r, err := report.Read(dir)
	if err != nil {
		return err
	}
	parts, err := report.NewParts(r)
	p.Parts, p.Contents = &parts, contents(parts, p.State == store.Finished)
	return err
}

// contents lists the sections that there are. A run that goes on shows its training before them.
func contents(p report.Parts, finished bool) []heading {
	var all []heading
	for _, h := range headings {
		if strings.Contains(string(p.Sections), `<section id="`+h.ID+`"`) && (finished || h.ID != "training") {
			all = append(all, h)
		}
	}
	return all
}

// phaseOf is what a run does now.
func phaseOf(entries []job.Entry) string {
	phase := "Starting"
	for _, entry := range entries {
		switch e := entry.Event.(type) {
		case job.PhaseBegan:
			phase = job.PhaseName(e.Phase)
		case job.PhaseEnded:
			phase = "Deciding"
		}
	}
	return phase
}

// act does what a button says.
func (s *Site) act(w http.ResponseWriter, r *http.Request) error {
	j, err := s.find(r.Context(), r)
	if err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	q, ctx := s.api.Queue, r.Context()
	switch r.PathValue("action") {
	case "pause":
		_, err = q.Pause(ctx, j.ID)
	case "resume":
		_, err = q.Resume(ctx, j.ID)
	case "cancel":
		_, err = q.Cancel(ctx, j.ID)
	case "retry":
		_, err = q.Retry(ctx, j.ID)
	case "approve":
		_, err = q.Approve(ctx, j.ID, "a person on the page")
	case "amend":
		_, err = q.Amend(ctx, j.ID, map[string]string{strings.TrimSpace(r.FormValue("setting")): r.FormValue("value")})
	default:
		return store.ErrNotFound
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, fmt.Sprintf("/jobs/%d", j.ID), http.StatusSeeOther)
	return nil
}

// predict answers an uploaded table with its rows and, behind them, their predictions.
func (s *Site) predict(w http.ResponseWriter, r *http.Request) error {
	j, err := s.find(r.Context(), r)
	if err != nil {
		return err
	}
	if j.State != store.Finished {
		return fmt.Errorf("job %d is %s: %w", j.ID, j.State, queue.ErrState)
	}
	var predictions *os.File
	err = readForm(r, func(string, string) {}, func(name string, table io.Reader) error {
		predictions, _, err = s.api.Predict(r.Context(), j.ID, s.api.Queue.Place.Run(j), name, table, job.EveryColumn)
		return err
	})
	if predictions != nil {
		defer predictions.Close()
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", fmt.Sprintf("%s-%d-predictions.csv", j.Name, j.ID)))
	_, err = io.Copy(w, predictions)
	return err
}

var (
	errNoFile   = &job.Error{Key: "data.path", Problem: "no table was chosen", Hint: "choose an Excel, CSV, TSV, JSON or Parquet file"}
	errTwoFiles = &job.Error{Key: "data.path", Problem: "there is more than one table"}
	errLongForm = &job.Error{Problem: "more is filled in than a form may hold", Hint: "write a job file, and hand it in with tuned submit"}
)

// maxFields is the most bytes of all that is filled in beside a table: enough for what is said of thousands of columns.
const maxFields = 1 << 20

// readForm reads a form as it comes: its fields, and its one file.
func readForm(r *http.Request, field func(name, value string), file func(name string, content io.Reader) error) error {
	parts, err := r.MultipartReader()
	if err != nil {
		return &job.Error{Problem: "this is not the form", Err: err}
	}
	got, left := false, int64(maxFields)
	for {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF) && !got:
			return errNoFile
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case part.FileName() == "":
			value, err := io.ReadAll(io.LimitReader(part, left+1))
			if left -= int64(len(value)); err == nil && left < 0 {
				err = errLongForm
			}
			if err != nil {
				return err
			}
			field(part.FormName(), string(value))
		case got:
			return errTwoFiles
		default:
			got = true
			if err := file(part.FileName(), part); err != nil {
				return err
			}
		}
	}
}
