package job

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// ReadResult reads what a run left, as [Run] returned it. Of an unfinished run it gives the costs so far; there are no
// metrics then, and perhaps no plan.
func ReadResult(dir string) (*Result, error) {
	r := &Result{Dir: dir}
	entries, err := ReadJournal(filepath.Join(dir, JournalFile))
	if err != nil {
		return nil, err
	}
	r.Ledger = NewLedger(entries)
	if p, err := ReadPlan(filepath.Join(dir, PlanFile)); err == nil {
		r.Plan = p
	}
	if err := readJSON(filepath.Join(dir, MetricsFile), &r.Metrics); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return r, nil
}
