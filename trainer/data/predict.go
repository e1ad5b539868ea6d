package data

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tuned/trainer/data/source"
	"tuned/trainer/model"
	"tuned/trainer/npy"
	"tuned/words"
)

// Rows are a new file's rows: as many as the file has, in its order.
type Rows struct {
	Count  int
	Names  []string  // the images' files, where they have any of their own
	Copied []Copied  // columns that were asked for
	Labels []int32   // classification, when the file has the target: -1 where it is missing or no known class
	Values []float32 // regression, when the file has the target: NaN where it is missing or no number
	Notes  []string  // what a person should know about how the file was read
	Lost   []string  // the same, of columns of which next to nothing is left
}

// ReadView encodes a new file under dir (made if need be): columns in any order, the target optional, levels that training did
// not see as missing, other columns ignored, but for those that are asked for: of a table, by name or all by EveryColumn, they are kept as they
// are. A missing column is an *Error with the nearest names.
func (p *Preprocess) ReadView(ctx context.Context, path, dir string, columns ...string) (*Rows, model.View, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, model.View{}, fmt.Errorf("make %s: %w", dir, err)
	}
	if p.Picture != nil {
		if len(columns) > 0 && !everyColumn(columns) {
			return nil, model.View{}, &Error{Op: "read", Path: path, Hint: "the file of each stands there already, where it has one", Err: errors.New("a row is an image, beside which no columns stand")}
		}
		return p.readImages(ctx, path, dir)
	}
	r := &rereading{p: p, path: path, dir: dir, t: &table{}, copied: columns}
	var v model.View
	err := r.read(ctx, r.prepare)
	if err == nil {
		v, err = r.view(dir)
	}
	return &r.rows, v, errors.Join(err, r.close())
}

// rereading is one ReadView on its way. Its table's columns are the features, in order, then the target.
type rereading struct {
	p      *Preprocess
	path   string
	dir    string
	t      *table
	rows   Rows
	target bool
	copied []string // columns
}

// read reads the columns and the target.
func (r *rereading) read(ctx context.Context, prepare func([]source.Field) ([]*builder, error)) error {
	l := &loader{file: r.p.file(r.path), dir: r.dir}
	if len(r.copied) > 0 {
		l.copier = &copier{names: r.copied}
	}
	if err := l.load(ctx, prepare); err != nil {
		return err
	}
	if l.copier != nil {
		r.rows.Copied = l.copier.kept
	}
	return errors.Join(r.build(l), l.spool.close())
}

// prepare makes a builder for each feature, wherever its column is, and one for the target if it is there.
func (r *rereading) prepare(fields []source.Field) ([]*builder, error) {
	places := places(len(fields), func(i int) string { return fields[i].Name })
	if err := r.complete(fields, places); err != nil {
		return nil, err
	}
	var out []*builder
	for i := range r.p.Features {
		f := &r.p.Features[i]
		at := places[f.Name]
		out = append(out, f.builder(at, fields[at]))
	}
	at, ok := places[r.p.Target]
	if r.target = ok; !ok {
		return out, nil
	}
	b := newBuilder(at, fields[at])
	if r.p.Task == model.Classification {
		b.force(Categorical, "", r.p.Classes)
	} else {
		b.force(Numeric, "", nil)
		b.center, b.notation, b.told = &r.p.Center, r.p.Notation, true
	}
	return append(out, b), nil
}

// complete refuses a table that lacks columns which the model reads, and names them all. The first may be called otherwise: like a column
// that it does not read.
func (r *rereading) complete(fields []source.Field, places map[string]int) error {
	var absent []string
	for _, f := range r.p.Features {
		if _, ok := places[f.Name]; !ok {
			absent = append(absent, f.Name)
		}
	}
	if len(absent) == 0 {
		return nil
	}
	e := &Error{Op: "read", Path: r.path, Hint: r.p.completeHint(absent, fields)}
	if e.Err = fmt.Errorf("column %q, which the model reads, is missing", absent[0]); len(absent) > 1 {
		e.Err = fmt.Errorf("%d columns that the model reads are missing: %s", len(absent), words.Names(absent))
	}
	return e
}

// mostAbsent is up to how many missing columns are each looked for under another name: of two wide tables with other columns, comparing
// all with all would take hours.
const mostAbsent = 12

// completeHint says how a table comes to have the columns that it lacks, or how the model does without them: those that are known only
// afterwards must not be learned from. A table that lacks most of them is another one.
func (p *Preprocess) completeHint(absent []string, fields []source.Field) string {
	names, unread := p.unread(fields)
	all, most := "the columns are "+words.Names(names), 2*len(absent) > len(p.Features)
	switch {
	case len(absent) > mostAbsent && most:
		return all
	case len(absent) > mostAbsent:
		return words.Sentences(all, "If new rows cannot have them, learn without them: ignore in a job file")
	}
	hint, without := meant(absent, unread)
	switch {
	case len(without) == 0:
		return hint
	case 2*len(without) > len(p.Features):
		return words.Sentences(hint, all)
	}
	return words.Sentences(words.Sentences(hint, all), doWithout(without))
}

// unread are the names of a table's columns, and of those that the model does not read.
func (p *Preprocess) unread(fields []source.Field) (names, unread []string) {
	read := places(len(p.Features), func(i int) string { return p.Features[i].Name })
	for _, f := range fields {
		names = append(names, f.Name)
		if _, ok := read[f.Name]; !ok {
			unread = append(unread, f.Name)
		}
	}
	return names, unread
}

// meant says which other columns may be those that are missing; of the rest it gives the flags that learn without them.
func meant(absent, unread []string) (hint string, without []string) {
	var near []string
	for _, name := range absent {
		switch meant := words.DidYouMean(name, unread); {
		case meant == "":
			without = append(without, "--ignore "+words.Argument(name))
		case len(absent) > 1:
			near = append(near, fmt.Sprintf("for %q, %s", name, meant))
		default:
			near = append(near, meant)
		}
	}
	return strings.Join(near, " "), without
}

// doWithout says how columns that new rows cannot have are not learned from, by the flags that do it.
func doWithout(flags []string) string {
	them := "it"
	if len(flags) > 1 {
		them = "them"
	}
	return fmt.Sprintf("If new rows cannot have %s, learn without %s: %s, or ignore in a job file", them, them, strings.Join(flags, " "))
}

// builder reads the feature's column of a new file as training read its own.
func (f *Feature) builder(at int, column source.Field) *builder {
	b := newBuilder(at, column)
	b.center, b.notation, b.told, b.asShare = &f.Center, f.Notation, f.Stored == "", f.Stored == StoredShare
	b.phrases = f.Phrases
	levels := f.Levels
	if f.Encoding == Scores {
		b.force(Text, "", nil)
		return b
	}
	if levels == nil && f.Type != Numeric && f.Type != Date {
		b.force(ID, "", nil) // only whether it is there
		return b
	}
	if f.Type == Date && f.Layout == "" && column.Declared == source.TextCell {
		b.wanted = Date // trained on a file with dates of its own; this one writes them
		return b
	}
	b.force(f.Type, f.Layout, levels)
	b.loose = f.Type == Date || f.Type == Numeric
	return b
}

// file says which table is read: of a workbook, the sheet that has the model's columns, first of all the one that the job named.
func (p *Preprocess) file(path string) source.File {
	known := make([]string, len(p.Features))
	for i, f := range p.Features {
		known[i] = f.Name
	}
	return source.File{Path: path, Sheet: p.Sheet, Known: known}
}

// build stores the columns and the target.
func (r *rereading) build(l *loader) error {
	r.rows.Count, r.rows.Notes = l.spool.rows, l.notes()
	for i, b := range l.builders {
		if b.infinite != 0 {
			return l.infinite(b)
		}
		if err := r.t.add(l, i, nil); err != nil {
			return err
		}
		r.note(l, i)
	}
	if r.target {
		r.readTarget()
	}
	return nil
}

// note says what became of cells that training would not have known. That a feature is lost is worth more than a note: the model says
// what it says of rows without it, which may be next to nothing.
func (r *rereading) note(l *loader, i int) {
	b, feature, why := l.builders[i], i < len(r.p.Features), l.misread(i)
	lost := b.present == 0 || b.misfit() > lostShare
	if why == "" && feature && l.spool.rows > 0 && b.present == 0 && r.p.Features[i].always() {
		why = "no row has a value, and every row of training had one"
	}
	switch {
	case why == "":
	case feature && lost:
		r.rows.Lost = append(r.rows.Lost, fmt.Sprintf("Column %s is lost, and predictions are made without it: %s.", b.field.Name, why))
	default:
		r.rows.Notes = append(r.rows.Notes, fmt.Sprintf("Column %s: %s.", b.field.Name, why))
	}
}

// misread says how many cells count as missing that hold something; "" where there are none.
func (l *loader) misread(i int) string {
	b := l.builders[i]
	if b.unseen > 0 {
		return fmt.Sprintf("%d of %d values did not occur in training and count as missing", b.unseen, b.present)
	}
	return joined(b.relaid, b.oddNote(l.place(b)))
}

// lostShare is the share of cells that count as missing from which on a column is lost.
const lostShare = 0.95

// always reports a feature that every training row had.
func (f *Feature) always() bool {
	return f.Encoding == Sign || (f.Encoding == Scaled || f.Encoding == Calendar) && !f.Indicator
}

func (r *rereading) readTarget() {
	at := len(r.p.Features)
	if r.p.Task == model.Regression {
		for _, v := range r.t.numbers(at) {
			r.rows.Values = append(r.rows.Values, float32(r.t.columns[at].Center+float64(v)))
		}
		return
	}
	for _, code := range r.t.codes(at) {
		r.rows.Labels = append(r.rows.Labels, code-1)
	}
}

// view writes the view; with a target if every row has one.
func (r *rereading) view(dir string) (model.View, error) {
	at := make([]int, len(r.p.Features))
	for i := range at {
		at[i] = i
	}
	w := viewWriter{dir: dir, rows: r.rows.Count, encoder: encoderOf(r.p.Features, r.t, at)}
	if !r.whole() {
		return w.write(r.p, nil, nil, "")
	}
	return w.write(r.p, r.p.modelTarget(), r.targetBytes, "")
}

// whole reports whether each row has a target.
func (r *rereading) whole() bool {
	return r.target && !slices.Contains(r.rows.Labels, -1) &&
		!slices.ContainsFunc(r.rows.Values, func(v float32) bool { return v != v })
}

func (r *rereading) targetBytes(from, to int) []byte {
	if r.p.Task == model.Classification {
		return npy.Bytes(r.rows.Labels[from:to])
	}
	at := len(r.p.Features)
	center, out := r.t.columns[at].Center, make([]float32, to-from)
	for i, v := range r.t.numbers(at)[from:to] {
		out[i] = r.p.standardise(center + float64(v))
	}
	return npy.Bytes(out)
}

// close unmaps the raw columns and removes their files: the view is all that is kept.
func (r *rereading) close() error {
	errs := []error{r.t.close()}
	for i, c := range r.t.columns {
		errs = append(errs, os.Remove(filepath.Join(r.dir, c.File)))
		if texts := r.t.texts[i]; texts != nil && texts.file != nil {
			errs = append(errs, os.Remove(filepath.Join(r.dir, textFile(c.File))))
		}
	}
	return errors.Join(errs...)
}

// standardise turns a target into what the model predicts.
func (p *Preprocess) standardise(v float64) float32 {
	return float32((v - p.Mean) / p.Std)
}
