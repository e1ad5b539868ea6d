package job

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"time"

	"tuned/trainer/data"
)

// Inputs are what a finished run's model is asked with, a row at a time, and what it answers.
type Inputs struct {
	Target  string
	Unit    string   // of the target's numbers: "€", "%", "USD"; "": none
	Classes []string // that are told apart; nil: numbers are predicted
	Columns []Input  // those that the model relies on most first; none where rows are images
}

// Input is a column that a model reads, with what is usual in it. What is not known is "" or nil; values are as the table's author would
// write them.
type Input struct {
	Name    string
	At      int // its place among the columns that the model reads, from 0
	Kind    InputKind
	Unit    string
	Levels  []string // Choice: all that occurred
	Typical string   // the median or the commonest category; "" where most rows are empty
	Usual   []string // Quantity, Moment: a tenth, half and nine tenths of the training rows are below; Choice: the commonest, first
	Ends    []string // Quantity, Moment: the least and the most in training
	Always  bool     // no row that the model learned from was empty

	feature  data.Feature
	min, max float64
}

// InputKind is what a person fills in.
type InputKind string

// The kinds of inputs.
const (
	Quantity InputKind = "number"
	Moment   InputKind = "date"
	Choice   InputKind = "choice"
	Wording  InputKind = "text"
	Filled   InputKind = "filled" // only whether there is anything: Usual holds one example
)

// Fault says why the model would not see what a cell holds; "" where it is read, or empty.
func (in *Input) Fault(cell string) string {
	_, fault := in.feature.Cell(cell)
	return fault
}

// Beyond reports a cell whose number, or date, lies beyond all that the model learned from.
func (in *Input) Beyond(cell string) bool {
	v, _ := in.feature.Cell(cell)
	return len(in.Ends) > 0 && (v < in.min || v > in.max)
}

// DayLayout reports dates that are written as calendars of computers do: 2006-01-31.
func (in *Input) DayLayout() bool { return in.Kind == Moment && in.feature.Layout == time.DateOnly }

// ReadInputs reads what a run's model is asked with, from the directory of a finished run.
func ReadInputs(dir string) (*Inputs, error) {
	p, err := data.LoadPreprocess(filepath.Join(dir, PreprocessFile))
	if err != nil {
		return nil, fmt.Errorf("read inputs: %w", err)
	}
	entries, err := ReadJournal(filepath.Join(dir, JournalFile))
	if err != nil {
		return nil, err
	}
	var m Metrics
	if err := readJSON(filepath.Join(dir, MetricsFile), &m); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", MetricsFile, err)
	}
	in := &Inputs{Target: p.Target, Classes: p.Classes}
	if p.Notation != nil {
		in.Unit = p.Notation.Counts()
	}
	summaries := summariesOf(entries)
	for i, f := range p.Features {
		in.Columns = append(in.Columns, inputOf(f, summaries[f.Name], i))
	}
	in.rank(m.Columns, summaries)
	return in, nil
}

// summariesOf are what the scan said of each column.
func summariesOf(entries []Entry) map[string]data.Summary {
	all := map[string]data.Summary{}
	for _, entry := range entries {
		if e, ok := entry.Event.(Columns); ok {
			for _, c := range e.Columns {
				all[c.Name] = c
			}
		}
	}
	return all
}

// rank sorts the columns by how much the model relies on them, and those that were not weighed by what they say alone.
func (in *Inputs) rank(relied []Reliance, summaries map[string]data.Summary) {
	at := map[string]int{}
	for i, r := range relied {
		at[r.Column] = i - len(relied)
	}
	slices.SortStableFunc(in.Columns, func(a, b Input) int {
		return cmp.Or(cmp.Compare(at[a.Name], at[b.Name]), cmp.Compare(summaries[b.Name].Leak, summaries[a.Name].Leak))
	})
}

// inputOf joins what the model makes of a column with what the scan saw in it.
func inputOf(f data.Feature, s data.Summary, at int) Input {
	in := Input{Name: f.Name, At: at, Always: s.Name != "" && s.Missing == 0}
	if f.Type == data.Date && f.Layout == "" { // a file had dates of its own
		f.Layout = time.DateTime
		if math.Mod(s.Min, 86400) == 0 && math.Mod(s.Median, 86400) == 0 && math.Mod(s.Max, 86400) == 0 {
			f.Layout = time.DateOnly
		}
	}
	if f.Notation != nil {
		in.Unit = f.Notation.Unit
	}
	in.feature = f
	in.describe(s)
	if s.Missing > 0.5 {
		in.Typical = ""
	}
	return in
}

// kindOf is what a person fills in of what a feature reads.
func kindOf(f *data.Feature) InputKind {
	switch {
	case f.Encoding == data.Presence:
		return Filled
	case f.Type == data.Text:
		return Wording
	case f.Type == data.Numeric:
		return Quantity
	case f.Type == data.Date:
		return Moment
	}
	return Choice
}

// describe says what is usual in a column.
func (in *Input) describe(s data.Summary) {
	f := &in.feature
	switch in.Kind = kindOf(f); in.Kind {
	case Filled:
		in.Usual = []string{in.example(s)}
		in.Typical = in.Usual[0]
	case Quantity, Moment:
		in.measure(s)
	case Choice:
		in.Levels = f.Levels
		in.Usual = slices.DeleteFunc(slices.Clone(s.Top), func(level string) bool { return !slices.Contains(f.Levels, level) })
		in.Typical = slices.Concat(in.Usual, []string{""})[0]
	}
}

// example is a cell of which the model only sees that it is not empty.
func (in *Input) example(s data.Summary) string {
	if t := in.feature.Type; t == data.Numeric || t == data.Date {
		return in.feature.Write(s.Median)
	}
	return "yes"
}

// measure says between what a column's numbers, or dates, lie.
func (in *Input) measure(s data.Summary) {
	if s.Distinct == 0 {
		return
	}
	write, step := in.feature.Write, stepOf(in.Kind, s)
	in.min, in.max = step*math.Floor(s.Min/step+nearly), step*math.Ceil(s.Max/step-nearly)
	rounded := func(v float64) string { return write(step * math.Round(v/step)) }
	in.Typical, in.Ends = rounded(s.Median), []string{write(in.min), write(in.max)}
	if s.Low < s.High { // an older run does not know
		in.Usual = []string{rounded(s.Low), rounded(s.Median), rounded(s.High)}
	}
}

// nearly is how far a number may be from a whole one to count as that: columns are kept in single precision.
const nearly = 1e-3

// stepOf is what a column's numbers are rounded to: about a thousandth of what is usual, or of what there is. Dates are seconds.
func stepOf(kind InputKind, s data.Summary) float64 {
	spread := s.High - s.Low
	if spread <= 0 {
		spread = max(math.Abs(s.Median), (s.Max-s.Min)/1e4)
	}
	if kind == Moment || spread == 0 {
		return 1
	}
	return math.Pow(10, math.Floor(math.Log10(spread))-3)
}
