package job

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// ReadResult reads what a run left, as [Run] returned it. Of an unfinished run it gives the costs so far; there are no
// metrics then, and perhaps no plan.
func ReadResult(dir string) (*Result, error) {
	entries, err := ReadJournal(filepath.Join(dir, JournalFile))
	if err != nil {
		return nil, err
	}
	return NewResult(dir, entries)
}

// NewResult is [ReadResult] for whoever has read the run's journal.
func NewResult(dir string, entries []Entry) (*Result, error) {
	r := &Result{Dir: dir, Ledger: NewLedger(entries)}
	if p, err := readPlan(filepath.Join(dir, PlanFile)); err == nil {
		r.Plan = p
	}
	if err := readJSON(filepath.Join(dir, MetricsFile), &r.Metrics); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", MetricsFile, err)
	}
	return r, nil
}
