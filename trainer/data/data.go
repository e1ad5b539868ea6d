// Package data turns a file into what a model trains on.
//
// A file (CSV, TSV, JSON, Parquet or a sheet of a workbook) is read once, as a stream, into raw columns: one .npy file each, float32 for
// numbers, int32 codes for categories, datetime64[s] for dates. A scan of the raw columns yields facts; a split yields row
// sets. Transforms are settings: Fit learns them from training rows alone, View applies them and writes the encoded
// arrays that a session maps (model.View), and the Preprocess they make up is all that predicting needs.
//
// Images take the columns' place as one array of pixels (see the package pixels); a table may stand beside them.
//
// Everything is a function of the file, the Spec and the transforms: no clock, no map order, no goroutine timing.
package data

import (
	"tuned/trainer/data/number"
	"tuned/trainer/data/source"
	"tuned/trainer/model"
)

// Spec says what to read and how to split it.
type Spec struct {
	Path        string            `json:"path"`
	Sheet       string            `json:"sheet,omitempty"` // of a workbook; "": the first with a table
	Target      string            `json:"target"`
	Task        model.Task        `json:"task,omitempty"`  // "": inferred from the target
	Types       map[string]string `json:"types,omitempty"` // column → a Type's name; overrides what is inferred
	Ignore      []string          `json:"ignore,omitempty"`
	Holdout     float64           `json:"holdout"` // share of the rows kept for the final score, 0 … 1 (exclusive)
	SplitSeed   int64             `json:"split_seed"`
	SplitColumn string            `json:"split_column,omitempty"` // a column of train / validation / test
	Group       string            `json:"group,omitempty"`        // rows of one group stay on one side
	Time        string            `json:"time,omitempty"`         // the latest rows are held out
	Slices      []string          `json:"slices,omitempty"`       // columns that the report breaks scores down by
	ImageColumn string            `json:"image_column,omitempty"` // a table's column of paths of images
	ImageSize   []int             `json:"image_size,omitempty"`   // height, width, perhaps channels; without ImageColumn, a table's numbers are pixels
	MaxRows     int               `json:"max_rows,omitempty"`     // more rows than this: a random sample of so many; 0: all
}

// Error is a fault in what a person gave us: the file, or what the job says about it.
type Error = source.Error

// Type is what a column holds.
type Type string

// The types of columns, as a job names them.
const (
	Numeric     Type = "numeric"
	Boolean     Type = "boolean"
	Categorical Type = "categorical"
	Date        Type = "date"
	ID          Type = "id"   // names the row: left out
	Text        Type = "text" // free text
)

// TypeNames are all types of columns by name.
func TypeNames() []string {
	return []string{string(Numeric), string(Boolean), string(Categorical), string(Date), string(ID), string(Text)}
}

// Column is one raw column.
type Column struct {
	Name     string   `json:"name"`
	Type     Type     `json:"type"`
	File     string   `json:"file"`             // the .npy file, relative to the data set's directory
	Used     bool     `json:"used"`             // whether models see it
	Filled   bool     `json:"filled,omitempty"` // not used, but whether it is filled in is: it names the rows or is text, with gaps
	Note     string   `json:"note,omitempty"`   // why it is left out, or read in an unexpected way
	Levels   []string `json:"levels,omitempty"` // categorical: code i+1 is Levels[i]; code 0 is missing
	Center   float64  `json:"center,omitempty"` // numeric: value = Center + stored float32
	Missing  int      `json:"missing"`          // rows
	Misfit   float64  `json:"misfit,omitempty"` // share of the file's cells that do not fit the type and count as missing
	Integers bool     `json:"integers,omitempty"`
	Layout   string   `json:"layout,omitempty"` // date: how it was written

	Notation *number.Notation `json:"notation,omitempty"` // numeric: how it was written, if not plainly
	Stored   Stored           `json:"stored,omitempty"`   // numeric: how it was stored, if not as texts
	Phrases  []string         `json:"phrases,omitempty"`  // numeric, date: texts that stand where there is no value
}

// Dataset is a file's rows with a target, as raw columns and row sets.
type Dataset struct {
	Dir        string
	Spec       Spec
	Rows       int // rows with a target
	Columns    []Column
	Target     Column
	Picture    *Picture // the images' shape; nil for a table, which has columns instead
	Task       model.Task
	Classes    []string // classification: label i is Classes[i]
	Train      []int32  // ascending; all rows that are not held out
	Holdout    []int32  // ascending
	Validation []int32  // ascending, a part of Train: the split column's own validation rows, if it names any
	Numbering  bool     // regression: the target seems only to number the rows
	Dropped    int      // rows of the file without a target, left out
	Moved      int      // rows that went to the other side to keep duplicates together
	Hash       string   // sha256 of the file and of all of the Spec that shapes the arrays
	Notes      []string // what a person should know about how the file was read
	FirstRow   int      // of a workbook: the row of its sheet that is row 0 of the file; 0: no workbook

	raw   *table
	texts *readers
	kept  []int32 // by row: its number in the file; nil where all are kept
}
