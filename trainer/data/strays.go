package data

import (
	"fmt"
	"slices"
	"strings"

	"tuned/trainer/data/source"
)

// strays are rows of a file that are none: one that was joined from several repeats the names of its columns, surveys have their
// questions below the names, and reports have sums.
type strays struct {
	fields  []source.Field
	begun   bool // the first chunk was seen
	labels  labels
	headers found
	sums    found
}

// found counts rows.
type found struct {
	rows int
	line int64 // of the first
}

func (f *found) add(line int64) {
	if f.rows++; f.rows == 1 {
		f.line = line
	}
}

func newStrays(fields []source.Field) *strays { return &strays{fields: fields} }

// look notes a chunk's strays, and empties those that are about the columns: they keep their places among the rows.
func (s *strays) look(c *source.Chunk) {
	if len(c.Text) < 2 {
		return
	}
	s.begin(c)
	for row := range c.Rows {
		switch {
		case s.isHeader(c, row):
			s.headers.add(c.Lines[row])
			s.empty(c, row)
		case s.isSum(c, row):
			s.sums.add(c.Lines[row])
		}
	}
}

// begin looks for rows that only the beginning of a file may have.
func (s *strays) begin(c *source.Chunk) {
	if s.begun {
		return
	}
	s.begun, s.labels = true, findLabels(c, s.fields)
	for row := range s.labels.rows {
		s.empty(c, row)
	}
}

func (s *strays) empty(c *source.Chunk, row int) {
	for j := range s.fields {
		c.Text[j][row] = ""
	}
}

// isHeader tells whether every cell is a text that says what its column is called.
func (s *strays) isHeader(c *source.Chunk, row int) bool {
	for j, f := range s.fields {
		name := f.Name
		if cell, ok := written(c, j, row); !ok || cell != name && (cell != "" || name != source.Unnamed(j)) {
			return false
		}
	}
	return true
}

// written is a cell that is a text.
func written(c *source.Chunk, j, row int) (cell string, ok bool) {
	if row >= len(c.Text[j]) || row < len(c.Kinds[j]) && c.Kinds[j][row] != source.TextCell {
		return "", false
	}
	return source.Trim(c.Text[j][row]), true
}

// sumNames begin a row that sums up others.
var sumNames = []string{"total", "grand total", "subtotal", "sub-total", "sum", "summe", "gesamt", "insgesamt", "totale", "somme", "suma"}

// isSum tells whether the first cell says that the row sums up others, and some of the other cells are empty.
func (s *strays) isSum(c *source.Chunk, row int) bool {
	cell, ok := written(c, 0, row)
	if !ok || len(cell) < 3 || len(cell) > 16 || cell[0] < 'A' { // most rows are told by that
		return false
	}
	cell = strings.TrimRight(cell, " :")
	if !slices.ContainsFunc(sumNames, func(name string) bool { return strings.EqualFold(cell, name) }) {
		return false
	}
	for j := range s.fields {
		if cell, ok := written(c, j, row); ok && source.Missing(cell) {
			return true
		}
	}
	return false
}

// notes tell what was found in a source.
func (s *strays) notes(in source.Table) (notes []string) {
	if s.labels.rows > 0 {
		notes = append(notes, s.labels.note(in))
	}
	if f := s.headers; f.rows > 0 {
		notes = append(notes, fmt.Sprintf("%s the names of the columns, the first at %s: read as empty.", rowsThat(f.rows, "repeats", "repeat"), in.Place(f.line, 0)))
	}
	if f := s.sums; f.rows > 0 {
		notes = append(notes, fmt.Sprintf("%s to sum up others, the first at %s. If so, delete what sums up: where it has a target, it counts as a row like all others.",
			rowsThat(f.rows, "seems", "seem"), in.Place(f.line, 0)))
	}
	return notes
}

func rowsThat(n int, one, more string) string {
	return fmt.Sprintf("%d %s", n, numbered(n, "row "+one, "rows "+more))
}

// numbered is what is said of one, or of more.
func numbered(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}
