package data

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/google/renameio/v2"

	"tuned/trainer/data/number"
	"tuned/trainer/data/random"
	"tuned/trainer/data/text"
	"tuned/trainer/model"
)

// preprocessVersion is the version of the file that Save writes. One of version 1 differs by having no pieces of words, and is read alike.
const preprocessVersion = 2

// Preprocess is all that turns a new file into a view: columns, types, levels, scales, classes. It is learned from
// training rows alone.
type Preprocess struct {
	Version    int              `json:"version"`
	Task       model.Task       `json:"task"`
	Transforms Transforms       `json:"transforms"`
	Target     string           `json:"target"`
	Sheet      string           `json:"sheet,omitempty"`    // of a workbook, where the job names it
	Classes    []string         `json:"classes,omitempty"`  // classification: label i is Classes[i]
	Priors     []float64        `json:"priors,omitempty"`   // classification: of the training rows
	Mean       float64          `json:"mean,omitempty"`     // regression: value = Mean + Std*output
	Std        float64          `json:"std,omitempty"`      // regression
	Min        float64          `json:"min,omitempty"`      // regression: predictions are clamped to Min … Max
	Max        float64          `json:"max,omitempty"`      // regression
	Center     float64          `json:"center,omitempty"`   // regression: what the raw target is stored less of
	Notation   *number.Notation `json:"notation,omitempty"` // regression: how the target is written, if not plainly
	Picture    *Picture         `json:"picture,omitempty"`  // images: their shape and scale, instead of features
	Features   []Feature        `json:"features"`           // in the order of the file that was trained on
	LeftOut    []LeftOut        `json:"left_out,omitempty"` // columns that models do not see
}

// LeftOut is a column that models do not see.
type LeftOut struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

// Encoding is how a column reaches the model.
type Encoding string

// The encodings.
const (
	Scaled   Encoding = "scaled"   // numeric: one scaled column
	Sign     Encoding = "sign"     // two levels: one column, -1 or +1; 0 where missing
	OneHot   Encoding = "one-hot"  // a column of 0 and 1 for each level; all 0 where missing
	Codes    Encoding = "codes"    // a code for each level, 0 where missing: for embeddings
	Calendar Encoding = "calendar" // date: a scaled column for each part
	Scores   Encoding = "scores"   // text: what its words say about the target, a scaled column for each class, and how long it is
	Presence Encoding = "presence" // an ID, or a text that is not read: only whether it is there
)

// Feature is a raw column and how it is encoded.
type Feature struct {
	Name     string           `json:"name"`
	Type     Type             `json:"type"`
	Encoding Encoding         `json:"encoding"`
	Center   float64          `json:"center,omitempty"` // numeric: what the raw column is stored less of
	Scale    *Scale           `json:"scale,omitempty"`
	Levels   []string         `json:"levels,omitempty"`   // that occur in training rows; code i+1 is Levels[i], all else is missing
	Layout   string           `json:"layout,omitempty"`   // date
	Parts    []Part           `json:"parts,omitempty"`    // date, text
	Text     *text.Model      `json:"text,omitempty"`     // text
	Notation *number.Notation `json:"notation,omitempty"` // numeric: how it is written, if not plainly
	Stored   Stored           `json:"stored,omitempty"`   // numeric: how it is stored, if not as texts
	Phrases  []string         `json:"phrases,omitempty"`  // numeric, date: texts that stand where there is no value
	// Indicator: a 0/1 column says where the value is missing, as it is in some training row.
	Indicator bool `json:"indicator,omitempty"`
}

// Fit learns the transforms from these rows alone. Columns that have one value in all of them are left out.
func (d *Dataset) Fit(t Transforms, rows []int32) (*Preprocess, error) {
	p := &Preprocess{Version: preprocessVersion, Task: d.Task, Transforms: t, Target: d.Target.Name, Sheet: d.Spec.Sheet}
	f := fitter{data: d, transforms: t, rows: rows}
	err := f.features(p)
	if err == nil && len(p.Features) == 0 {
		f.silent = true // rather than nothing at all
		err = f.features(p)
	}
	if err != nil {
		return nil, err
	}
	if d.Picture != nil {
		p.Picture = d.fitPicture(rows)
	} else if len(p.Features) == 0 {
		return nil, &Error{Op: "fit", Path: d.Spec.Path, Hint: p.whyNone(), Err: fmt.Errorf("no column is left to learn from")}
	}
	d.fitTarget(p, rows)
	return p, nil
}

// whyNone says why no column is a feature: of the first three, where they are not all of one value.
func (p *Preprocess) whyNone() string {
	if !slices.ContainsFunc(p.LeftOut, func(l LeftOut) bool { return l.Why != constant }) {
		return "every column is constant in the training rows"
	}
	var said []string
	for _, l := range p.LeftOut[:min(3, len(p.LeftOut))] {
		said = append(said, fmt.Sprintf("%q %s", l.Name, l.Why))
	}
	return strings.Join(said, "; ")
}

// features learns each column's feature, or notes why it has none.
func (f *fitter) features(p *Preprocess) error {
	p.LeftOut = nil
	for i, c := range f.data.Columns {
		feature, why, err := f.fit(i, c)
		switch {
		case err != nil:
			return err
		case why != "":
			p.LeftOut = append(p.LeftOut, LeftOut{c.Name, why})
		default:
			p.Features = append(p.Features, feature)
		}
	}
	return nil
}

// fitTarget learns what the target's encoding needs.
func (d *Dataset) fitTarget(p *Preprocess, rows []int32) {
	if d.Task == model.Classification {
		p.Classes, p.Priors = d.Classes, make([]float64, len(d.Classes))
		codes := d.raw.codes(len(d.Columns))
		for _, row := range rows {
			p.Priors[codes[row]-1] += 1 / float64(len(rows))
		}
		return
	}
	values := wide(d.raw.numbers(len(d.Columns)), rows)
	mean, sd := Moments(values)
	if sd == 0 {
		sd = 1
	}
	p.Notation = d.Target.Notation
	p.Center, p.Mean, p.Std = d.Target.Center, d.Target.Center+mean, sd
	p.Min, p.Max = d.Target.Center+slices.Min(values), d.Target.Center+slices.Max(values)
}

// fitter learns one column at a time from the training rows.
type fitter struct {
	data       *Dataset
	transforms Transforms
	rows       []int32
	silent     bool // texts that say nothing are features, too
}

// fit returns the column's feature, or why there is none.
func (f *fitter) fit(i int, c Column) (Feature, string, error) {
	switch {
	case c.Type == Text && c.Used && f.transforms.TextTerms > 0:
		return f.text(i, c)
	case c.Type == Text && c.Used:
		c.Note = unread
		return f.presence(i, c)
	case c.Filled:
		return f.presence(i, c)
	case !c.Used:
		return Feature{}, c.Note, nil
	case c.Type == Numeric:
		return f.numeric(i, c)
	case c.Type == Date:
		return f.date(i, c)
	}
	return f.categorical(i, c)
}

const unread = "is free text, of which no words are read: text_terms is 0"

// Why a column is no feature.
const (
	constant = "has one value in all training rows"
	empty    = "is empty in all training rows"
)

func (f *fitter) numeric(i int, c Column) (Feature, string, error) {
	values := f.data.ascending(i, f.rows)
	missing := len(f.rows) - len(values)
	if len(values) == 0 {
		return Feature{}, empty, nil
	}
	scale, err := fitScale(f.transforms.Numeric, values, random.New(0, random.Jitter, uint64(i)))
	out := Feature{
		Name: c.Name, Type: Numeric, Encoding: Scaled, Center: c.Center, Scale: &scale, Indicator: missing > 0, Notation: c.Notation, Stored: c.Stored,
		Phrases: c.Phrases,
	}
	if values[0] != values[len(values)-1] {
		return out, "", err
	}
	if missing == 0 {
		return out, constant, err
	}
	out.Encoding, out.Scale, out.Indicator = Presence, nil, false
	return out, "", err
}

func (f *fitter) categorical(i int, c Column) (Feature, string, error) {
	counts := make([]int, len(c.Levels)+1)
	codes := f.data.raw.codes(i)
	for _, row := range f.rows {
		counts[codes[row]]++
	}
	out := Feature{Name: c.Name, Type: c.Type}
	for k, level := range c.Levels {
		if counts[k+1] > 0 {
			out.Levels = append(out.Levels, level)
		}
	}
	switch n := len(out.Levels); {
	case n == 0:
		return out, empty, nil
	case n == 1 && counts[0] == 0:
		return out, constant, nil
	case n == 1:
		out.Encoding, out.Levels = Presence, nil
	case n == 2 && counts[0] == 0:
		out.Encoding = Sign
	case n+1 <= f.transforms.OneHotMax:
		out.Encoding = OneHot
	default:
		out.Encoding = Codes
	}
	return out, "", nil
}

// presence keeps of an ID or a text whether it is there, if it is not always.
func (f *fitter) presence(i int, c Column) (Feature, string, error) {
	there := 0
	for _, row := range f.rows {
		if f.data.raw.codes(i)[row] != 0 {
			there++
		}
	}
	if there == 0 || there == len(f.rows) {
		return Feature{}, c.Note, nil
	}
	return Feature{Name: c.Name, Type: c.Type, Encoding: Presence}, "", nil
}

// Uses tells of each column how it reaches the model: by which encoding, or why not. Columns that were not read are not among them.
func (p *Preprocess) Uses() map[string]Use {
	uses := make(map[string]Use, len(p.Features)+len(p.LeftOut))
	for _, l := range p.LeftOut {
		uses[l.Name] = Use{Not: l.Why}
	}
	for _, f := range p.Features {
		uses[f.Name] = Use{Encoding: f.Encoding}
	}
	return uses
}

// Use is how a column reaches the model, or why it does not.
type Use struct {
	Encoding Encoding
	Not      string
}

// Save writes the preprocess as JSON, durably.
func (p *Preprocess) Save(path string) error {
	text, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		return fmt.Errorf("encode preprocess: %w", err)
	}
	if err := renameio.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("save preprocess: %w", err)
	}
	return nil
}

// LoadPreprocess reads what Save wrote.
func LoadPreprocess(path string) (*Preprocess, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load preprocess: %w", err)
	}
	p := new(Preprocess)
	if err := json.Unmarshal(text, p); err != nil {
		return nil, fmt.Errorf("load preprocess %s: %w: %w", path, model.ErrCorrupt, err)
	}
	if p.Version < 1 || p.Version > preprocessVersion {
		return nil, fmt.Errorf("load preprocess %s: version %d, this program reads those up to %d", path, p.Version, preprocessVersion)
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("load preprocess %s: %w", path, err)
	}
	return p, nil
}
