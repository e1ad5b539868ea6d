package data

import (
	"fmt"
	"slices"
	"strings"
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

func newStrays(fields []field) *strays {
	s := &strays{}
	for _, f := range fields {
		s.names = append(s.names, f.name)
	}
	return s
}

// look notes a chunk's strays, and empties those that repeat the header: they keep their places among the rows.
func (s *strays) look(c *chunk) {
	if len(c.text) < 2 {
		return
	}
	for row := range c.rows {
		switch {
		case s.isHeader(c, row):
			s.headers.add(c.lines[row])
			for j := range s.names {
				c.text[j][row] = ""
			}
		case s.isSum(c, row):
			s.sums.add(c.lines[row])
		}
	}
}

// isHeader tells whether every cell is a text that says what its column is called.
func (s *strays) isHeader(c *chunk, row int) bool {
	for j, name := range s.names {
		if cell, ok := c.written(j, row); !ok || cell != name && (cell != "" || name != unnamed(j)) {
			return false
		}
	}
	return true
}

// written is a cell that is a text.
func (c *chunk) written(j, row int) (cell string, ok bool) {
	if row >= len(c.text[j]) || row < len(c.kinds[j]) && c.kinds[j][row] != inText {
		return "", false
	}
	return trim(c.text[j][row]), true
}

// sumNames begin a row that sums up others.
var sumNames = []string{"total", "grand total", "subtotal", "sub-total", "sum", "summe", "gesamt", "insgesamt", "totale", "somme", "suma"}

// isSum tells whether the first cell says that the row sums up others, and some of the other cells are empty.
func (s *strays) isSum(c *chunk, row int) bool {
	cell, ok := c.written(0, row)
	says := func(name string) bool { return strings.EqualFold(strings.TrimRight(cell, " :"), name) }
	if !ok || len(cell) > 16 || !slices.ContainsFunc(sumNames, says) {
		return false
	}
	for j := range s.names {
		if cell, ok := c.written(j, row); ok && missing(cell) {
			return true
		}
	}
	return false
}

// notes tell what was found in a source.
func (s *strays) notes(in source) (notes []string) {
	if f := s.headers; f.rows > 0 {
		notes = append(notes, fmt.Sprintf("%s the names of the columns, the first at %s: read as empty.", rowsThat(f.rows, "repeats", "repeat"), in.place(f.line, 0)))
	}
	if f := s.sums; f.rows > 0 {
		notes = append(notes, fmt.Sprintf("%s to sum up others, the first at %s. If so, delete what sums up: it counts as a row like all others.",
			rowsThat(f.rows, "seems", "seem"), in.place(f.line, 0)))
	}
	return notes
}

func rowsThat(n int, one, more string) string {
	if n == 1 {
		return "1 row " + one
	}
	return fmt.Sprintf("%d rows %s", n, more)
}
