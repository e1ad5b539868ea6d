package data

import (
	"context"
	"errors"
)

var errUnfinished = errors.New("not written yet")

// Scan holds what was measured on a data set.
type Scan struct {
	Facts   map[string]any // by the names of docs/architecture.md: int64, float64, bool or string
	Columns []Summary      // one for each column, in the file's order
	Target  Summary
	Classes []int // classification: training rows of each class
}

// Summary is a column for the report.
type Summary struct {
	Name     string   `json:"name"`
	Type     Type     `json:"type"`
	Used     bool     `json:"used"`
	Note     string   `json:"note,omitempty"`
	Missing  float64  `json:"missing"`  // share of the training rows
	Distinct int      `json:"distinct"` // different values among the (sampled) training rows
	Leak     float64  `json:"leak"`     // what this column alone says about the target: AUC or R²
	Min      float64  `json:"min,omitempty"`
	Median   float64  `json:"median,omitempty"`
	Mean     float64  `json:"mean,omitempty"`
	Max      float64  `json:"max,omitempty"`
	Std      float64  `json:"std,omitempty"`
	Top      []string `json:"top,omitempty"` // the most frequent levels
	TopRows  []int    `json:"top_rows,omitempty"`
}

// Scan measures the data set: facts for rules and checks, summaries for the report.
func (d *Dataset) Scan(ctx context.Context) (Scan, error) { return Scan{}, errUnfinished }
