package data

import (
	"fmt"
	"slices"

	"tuned/trainer/data/source"
)

// copier keeps cells of a file as they are written, while it is read.
type copier struct {
	names  []string // of the columns
	fields []source.Field
	at     []int
	kept   []Copied
}

// Copied is a column of a new file, as it is written.
type Copied struct {
	Name string

	cells []byte // one behind another
	ends  []int  // of each row: where its cell ends
}

// CopiedOf is a column of these cells.
func CopiedOf(name string, cells []string) Copied {
	c := Copied{Name: name}
	for _, cell := range cells {
		c.add(cell)
	}
	return c
}

func (c *Copied) add(cell string) {
	c.cells = append(c.cells, cell...)
	c.ends = append(c.ends, len(c.cells))
}

// Cell is what a row's cell says.
func (c *Copied) Cell(row int) string {
	from := 0
	if row > 0 {
		from = c.ends[row-1]
	}
	return string(c.cells[from:c.ends[row]])
}

// Len is how many rows there are.
func (c *Copied) Len() int { return len(c.ends) }

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
	b.fields, b.at, b.kept = fields, nil, nil
	for _, name := range names {
		at := slices.Index(all, name)
		if at < 0 {
			return &Error{Op: "read", Path: path, Hint: source.ColumnHint(name, all), Err: fmt.Errorf("there is no column %q to stand beside the predictions", name)}
		}
		b.at, b.kept = append(b.at, at), append(b.kept, Copied{Name: name})
	}
	return nil
}

// keep takes in the rows of a chunk.
func (b *copier) keep(c *source.Chunk) {
	for i, at := range b.at {
		for row := range c.Rows {
			b.kept[i].add(c.Written(b.fields[at], at, row))
		}
	}
}
