package data

import (
	"fmt"
	"slices"
	"strings"

	"tuned/trainer/data/source"
)

// copier keeps cells of a file as they are written, while it is read.
type copier struct {
	names  []string // of the columns
	fields []source.Field
	at     []int
	cells  [][]string // by column, of all rows
}

// EveryColumn stands for all columns of a file.
const EveryColumn = "*"

func everyColumn(names []string) bool { return slices.Equal(names, []string{EveryColumn}) }

// begin finds the columns, and forgets what an earlier pass kept.
func (b *copier) begin(path string, fields []source.Field) error {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = f.Name
	}
	names := b.names
	if everyColumn(names) {
		names = all
	}
	b.fields, b.at, b.cells = fields, nil, make([][]string, len(names))
	for _, name := range names {
		at := slices.Index(all, name)
		if at < 0 {
			return &Error{Op: "read", Path: path, Hint: source.ColumnHint(name, all), Err: fmt.Errorf("there is no column %q to stand beside the predictions", name)}
		}
		b.at = append(b.at, at)
	}
	return nil
}

// keep takes in the rows of a chunk.
func (b *copier) keep(c *source.Chunk) {
	for i, at := range b.at {
		for row := range c.Rows {
			b.cells[i] = append(b.cells[i], strings.Clone(c.Written(b.fields[at], at, row)))
		}
	}
}

// columns are what was kept.
func (b *copier) columns() (all []Copied) {
	for i, at := range b.at {
		all = append(all, Copied{b.fields[at].Name, b.cells[i]})
	}
	return all
}
