package data

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tuned/trainer/data/source"
	"tuned/words"
)

// checkNames refuses names of columns that the file does not have, and a target that may be one of several.
func (r *reading) checkNames(fields []source.Field, names []string) error {
	s := r.spec
	type use struct{ key, name string }
	uses := []use{{"target", s.Target}, {"group", s.Group}, {"time", s.Time}, {"split", s.SplitColumn}, {"image_column", s.ImageColumn}}
	for _, key := range slices.Sorted(maps.Keys(s.Types)) {
		uses = append(uses, use{"types", key})
	}
	for _, name := range s.Slices {
		uses = append(uses, use{"slices", name})
	}
	for _, name := range s.Ignore {
		uses = append(uses, use{"ignore", name})
	}
	if at := slices.Index(names, s.Target); at >= 0 && fields[at].Repeated {
		return &Error{
			Op: "read", Path: s.Path, Place: "data.target", Hint: "rename one of them, or delete it",
			Err: fmt.Errorf("several columns are called %q", s.Target),
		}
	}
	for _, u := range uses {
		if u.name == "" && u.key != "target" || slices.Contains(names, u.name) {
			continue
		}
		return &Error{
			Op: "read", Path: s.Path, Place: "data." + u.key, Hint: cmp.Or(words.DidYouMean(u.name, names), source.TitleHint(names), source.ColumnHint(u.name, names)),
			Err: fmt.Errorf("there is no column %q", u.name),
		}
	}
	return nil
}

// noRows refuses a header and nothing else.
func (r *reading) noRows() error {
	line, _, _ := strings.Cut(r.loader.source.Head(0), ", ")
	return &Error{
		Op: "read", Path: r.spec.Path, Place: line,
		Hint: "rows are expected below the column names", Err: errors.New("there is a header and nothing else"),
	}
}

// suited refuses columns that cannot do what the job asks of them.
func (r *reading) suited() error {
	d, s := r.data, r.spec
	for i, c := range d.Columns {
		codes := d.raw.codes(i) != nil
		switch {
		case c.Name == s.Time && codes:
			return &Error{
				Op: "split", Path: s.Path, Place: "data.time",
				Hint: fmt.Sprintf("write times as 2006-01-31 15:04:05, or as numbers; --types %s reads weeks (2006-W05) and quarters (2006-Q1)", words.Argument(c.Name+"=date")),
				Err:  fmt.Errorf("column %q holds neither dates nor numbers", c.Name),
			}
		case slices.Contains(s.Slices, c.Name) && codes && c.Levels == nil:
			return &Error{
				Op: "read", Path: s.Path, Place: "data.slices", Hint: "slice by a column of few values, or of numbers",
				Err: fmt.Errorf("almost every row has a value of its own in column %q", c.Name),
			}
		}
	}
	return nil
}

// mostMisfits is the share of cells beyond which a type that the job gives does not describe the column.
const mostMisfits = 0.5

// misfit refuses a given type that most cells do not fit: as missing ones, they would leave nothing of the column.
func (r *reading) misfit(b *builder) error {
	if b.misfit() <= mostMisfits || slices.Contains(r.spec.Ignore, b.field.Name) {
		return nil
	}
	return &Error{
		Op: "read", Path: r.spec.Path, Place: r.loader.place(b), Hint: fmt.Sprintf("leave types.%s out, or name another type", b.field.Name),
		Err: fmt.Errorf("the job gives the column a type that %d of %d cells do not fit: they are no %ss, the first is %q",
			b.odd, b.present, b.kind(), b.oddCell),
	}
}

// infinite refuses a number without end.
func (l *loader) infinite(b *builder) error {
	return &Error{
		Op: "read", Path: l.file.Path, Place: l.source.Place(b.infinite, b.index),
		Hint: "leave the cell empty if the value is unknown; numbers reach to 1.7e38", Err: errors.New("an infinite number"),
	}
}

// usable refuses a table that leaves nothing to learn from.
func (r *reading) usable() error {
	if len(r.data.Columns) == 0 {
		return &Error{
			Op: "read", Path: r.spec.Path, Hint: "name what is known of a row as well as what is to be predicted",
			Err: errors.New("there is no column beside the target"),
		}
	}
	for _, c := range r.data.Columns {
		if c.Used {
			return nil
		}
	}
	return &Error{
		Op: "read", Path: r.spec.Path, Hint: "--types COLUMN=numeric, or categorical, keeps a column that was left out",
		Err: errors.New("no column is left to learn from: " + strings.Join(r.data.leftOut(), " ")),
	}
}

// leftOut says why each column is not used.
func (d *Dataset) leftOut() []string {
	var all []string
	for _, c := range d.Columns {
		if !c.Used {
			all = append(all, fmt.Sprintf("Column %s: %s.", c.Name, c.Note))
		}
	}
	return all
}
