package data

import (
	"context"
	"errors"

	"tuned/trainer/model"
)

var errUnfinished = errors.New("not written yet")

type table struct{}

// Read reads the file into raw columns under dir (made if need be) and splits its rows. progress, if not nil, is told of
// bytes of the file. Faults of the file are *Error.
func Read(ctx context.Context, s Spec, dir string, progress func(done, total int64)) (*Dataset, error) {
	return nil, errUnfinished
}

// Close unmaps the raw columns.
func (d *Dataset) Close() error { return nil }

// Labels returns each row's class; nil for regression. Read-only, valid until Close.
func (d *Dataset) Labels() []int32 { return nil }

// Values returns each row's target in its own unit; nil for classification.
func (d *Dataset) Values() []float32 { return nil }

// Slice returns each row's slice of a column (an index into names): its levels, or for numbers four ranges.
func (d *Dataset) Slice(column string) (codes []int32, names []string, err error) {
	return nil, nil, errUnfinished
}

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

// SplitValidation divides Train in the way the holdout was divided off. Both are ascending.
func (d *Dataset) SplitValidation(fraction float64, seed int64) (fit, validation []int32) {
	return nil, nil
}

// Preprocess is all that turns a new file into a view: columns, types, levels, scales, classes.
type Preprocess struct {
	Version    int        `json:"version"`
	Transforms Transforms `json:"transforms"`
	Task       model.Task `json:"task"`
	Classes    []string   `json:"classes,omitempty"`
}

// Fit learns the transforms from these rows alone.
func (d *Dataset) Fit(t Transforms, rows []int32) (*Preprocess, error) { return nil, errUnfinished }

// View writes the encoded arrays of every row and view.json under dir, or finds them there already.
func (d *Dataset) View(p *Preprocess, dir string) (model.View, error) {
	return model.View{}, errUnfinished
}

// Save writes the preprocess as JSON, durably.
func (p *Preprocess) Save(path string) error { return errUnfinished }

// LoadPreprocess reads what Save wrote.
func LoadPreprocess(path string) (*Preprocess, error) { return nil, errUnfinished }

// Rows are a new file's rows: as many as the file has, in its order.
type Rows struct {
	Count  int
	Labels []int32   // classification, when the file has the target: -1 where it is missing or unknown
	Values []float32 // regression, when the file has the target: NaN where missing
	Notes  []string
}

// ReadView encodes a new file under dir: columns in any order, the target optional, unseen categories as missing,
// other columns ignored. A missing column is an *Error.
func (p *Preprocess) ReadView(ctx context.Context, path, dir string) (*Rows, model.View, error) {
	return nil, model.View{}, errUnfinished
}
