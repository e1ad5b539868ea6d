package source

import (
	"errors"
	"fmt"
	"slices"
)

// renamed is a table of which some columns are called otherwise than in the file.
type renamed struct {
	Table
	fields []Field
	notes  []string
}

func (r *renamed) Fields() []Field { return r.fields }

func (r *renamed) Notes() []string { return slices.Concat(r.Table.Notes(), r.notes) }

// toldApart gives columns of one name names of their own: the first keeps it, and "x_2" is the second called "x". It refuses more columns
// than are read, and values in the place of names.
func toldApart(path string, s Table) (Table, error) {
	fields := s.Fields()
	if len(fields) > maxColumns {
		return nil, &Error{
			Op: "read", Path: path, Place: s.Head(maxColumns), Hint: fmt.Sprintf("at most %d are read", maxColumns),
			Err: fmt.Errorf("%d columns", len(fields)),
		}
	}
	r := &renamed{Table: s, fields: slices.Clone(fields)}
	if err := r.number(path); err != nil {
		return nil, err
	}
	if len(r.notes) == 0 {
		return s, nil
	}
	return r, nil
}

// number renames what has a name that stands further to the left.
func (r *renamed) number(path string) error {
	first, taken := map[string]int{}, map[string]bool{}
	for _, f := range r.fields {
		taken[f.Name] = true
	}
	for i := range r.fields {
		name := r.fields[i].Name
		before, twice := first[name]
		switch {
		case !twice:
			first[name] = i
			continue
		case isNumber(name, true) || Missing(name):
			return &Error{
				Op: "read", Path: path, Place: r.Head(i), Hint: "the first line must name the columns; write names above the rows",
				Err: errors.New("a value stands where columns are named: " + fmt.Sprintf("%q, as in column %d", name, before+1)),
			}
		}
		r.fields[before].Repeated = true
		r.fields[i].Name = freeName(name, taken)
		r.notes = append(r.notes, fmt.Sprintf("Several columns are called %q: that of %s is called %q.", name, r.Head(i), r.fields[i].Name))
	}
	return nil
}

// freeName is a name with the least number behind it that no column has, from 2 on, and takes it.
func freeName(name string, taken map[string]bool) string {
	for n := 2; ; n++ {
		if numbered := fmt.Sprintf("%s_%d", name, n); !taken[numbered] {
			taken[numbered] = true
			return numbered
		}
	}
}
