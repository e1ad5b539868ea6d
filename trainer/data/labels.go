package data

import (
	"fmt"

	"tuned/trainer/data/number"
	"tuned/trainer/data/source"
)

// Rows that only say more about the columns stand between their names and the table: the questions of a survey, units, types. At most so
// many are looked for, above at least so many rows, of which so many tell what a column holds. In at least so many columns of numbers or dates they must hold a text.
const (
	mostLabels  = 3
	labelRows   = 5
	labelSample = 100
	labelProofs = 2
)

// labels are the first rows of a file that are none.
type labels struct {
	rows   int
	line   int64
	column int
	text   string // one that stands above numbers
}

// findLabels looks for them in a file's first chunk.
func findLabels(c *source.Chunk, fields []source.Field) (found labels) {
	for n := min(mostLabels, c.Rows-labelRows); n > 0; n-- {
		rows := 0
		for rows < n && isLabel(c, fields, rows, n) {
			rows++
		}
		if rows < n {
			continue
		}
		column := firstMeasured(c, fields, n)
		return labels{rows: n, line: c.Lines[0], column: column, text: source.Trim(c.Text[column][0])}
	}
	return found
}

// isLabel tells whether a row holds texts alone, above rows from which on none of them comes again, and some above numbers or dates.
func isLabel(c *source.Chunk, fields []source.Field, row, from int) bool {
	for j, f := range fields {
		if cell, ok := written(c, j, row); !ok || !source.Missing(cell) && isMeasured([]string{cell}, f.Comma) {
			return false
		}
	}
	proofs := 0
	for j, f := range fields {
		cell, _ := written(c, j, row)
		switch {
		case source.Missing(cell):
		case comesAgain(c, j, cell, from):
			return false
		case proofs < labelProofs && holdsMeasured(c, j, from, f.Comma):
			proofs++
		}
	}
	return proofs >= labelProofs
}

// firstMeasured is the first column of numbers or dates that has a text in the first row.
func firstMeasured(c *source.Chunk, fields []source.Field, from int) int {
	for j, f := range fields {
		if cell, _ := written(c, j, 0); !source.Missing(cell) && holdsMeasured(c, j, from, f.Comma) {
			return j
		}
	}
	return 0
}

func comesAgain(c *source.Chunk, j int, text string, from int) bool {
	for row := from; row < min(c.Rows, from+labelSample); row++ {
		if cell, ok := written(c, j, row); ok && cell == text {
			return true
		}
	}
	return false
}

// holdsMeasured tells whether the rows from one on hold nothing but numbers, or dates.
func holdsMeasured(c *source.Chunk, j, from int, comma bool) bool {
	texts, stored := []string{}, 0
	for row := from; row < min(c.Rows, from+labelSample); row++ {
		switch cell, ok := written(c, j, row); {
		case !ok:
			stored++
		case !source.Missing(cell):
			texts = append(texts, cell)
		}
	}
	return stored+len(texts) >= labelRows && (len(texts) == 0 || stored == 0 && isMeasured(texts, comma))
}

// isMeasured tells whether all cells are numbers in one notation, or dates.
func isMeasured(cells []string, comma bool) bool {
	return number.Sniff(cells, len(cells), comma, false) != nil || layoutOf(cells, layouts...) != ""
}

// note tells of them.
func (l labels) note(in source.Table) string {
	return fmt.Sprintf("%s more about them, such as %q at %s: read as empty.",
		rowsThat(l.rows, "below the names of the columns only says", "below the names of the columns only say"), beginning(l.text), in.Place(l.line, l.column))
}
