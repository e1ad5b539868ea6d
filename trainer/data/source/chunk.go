package source

import (
	"math"
	"strconv"
	"time"
)

// Chunk is a number of consecutive rows, by column.
type Chunk struct {
	Rows    int
	Lines   []int64     // where each row is: its line in a text, its number in a workbook or a Parquet file
	Text    [][]string  // by column; nil for a column that comes as numbers
	Numbers [][]float64 // by column: NaN is missing; dates in seconds
	Kinds   [][]Kind    // by column: what each cell is, where cells know that; a number then has a text only if the file writes one
}

// chunkRows is how many rows a chunk holds: few enough that their cells stay in the processor's cache from cutting to encoding (4,096
// rows of 50 columns took a third longer than 1,024), and about 16 MiB of them at most.
func chunkRows(columns int) int { return max(64, min(1024, 1<<20/max(1, columns))) }

func (c *Chunk) reset(columns int) {
	if c.Text == nil {
		c.Text, c.Numbers, c.Kinds = make([][]string, columns), make([][]float64, columns), make([][]Kind, columns)
	}
	for j := range c.Text {
		c.Text[j], c.Numbers[j], c.Kinds[j] = c.Text[j][:0], c.Numbers[j][:0], c.Kinds[j][:0]
	}
	c.Rows, c.Lines = 0, c.Lines[:0]
}

// Kind is what a cell is in a file in which each cell knows that: in a workbook, in lines of JSON.
type Kind uint8

// The kinds of cells.
const (
	TextCell   Kind = iota // a text, which may be a number or a date that somebody wrote
	NumberCell             // a number
	ShareCell              // a number that is shown as a percentage: 0.5 as 50 %
	DateCell               // seconds since 1970
	PiecesCell             // a list or an object of JSON
)

// Written is what a cell says, as a CSV would have it; empty where it is missing.
func (c *Chunk) Written(f Field, column, row int) string {
	switch {
	case f.Typed:
		return c.Spell(column, row)
	case f.Declared == TextCell:
		return c.Text[column][row]
	}
	v := c.Numbers[column][row]
	switch {
	case math.IsNaN(v):
		return ""
	case f.Declared == DateCell:
		return spellTime(v)
	}
	return PlainNumber(v)
}

// put appends a cell to the chunk's column j. text is how a number is written, where the file says that.
func (c *Chunk) put(j int, k Kind, text string, v float64) {
	c.Kinds[j] = append(c.Kinds[j], k)
	c.Text[j] = append(c.Text[j], text)
	c.Numbers[j] = append(c.Numbers[j], v)
}

// endRow ends a row: the columns that have no cell in it yet have a missing one.
func (c *Chunk) endRow(line int64) {
	for j := range c.Kinds {
		if len(c.Kinds[j]) == c.Rows {
			c.put(j, TextCell, "", 0)
		}
	}
	c.Lines = append(c.Lines, line)
	c.Rows++
}

// Spell is a cell as a text.
func (c *Chunk) Spell(j, row int) string {
	text, v := c.Text[j][row], c.Numbers[j][row]
	switch k := c.Kinds[j][row]; {
	case k == TextCell || text != "":
		return text
	case k == DateCell:
		return spellTime(v)
	case v == math.Trunc(v) && math.Abs(v) < 1e21:
		return strconv.FormatFloat(v, 'f', -1, 64) // an identifier keeps its digits
	}
	return PlainNumber(v)
}

// spellTime writes seconds as a date, with the time of day if there is any.
func spellTime(s float64) string {
	t := time.Unix(int64(s), 0).UTC()
	if int64(s)%86400 == 0 {
		return t.Format(time.DateOnly)
	}
	return t.Format(time.DateTime)
}
