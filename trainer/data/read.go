package data

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"tuned/trainer/data/pixels"
	"tuned/trainer/data/random"
	"tuned/trainer/data/source"
	"tuned/trainer/data/text"
	"tuned/trainer/model"
	"tuned/words"
)

// Read reads the file into raw columns under dir (made if need be) and splits its rows. A path to images in IDX form, or to a
// directory of them or of PNG and JPEG files, gives one array of images, and so does a table of pixels or of paths (see
// Spec.ImageColumn). progress, if not nil, is told of bytes of the file, or of images. Faults of the file, and of what the Spec says about it, are *Error.
func Read(ctx context.Context, s Spec, dir string, progress func(done, total int64)) (*Dataset, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("make %s: %w", dir, err)
	}
	parts, err := pixels.FindIDX(s.Path)
	switch {
	case err != nil:
		return nil, err
	case parts != nil:
		return readIDX(ctx, s, parts, dir, progress)
	case pixels.Holds(s.Path):
		return readAlbum(ctx, s, dir, progress)
	}
	return readTable(ctx, s, dir, progress)
}

// readTable is Read for a table, which may hold images or name them.
func readTable(ctx context.Context, s Spec, dir string, progress func(done, total int64)) (*Dataset, error) {
	r := &reading{spec: s}
	l := &loader{file: s.file(), dir: dir, tell: progress}
	if err := l.load(ctx, r.prepare); err != nil {
		return nil, err
	}
	d := &Dataset{Dir: dir, Spec: s, raw: &table{}, texts: &readers{models: map[textKey]*text.Model{}}}
	r.loader, r.data = l, d
	err := errors.Join(r.build(), l.spool.close())
	if err == nil {
		err = d.split()
	}
	if err == nil && (s.ImageColumn != "" || s.ImageSize != nil) {
		err = d.picture(ctx, progress)
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// file is where the table is.
func (s Spec) file() source.File { return source.File{Path: s.Path, Sheet: s.Sheet, Whole: s.Ignore} }

// reading is one Read on its way.
type reading struct {
	spec   Spec
	loader *loader
	data   *Dataset

	fields []int // the field of each builder that becomes a column
	number int   // the target's builders: as a number,
	label  int   // and as a text
}

// prepare makes the builders: one for each column, and two for the target, so that its task can be decided at the end.
func (r *reading) prepare(fields []source.Field) ([]*builder, error) {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	if err := r.checkNames(fields, names); err != nil {
		return nil, err
	}
	var out []*builder
	r.fields = nil
	for i, f := range fields {
		if f.Name == r.spec.Target {
			continue
		}
		r.fields = append(r.fields, i)
		b, err := r.builder(i, f)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	at := slices.Index(names, r.spec.Target)
	number, label := newBuilder(at, fields[at]), newBuilder(at, fields[at])
	number.force(Numeric, "", nil)
	number.sure = r.spec.Task == model.Regression
	label.force(Categorical, "", nil)
	r.number, r.label = len(out), len(out)+1
	return append(out, number, label), nil
}

func (r *reading) builder(i int, f source.Field) (*builder, error) {
	b := newBuilder(i, f)
	s := r.spec
	if f.Name == s.Group || f.Name == s.SplitColumn || f.Name == s.ImageColumn {
		b.force(Categorical, "", nil)
		return b, nil
	}
	if t := s.Types[f.Name]; t != "" {
		return b, r.override(b, Type(strings.ToLower(t)))
	}
	b.skipped = slices.Contains(s.Ignore, f.Name) && !slices.Contains(s.Slices, f.Name) && f.Name != s.Time
	return b, nil
}

// override applies a type that the job gives.
func (r *reading) override(b *builder, t Type) error {
	known := TypeNames()
	if !slices.Contains(known, string(t)) {
		return &Error{
			Op: "read", Path: r.spec.Path, Place: "types." + b.field.Name, Hint: "the types are " + quoted(known, ", "),
			Err: fmt.Errorf("unknown type %q", t),
		}
	}
	if t == Date && b.field.Declared == source.TextCell {
		b.wanted = Date // its layout is found in the first cells
		return nil
	}
	b.force(t, "", nil)
	b.sure = t == Numeric
	return nil
}

func quoted(names []string, between string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = `"` + n + `"`
	}
	return strings.Join(q, between)
}

// build decides the task, leaves out rows without a target, and stores the columns.
func (r *reading) build() error {
	d := r.data
	if err := r.choose(); err != nil {
		return err
	}
	for i := range r.fields {
		if err := r.column(i, d.kept); err != nil {
			return err
		}
	}
	if err := r.target(d.kept); err != nil {
		return err
	}
	d.Columns = d.raw.columns[:len(r.fields)]
	d.Hash = specHash(r.loader.sum, r.spec)
	if err := r.usable(); err != nil {
		return err
	}
	return r.suited()
}

// choose decides the task, and which rows are kept.
func (r *reading) choose() (err error) {
	l, d := r.loader, r.data
	if l.spool.rows == 0 {
		return r.noRows()
	}
	if d.Task, err = r.task(); err != nil {
		return err
	}
	rows, err := r.rows()
	if err != nil {
		return err
	}
	d.Notes, d.FirstRow = l.notes(), source.FirstRow(l.source)
	r.noteDropped(l.spool.rows - len(rows))
	rows = random.Sample(rows, r.spec.MaxRows, r.spec.SplitSeed)
	if d.Rows = len(rows); d.Rows < l.spool.rows {
		d.kept = rows
	}
	return nil
}

// column stores one column and decides whether models see it.
func (r *reading) column(i int, rows []int32) error {
	l, d, b := r.loader, r.data, r.loader.builders[i]
	if b.infinite != 0 && !b.skipped {
		return l.infinite(b)
	}
	if err := r.misfit(b); err != nil {
		return err
	}
	if err := d.raw.add(l, i, rows); err != nil {
		return err
	}
	c := &d.raw.columns[i]
	c.Misfit = b.misfit()
	if c.Type == Numeric && b.given == "" && !r.spec.apart(c.Name) && d.raw.numbersRows(i, b) {
		c.Type, c.Note = ID, "numbers the rows, so it says nothing about new ones"
	} else {
		c.Note = r.unused(c, b, d.raw.texts[i] != nil)
	}
	if c.Used = c.Note == ""; c.Used { // what is left out says so itself
		if c.Note = b.readNote(l.place(b), d.placeholderNote(i)); c.Note != "" {
			d.Notes = append(d.Notes, fmt.Sprintf("Column %s: %s.", c.Name, c.Note))
		}
	}
	c.Filled = !c.Used && c.Missing > 0 && !r.spec.apart(c.Name)
	return nil
}

// unused is why models do not see a column; "" where they do.
func (r *reading) unused(c *Column, b *builder, read bool) string {
	s := r.spec
	switch {
	case slices.Contains(s.Ignore, c.Name):
		return Ignored
	case c.Name == s.Group:
		return "names the groups of the split"
	case c.Name == s.SplitColumn:
		return "names the sides of the split"
	case c.Type == ID && b.given == ID:
		return "is an ID, as the job says"
	case c.Type == ID:
		note := "names rows (most values occur once), so it says nothing about new ones"
		if hint := cmp.Or(b.mostlyNumbers(), b.pairs()); hint != "" {
			note += "; " + hint
		}
		return note
	case c.Type == Text && !read:
		return "becomes free text further down; --types " + words.Argument(c.Name+"=text") + " reads it"
	}
	return ""
}

// Ignored is the note of a column that the job ignores; its cells are not read.
const Ignored = "ignored by the job"

// apart tells whether a column is for something else than learning.
func (s Spec) apart(column string) bool {
	return slices.Contains(s.Ignore, column) || slices.Contains([]string{s.Group, s.SplitColumn, s.ImageColumn}, column)
}

// specHash is of the file and of what of the Spec shapes the arrays and the row sets.
func specHash(file string, s Spec) string {
	s.Path, s.Slices = "", nil
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // a Spec holds strings and numbers only
	}
	sum := sha256.Sum256(append([]byte(file), text...))
	return hex.EncodeToString(sum[:])
}

// noteDropped says how many rows have no target.
func (r *reading) noteDropped(n int) {
	if r.data.Dropped = n; n > 0 {
		r.data.Notes = append(r.data.Notes, fmt.Sprintf("%d of %d rows %s.", n, r.loader.spool.rows, numbered(n, "has no target and is left out", "have no target and are left out")))
	}
}

// rows are the rows of the file that have a target.
func (r *reading) rows() ([]int32, error) {
	index := r.label
	if r.data.Task == model.Regression {
		index = r.number
	}
	b, rows := r.loader.builders[index], []int32{}
	minus := slices.Index(b.levels, "-")
	if slices.Contains(b.levels, "+") {
		minus = -1
	}
	err := r.loader.spool.each(index, func(first int, cells []uint64) error {
		for i, bits := range cells {
			if bits != gap && (minus < 0 || bits != uint64(minus)+1) {
				rows = append(rows, int32(first+i))
			}
		}
		return nil
	})
	if err == nil && len(rows) == 0 {
		err = r.targetError("", "every row of the target is missing", "is this the right column?")
	}
	return rows, err
}
