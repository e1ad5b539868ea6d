package report

import (
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"tuned/heuristics"
	"tuned/heuristics/probe"
	"tuned/job"
	"tuned/trainer/data"
)

// Run is what a run's directory tells.
type Run struct {
	Attempt     job.Started // the newest
	Began       time.Time   // the first
	Facts       heuristics.Facts
	Columns     job.Columns
	Decisions   []heuristics.Decision
	Findings    []heuristics.Finding
	Notes       []string
	Plots       []Plot
	Training    Training
	Metrics     job.Metrics
	Slices      []job.Sliced
	Ledger      job.Ledger    // of an unfinished run, the costs so far
	Predictions *Predictions  // of the holdout; nil when there is none
	Mistakes    []job.Mistake // the worst of the holdout
	Finished    bool          // it has been scored, or had nothing to be scored on
}

// Plot is what a probe saw.
type Plot struct {
	Source string // "probe.lr_find"
	probe.Plot
}

// Read reads a run's directory. Of its files only the journal must be there.
func Read(dir string) (*Run, error) {
	entries, err := job.ReadJournal(filepath.Join(dir, job.JournalFile))
	if err != nil {
		return nil, err
	}
	left, err := job.NewResult(dir, entries)
	if err != nil {
		return nil, err
	}
	r := &Run{
		Facts: heuristics.Facts{}, Metrics: left.Metrics, Ledger: left.Ledger, Finished: left.Metrics.Task != "",
		Decisions: job.Decisions(entries, left.Plan), Findings: job.Findings(entries),
	}
	for _, e := range entries {
		r.take(e)
	}
	if p, err := data.LoadPreprocess(filepath.Join(dir, job.PreprocessFile)); err == nil {
		r.fit(p)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if r.Mistakes, err = job.ReadMistakes(dir); err != nil {
		return nil, err
	}
	r.Predictions, err = readPredictions(filepath.Join(dir, job.PredictionsFile), r.Columns.Classes)
	return r, err
}
