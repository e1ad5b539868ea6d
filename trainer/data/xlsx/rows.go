package xlsx

import (
	"bufio"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// Kind is what a cell holds.
type Kind uint8

// The kinds of cells. One without a value is not listed in its row, unless it is a formula.
const (
	Empty  Kind = iota // a formula whose value the workbook does not hold
	Text               // also TRUE and FALSE, and a code such as 00420
	Number             // as it is stored, whatever is shown; of times alone the hours
	Date               // Number is in seconds since 1970
	Fault              // an error such as #N/A
)

// Cell is a cell with something in it.
type Cell struct {
	Column  int // counted from 0
	Kind    Kind
	Text    string
	Number  float64
	Percent bool // the number is shown as a percentage: 0.5 as 50 %
}

// Rows is a sheet as a stream of rows.
type Rows struct {
	book   *Book
	part   *part
	xml    *xml.Decoder
	number int // of the row at hand, from 1
	column int // of the cell at hand, from 0
	cells  []Cell
	value  []byte
	ended  bool
}

// Rows opens a sheet.
func (b *Book) Rows(ctx context.Context, s Sheet) (*Rows, error) {
	if err := b.readTexts(ctx); err != nil {
		return nil, err
	}
	p, err := b.part(ctx, s.part, maxSheet)
	if err != nil {
		return nil, err
	}
	return &Rows{book: b, part: p, xml: xml.NewDecoder(bufio.NewReaderSize(p, 1<<16))}, nil
}

// Close closes the sheet.
func (r *Rows) Close() error { return r.part.Close() }

// Done is the share of the sheet that was read, 0 … 1.
func (r *Rows) Done() float64 { return min(1, float64(r.part.read)/float64(max(1, r.part.size))) }

// Next reads the next row that the sheet lists: its number, counted from 1, and its cells, which are valid until the next call. Rows
// without cells may be listed or not. io.EOF is the end of the sheet, all of whose bytes were as the archive's checksum says.
func (r *Rows) Next() (number int, cells []Cell, err error) {
	if r.ended {
		return 0, nil, io.EOF
	}
	for {
		r.part.left = maxRow
		token, err := r.xml.RawToken()
		if err != nil {
			return 0, nil, r.fault(cut(err))
		}
		switch e := token.(type) {
		case xml.StartElement:
			if e.Name.Local == "row" {
				return r.row(e)
			}
		case xml.EndElement:
			if e.Name.Local == "sheetData" {
				return 0, nil, r.end()
			}
		}
	}
}

// end is io.EOF, if the rest of the part is undamaged.
func (r *Rows) end() error {
	r.ended = true
	if err := r.part.drain(); err != nil {
		return r.fault(err)
	}
	return io.EOF
}

// fault says at which row something is wrong.
func (r *Rows) fault(err error) error { return fmt.Errorf("after row %d: %w", r.number, err) }

func (r *Rows) row(start xml.StartElement) (int, []Cell, error) {
	number := r.number + 1
	for _, a := range start.Attr {
		if n, err := strconv.Atoi(a.Value); err == nil && a.Name.Local == "r" {
			number = n
		}
	}
	if number <= r.number || number > maxRows {
		return 0, nil, r.fault(fmt.Errorf("a row has the number %d", number))
	}
	r.number, r.column, r.cells = number, -1, r.cells[:0]
	for {
		token, err := r.xml.RawToken()
		if err != nil {
			return 0, nil, r.fault(cut(err))
		}
		switch e := token.(type) {
		case xml.StartElement:
			if e.Name.Local == "c" {
				if err := r.cell(e); err != nil {
					return 0, nil, r.fault(err)
				}
			}
		case xml.EndElement:
			if e.Name.Local == "row" {
				return r.number, r.cells, nil
			}
		}
	}
}

// cell reads a cell, and lists it if there is anything in it.
func (r *Rows) cell(start xml.StartElement) error {
	r.column++
	kind, style := "", style{}
	for _, a := range start.Attr {
		switch a.Name.Local {
		case "r":
			r.column = columnOf(a.Value)
		case "t":
			kind = a.Value
		case "s":
			if n, err := strconv.Atoi(a.Value); err == nil && n >= 0 && n < len(r.book.styles) {
				style = r.book.styles[n]
			}
		}
	}
	if r.column < 0 || r.column >= maxColumns {
		return fmt.Errorf("a cell lies in column %d", r.column+1)
	}
	formula, valued, err := r.content()
	if err != nil {
		return err
	}
	c := Cell{Column: r.column}
	if len(r.value) > 0 || kind == "inlineStr" {
		if err := r.fill(&c, kind, style); err != nil {
			return err
		}
	}
	if c.Kind != Empty || formula && !(kind == "str" && valued) { // which is a text of no letters
		r.cells = append(r.cells, c)
	}
	return nil
}

// columnOf is the column of a reference such as AB12, counted from 0; -1 where there are no letters.
func columnOf(reference string) int {
	n := 0
	for i := 0; i < len(reference) && n <= maxColumns; i++ {
		letter := reference[i] &^ 0x20
		if letter < 'A' || letter > 'Z' {
			break
		}
		n = n*26 + int(letter-'A') + 1
	}
	return n - 1
}

// ColumnName is the letters of a column that is counted from 0.
func ColumnName(column int) string {
	name := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}

// content takes what stands in a cell into r.value.
func (r *Rows) content() (formula, valued bool, err error) {
	r.value = r.value[:0]
	in := ""
	for {
		token, err := r.xml.RawToken()
		if err != nil {
			return false, false, cut(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			in = e.Name.Local
			formula, valued = formula || in == "f", valued || in == "v"
			if in == "is" {
				if r.value, err = appendText(r.value, r.xml, "is"); err != nil {
					return false, false, err
				}
			}
		case xml.EndElement:
			if in = ""; e.Name.Local == "c" {
				return formula, valued, nil
			}
		case xml.CharData:
			if in == "v" {
				r.value = append(r.value, e...)
			}
		}
	}
}

// fill makes of the content what it is by the cell's type.
func (r *Rows) fill(c *Cell, kind string, s style) error {
	text := string(r.value)
	switch kind {
	case "s":
		at, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || at < 0 || at >= len(r.book.texts) {
			return fmt.Errorf("the text of the cell in column %s is missing", ColumnName(c.Column))
		}
		c.Kind, c.Text = Text, r.book.texts[at]
	case "e":
		c.Kind = Fault
	case "b":
		c.Kind, c.Text = Text, map[bool]string{true: "TRUE", false: "FALSE"}[strings.TrimSpace(text) == "1"]
	case "d":
		c.iso(strings.TrimSpace(text))
	case "", "n":
		c.number(strings.TrimSpace(text), s, r.book.old)
	case "str":
		c.Kind, c.Text = Text, string(unescape(r.value))
	default:
		c.Kind, c.Text = Text, text
	}
	if c.Kind == Text && strings.TrimSpace(c.Text) == "" {
		c.Kind = Empty
	}
	return nil
}

// iso reads a date that is written as one.
func (c *Cell) iso(text string) {
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02", time.RFC3339, "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			c.Kind, c.Number = Date, float64(t.Unix())
			return
		}
	}
	c.Kind, c.Text = Text, text
}

// number reads what is stored as a number.
func (c *Cell) number(text string, s style, old bool) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(v, 0) || math.IsNaN(v) {
		c.Kind, c.Text = Text, text
		return
	}
	c.Kind, c.Number, c.Percent = Number, v, s.percent
	if t, ok := unix(v, old); ok && s.date {
		c.Kind, c.Number = Date, t
	}
	if s.clock {
		c.Number = v * 24
	}
	if s.digits > 0 && v >= 0 && v == math.Trunc(v) && v < 1e15 {
		if code := strconv.FormatInt(int64(v), 10); len(code) < s.digits {
			c.Kind, c.Text = Text, strings.Repeat("0", s.digits-len(code))+code
		}
	}
}

const (
	dayZero    = -25569  // 1899-12-30 in days since 1970: from March 1900 on, dates count from there
	dayZeroOld = -24107  // 1904-01-01
	lastDay    = 2958466 // 10000-01-01, which Excel cannot show
)

// unix turns days since the workbook's day zero into seconds since 1970. Excel believes that there was a 29 February 1900.
func unix(days float64, old bool) (seconds float64, ok bool) {
	zero := float64(dayZero)
	switch {
	case old:
		zero = dayZeroOld
	case days < 60:
		zero++
	}
	if days < 0 || days >= lastDay || !old && days < 1 {
		return 0, false
	}
	return math.Floor(math.Round((days+zero)*86_400_000) / 1000), true
}
