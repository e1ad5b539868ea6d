package page

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
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
	Can      map[string]bool
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
	p := one{Frame: s.frame("queue"), Job: j, Actions: actions[j.State]}
	st := s.api.Queue.Store()
	if p.Alerts, err = st.Alerts(r.Context(), j.ID, 100); err != nil {
		return err
	}
	if p.Files, err = st.Artifacts(r.Context(), j.ID); err != nil {
		return err
	}
	if err := s.api.Whole(j); err != nil {
		p.Damage = err.Error()
	} else if err := p.readRun(s.api.Queue.Place.Run(j)); err != nil {
		return err
	}
	return show(w, http.StatusOK, "job.html", p)
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
	r, err := report.Read(dir)
	if err != nil {
		return err
	}
	if !r.Finished {
		if err := addLedger(r, job.NewLedger(entries)); err != nil {
			return err
		}
	}
	parts, err := report.NewParts(r)
	p.Parts = &parts
	return err
}

// addLedger gives a run that goes on its costs so far.
func addLedger(r *report.Run, l job.Ledger) error {
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, &r.Ledger)
}

// phaseOf is what a run does now.
func phaseOf(entries []job.Entry) string {
	phase := "Starting"
	for _, entry := range entries {
		switch e := entry.Event.(type) {
		case job.PhaseBegan:
			phase = phaseWords(e.Phase)
		case job.PhaseEnded:
			phase = "Deciding"
		}
	}
	return phase
}

func phaseWords(phase string) string {
	if probe, ok := strings.CutPrefix(phase, "probe."); ok {
		return "Measuring: " + strings.ReplaceAll(probe, "_", " ")
	}
	words := map[string]string{"read": "Reading the table", "train": "Training", "evaluate": "Scoring the rows that were held out"}
	if w, ok := words[phase]; ok {
		return w
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

// predict answers an uploaded table with its predictions.
func (s *Site) predict(w http.ResponseWriter, r *http.Request) error {
	j, err := s.find(r.Context(), r)
	if err != nil {
		return err
	}
	if j.State != store.Finished {
		return fmt.Errorf("job %d is %s: %w", j.ID, j.State, queue.ErrState)
	}
	name, table, err := s.filePart(w, r, func(string, string) {})
	if err != nil {
		return err
	}
	predictions, _, err := s.api.Predict(r.Context(), j.ID, s.api.Queue.Place.Run(j), name, table)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", fmt.Sprintf("%s-%d-predictions.csv", j.Name, j.ID)))
	_, err = io.Copy(w, bytes.NewReader(predictions))
	return err
}

var errNoFile = &job.Error{Problem: "no table was chosen", Hint: "choose a CSV, TSV or Parquet file"}

// filePart reads a form until its file, which must come last, and gives it unread.
func (s *Site) filePart(w http.ResponseWriter, r *http.Request, field func(name, value string)) (string, io.Reader, error) {
	r.Body = http.MaxBytesReader(w, r.Body, s.api.MaxUpload)
	form, err := r.MultipartReader()
	if err != nil {
		return "", nil, &job.Error{Problem: "this is not the form", Err: err}
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return "", nil, errNoFile
		}
		if err != nil {
			return "", nil, err
		}
		if part.FileName() != "" {
			return part.FileName(), part, nil
		}
		value, err := io.ReadAll(io.LimitReader(part, 64<<10))
		if err != nil {
			return "", nil, err
		}
		field(part.FormName(), string(value))
	}
}
