package data

import (
	"fmt"
	"slices"
	"strings"

	"tuned/trainer/data/source"
)

// strays are rows of a file that are none: one that was joined from several repeats the names of its columns, and reports have sums.
type strays struct {
	names   []string // of the columns
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

func newStrays(fields []source.Field) *strays {
	s := &strays{}
	for _, f := range fields {
		s.names = append(s.names, f.Name)
	}
	return s
}

// look notes a chunk's strays, and empties those that repeat the header: they keep their places among the rows.
func (s *strays) look(c *source.Chunk) {
	if len(c.Text) < 2 {
		return
	}
	for row := range c.Rows {
		switch {
		case s.isHeader(c, row):
			s.headers.add(c.Lines[row])
			for j := range s.names {
				c.Text[j][row] = ""
			}
		case s.isSum(c, row):
			s.sums.add(c.Lines[row])
		}
	}
}

// isHeader tells whether every cell is a text that says what its column is called.
func (s *strays) isHeader(c *source.Chunk, row int) bool {
	for j, name := range s.names {
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
	for j := range s.names {
		if cell, ok := written(c, j, row); ok && source.Missing(cell) {
			return true
		}
	}
	return false
}

// notes tell what was found in a source.
func (s *strays) notes(in source.Table) (notes []string) {
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
	if n == 1 {
		return "1 row " + one
	}
	return fmt.Sprintf("%d rows %s", n, more)
}
