package data

import (
	"math"
	"strconv"
	"time"
)

// chunk is a number of consecutive rows, by column.
type chunk struct {
	rows    int
	lines   []int64     // where each row is: its line in a text, its number in a workbook or a Parquet file
	text    [][]string  // by column; nil for a column that comes as numbers
	numbers [][]float64 // by column: NaN is missing; dates in seconds
	kinds   [][]kind    // by column: what each cell is, where cells know that; a number then has a text only if the file writes one
}

// chunkRows is how many rows a chunk holds: few enough that their cells stay in the processor's cache from cutting to encoding (4,096
// rows of 50 columns took a third longer than 1,024), and about 16 MiB of them at most.
func chunkRows(columns int) int { return max(64, min(1024, 1<<20/max(1, columns))) }

func (c *chunk) reset(columns int) {
	if c.text == nil {
		c.text, c.numbers, c.kinds = make([][]string, columns), make([][]float64, columns), make([][]kind, columns)
	}
	for j := range c.text {
		c.text[j], c.numbers[j], c.kinds[j] = c.text[j][:0], c.numbers[j][:0], c.kinds[j][:0]
	}
	c.rows, c.lines = 0, c.lines[:0]
}

// kind is what a cell is in a file in which each cell knows that: in a workbook, in lines of JSON.
type kind uint8

const (
	inText   kind = iota // a text, which may be a number or a date that somebody wrote
	inNumber             // a number
	inShare              // a number that is shown as a percentage: 0.5 as 50 %
	inDate               // seconds since 1970
	inPieces             // a list or an object of JSON
)

// put appends a cell to the chunk's column j. text is how a number is written, where the file says that.
func (c *chunk) put(j int, k kind, text string, v float64) {
	c.kinds[j] = append(c.kinds[j], k)
	c.text[j] = append(c.text[j], text)
	c.numbers[j] = append(c.numbers[j], v)
}

// endRow ends a row: the columns that have no cell in it yet have a missing one.
func (c *chunk) endRow(line int64) {
	for j := range c.kinds {
		if len(c.kinds[j]) == c.rows {
			c.put(j, inText, "", 0)
		}
	}
	c.lines = append(c.lines, line)
	c.rows++
}

// spelled is a cell as a text.
func (c *chunk) spelled(j, row int) string {
	text, v := c.text[j][row], c.numbers[j][row]
	switch k := c.kinds[j][row]; {
	case k == inText || text != "":
		return text
	case k == inDate:
		return spellTime(v)
	case v == math.Trunc(v) && math.Abs(v) < 1e21:
		return strconv.FormatFloat(v, 'f', -1, 64) // an identifier keeps its digits
	}
	return plainNumber(v)
}

// spellTime writes seconds as a date, with the time of day if there is any.
func spellTime(s float64) string {
	t := time.Unix(int64(s), 0).UTC()
	if int64(s)%86400 == 0 {
		return t.Format(time.DateOnly)
	}
	return t.Format(time.DateTime)
}
