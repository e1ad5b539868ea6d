package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"tuned/heuristics"
)

// Run is what a run's directory tells. The types mirror its files and read no more of them than the report shows.
type Run struct {
	Name, Target, Version, Machine string
	Began                          time.Time
	Seed, Threads                  int64
	Facts                          heuristics.Facts
	Columns                        Columns
	Decisions                      []heuristics.Decision
	Findings                       []heuristics.Finding
	Notes                          []string
	Plots                          []Plot
	Training                       Training
	Metrics                        Metrics
	Slices                         []Sliced
	Ledger                         Ledger
	Predictions                    *Predictions // of the holdout; nil when there is none
	Mistakes                       []Mistake    // the worst of the holdout, where the rows are images
	Finished                       bool         // it has been scored, or had nothing to be scored on
}

// Columns describe the table.
type Columns struct {
	Rows    int      `json:"rows"`
	Columns []Column `json:"columns"`
	Classes []string `json:"classes"`
	Counts  []int    `json:"counts"` // training rows of each class
	Notes   []string `json:"notes"`
}

// Column is one column of the table.
type Column struct {
	Name     string  `json:"name"`
	Type     string  `json:"type"`
	Used     bool    `json:"used"`
	Note     string  `json:"note"`
	Missing  float64 `json:"missing"`
	Distinct int     `json:"distinct"`
	Leak     float64 `json:"leak"` // what it alone says about the target: AUC, or R²
}

// Plot is what a probe saw.
type Plot struct {
	Source string  `json:"-"`
	Title  string  `json:"title"`
	XLabel string  `json:"x_label"`
	YLabel string  `json:"y_label"`
	LogX   bool    `json:"log_x"`
	Curves []Curve `json:"curves"`
}

// Curve is a line of a plot.
type Curve struct {
	Name string    `json:"name"`
	X    []float64 `json:"x"`
	Y    []float64 `json:"y"`
}

// Sliced are the scores of parts of the holdout.
type Sliced struct {
	Column string  `json:"column"`
	Slices []Slice `json:"slices"`
}

// Slice is a part of the holdout: the rows with one value of a column.
type Slice struct {
	Name    string             `json:"name"`
	N       int                `json:"n"`
	Metrics map[string]float64 `json:"metrics"`
}

// Metrics is metrics.json.
type Metrics struct {
	Task       string             `json:"task"`
	Metric     string             `json:"metric"`
	Validation map[string]float64 `json:"validation"`
	Test       map[string]float64 `json:"test"`
}

// Ledger is ledger.json.
type Ledger struct {
	Phases     []Phase `json:"phases"`
	Total      Cost    `json:"total"`
	Probes     Cost    `json:"probes"`
	ProbeShare float64 `json:"probe_share"`
}

// Phase is a part of the run with its cost.
type Phase struct {
	Phase string `json:"phase"`
	Cost
}

// Cost is what something took.
type Cost struct {
	FLOPs       float64  `json:"flops"`
	CPUSeconds  float64  `json:"cpu_seconds"`
	WallSeconds float64  `json:"wall_seconds"`
	PeakBytes   float64  `json:"peak_bytes"`
	Joules      *float64 `json:"joules"`
}

// Read reads a run's directory. Of its files only the journal must be there.
func Read(dir string) (*Run, error) {
	r := &Run{Facts: heuristics.Facts{}}
	if err := r.readJournal(filepath.Join(dir, "events.jsonl")); err != nil {
		return nil, err
	}
	if err := readJSON(filepath.Join(dir, "metrics.json"), &r.Metrics); err != nil {
		return nil, err
	}
	r.Finished = r.Metrics.Task != ""
	if err := readJSON(filepath.Join(dir, "ledger.json"), &r.Ledger); err != nil {
		return nil, err
	}
	var plan struct {
		Decisions []heuristics.Decision `json:"decisions"`
	}
	if err := readJSON(filepath.Join(dir, "plan.json"), &plan); err != nil {
		return nil, err
	}
	if len(plan.Decisions) > 0 {
		r.Decisions = plan.Decisions
	}
	if err := readJSON(filepath.Join(dir, "mistakes.json"), &r.Mistakes); err != nil {
		return nil, err
	}
	var err error
	r.Predictions, err = readPredictions(filepath.Join(dir, "predictions.csv"), r.Columns.Classes)
	return r, err
}

// readJSON reads a file if it is there.
func readJSON(path string, to any) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, to); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return nil
}

// readJournal takes every line up to the first that is torn.
func (r *Run) readJournal(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewReader(f)
	for {
		text, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var l journalLine
		if json.Unmarshal(bytes.TrimSpace(text), &l) != nil {
			return nil
		}
		if err := r.take(l); err != nil {
			return fmt.Errorf("journal, entry %d: %w", l.Seq, err)
		}
	}
}
