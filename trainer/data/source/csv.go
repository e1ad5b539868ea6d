package source

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// csvSource reads RFC 4180 text with a header; the delimiter is , ; tab or |.
type csvSource struct {
	path    string
	in      *Input
	reader  *csv.Reader
	guard   *recordGuard
	columns []Field
	comma   rune
	top     int // the header's line
	said    []string
	cells   int  // of the last row that was refused
	wide    bool // some row has empty cells behind the last column
}

// openCSV reads the header. The file's bytes come from text, of which sample is the beginning, and in, which the source closes.
func openCSV(f File, in *Input, text *bufio.Reader, sample []byte) (*csvSource, error) {
	if loneReturns(sample) {
		return nil, &Error{
			Op: "read", Path: f.Path, Place: "line 1", Hint: "save the file with lines that end in \\n or \\r\\n",
			Err: errors.New("its lines end in \\r alone, as on very old computers"),
		}
	}
	s := &csvSource{path: f.Path, in: in, comma: delimiter(f.Path, sample), guard: &recordGuard{r: text}}
	if f.western {
		s.said = append(s.said, westernNote)
	}
	s.reader = csv.NewReader(s.guard)
	s.reader.Comma, s.reader.ReuseRecord, s.reader.LazyQuotes = s.comma, true, hasFormulas(sample, s.comma)
	s.guard.offset = s.reader.InputOffset
	if err := s.skipTitles(firstRecords(sample, s.comma)); err != nil {
		return s, err
	}
	return s, s.header()
}

// firstRecords are the rows of a text's beginning, a cut one left out, up to where it cannot be read.
func firstRecords(sample []byte, comma rune) (records [][]string) {
	reader := csv.NewReader(bytes.NewReader(sample))
	reader.Comma, reader.FieldsPerRecord, reader.LazyQuotes = comma, -1, hasFormulas(sample, comma)
	for len(records) < headRows {
		record, err := reader.Read()
		if err != nil {
			return records
		}
		if reader.InputOffset() == int64(len(sample)) && len(sample) >= sampleSize {
			return records
		}
		records = append(records, record)
	}
	return records
}

// skipTitles leaves out what stands above the header for sure. Where two cells may, it says so, since the rows cannot be read then.
func (s *csvSource) skipTitles(first [][]string) error {
	n := titles(first, s.comma == ';')
	switch {
	case n > 0:
		s.said = append(s.said, titleNote(first[:n]))
	case len(first) > 1 && len(first[0]) == mostTitleCells && len(first[1]) > mostTitleCells:
		s.said = append(s.said, fmt.Sprintf("The rows have more cells than the first line; if %q is a title, delete the lines above the names of the columns.", Trim(first[0][0])))
	}
	s.reader.FieldsPerRecord = -1 // titles have fewer cells
	for range n {
		record, err := s.reader.Read()
		if err != nil {
			return s.fault(err)
		}
		if err := s.readable(record); err != nil {
			return err
		}
	}
	s.reader.FieldsPerRecord = 0 // as many as the header has
	return nil
}

// endsEmpty tells whether a row has more cells than the header, of which those beyond are empty, and notes the first one.
func (s *csvSource) endsEmpty(record []string) bool {
	if n := len(s.columns); len(record) <= n || len(filled(record[n:])) > 0 {
		return false
	}
	if !s.wide {
		line, _ := s.reader.FieldPos(0)
		s.wide = true
		s.said = append(s.said, fmt.Sprintf("Rows have empty cells behind the last column, the first in line %d: these are left out.", line))
	}
	return true
}

// skipRemarks leaves out what stands below the table for sure: from a row that was refused to the end, there are only remarks.
func (s *csvSource) skipRemarks(record []string, err error) bool {
	var refused *csv.ParseError
	if !errors.As(err, &refused) {
		return false
	}
	for errors.Is(err, csv.ErrFieldCount) && s.isRemark(record) {
		record, err = s.reader.Read()
	}
	if err == io.EOF {
		s.said = append(s.said, fmt.Sprintf("What stands below the table is left out, from line %d on.", refused.StartLine))
	}
	return err == io.EOF
}

// isRemark tells whether a row may be a line below the table: two cells at most, two fewer than columns, and the first no number.
func (s *csvSource) isRemark(record []string) bool {
	said := filled(record)
	return len(record) <= min(mostTitleCells, len(s.columns)-2) && len(said) > 0 && !isNumber(said[0], s.comma == ';')
}

// readable refuses names, or a title, that cannot be taken in.
func (s *csvSource) readable(record []string) error {
	for i, name := range record {
		if err := Unreadable(name); err != nil {
			line, _ := s.reader.FieldPos(i)
			return &Error{Op: "read", Path: s.path, Place: fmt.Sprintf("line %d, column %d", line, i+1), Hint: EncodingHint, Err: err}
		}
	}
	return nil
}

// loneReturns reports a text whose lines end in carriage returns and nothing else: it would be one line.
func loneReturns(text []byte) bool {
	line, rest, found := bytes.Cut(text, []byte{'\r'})
	return found && len(rest) > 0 && !bytes.ContainsRune(line, '\n') && !bytes.ContainsAny(rest, "\n\"")
}

func (s *csvSource) header() error {
	record, err := s.reader.Read()
	if err == io.EOF {
		return &Error{Op: "read", Path: s.path, Hint: "the first line must name the columns", Err: errors.New("the file is empty")}
	}
	if err != nil {
		return s.fault(err)
	}
	s.top, _ = s.reader.FieldPos(0)
	s.guard.next(s.top)
	if err := s.readable(record); err != nil {
		return err
	}
	for i, name := range record {
		if name = strings.Clone(Trim(unwrapped(name))); name == "" {
			name = Unnamed(i)
		}
		s.columns = append(s.columns, Field{Name: name, Comma: s.comma == ';'})
	}
	return nil
}

func (s *csvSource) Fields() []Field { return s.columns }

func (s *csvSource) Next(c *Chunk) error {
	limit := chunkRows(len(s.columns))
	c.reset(len(s.columns))
	for c.Rows < limit {
		record, err := s.reader.Read()
		if err == io.EOF {
			break
		}
		if errors.Is(err, csv.ErrFieldCount) && s.endsEmpty(record) {
			record, err = record[:len(s.columns)], nil
		}
		if err != nil {
			s.cells = len(record)
			if s.skipRemarks(record, err) {
				break
			}
			return s.fault(err)
		}
		line, _ := s.reader.FieldPos(0)
		s.guard.next(line)
		c.Lines = append(c.Lines, int64(line))
		for j, cell := range record {
			c.Text[j] = append(c.Text[j], unwrapped(cell))
		}
		c.Rows++
	}
	if c.Rows == 0 {
		return io.EOF
	}
	return nil
}

// hasFormulas tells whether cells are written as formulas without quotes around them, ="0815", as programs do to keep Excel from making numbers of
// codes. Other files hold no quotes within cells.
func hasFormulas(sample []byte, comma rune) bool {
	return bytes.HasPrefix(sample, []byte(`="`)) || bytes.Contains(sample, []byte(string(comma)+`="`)) || bytes.Contains(sample, []byte("\n=\""))
}

// unwrapped is the text of a cell that is such a formula.
func unwrapped(cell string) string {
	if n := len(cell); n > 3 && cell[:2] == `="` && cell[n-1] == '"' {
		return cell[2 : n-1]
	}
	return cell
}

func (s *csvSource) Head(column int) string {
	return fmt.Sprintf("line %d, column %d", s.top, column+1)
}

func (s *csvSource) Notes() []string { return s.said }

func (s *csvSource) Place(line int64, column int) string {
	return fmt.Sprintf("line %d, column %d (%s)", line, column+1, s.columns[column].Name)
}

// Close closes the file.
func (s *csvSource) Close() error { return s.in.Close() }

// fault turns a reader's error into one with a place and a hint.
func (s *csvSource) fault(err error) error {
	var at *csv.ParseError
	if !errors.As(err, &at) {
		if errors.Is(err, errLongRecord) {
			return &Error{Op: "read", Path: s.path, Place: fmt.Sprintf("after the row in line %d", s.guard.line), Hint: "is a quote left open?", Err: err}
		}
		return s.in.fault(s.path, err)
	}
	e := &Error{Op: "read", Path: s.path, Place: fmt.Sprintf("line %d, column %d", at.Line, at.Column), Err: at.Err}
	switch {
	case errors.Is(at.Err, csv.ErrFieldCount):
		e.Place = fmt.Sprintf("line %d", at.Line)
		e.Err = fmt.Errorf("the row has %d cells, and the header %d", s.cells, len(s.columns))
		e.Hint = fmt.Sprintf("cells are separated by %q; quote a cell that contains it", s.comma)
		if s.cells < len(s.columns) {
			e.Hint = fmt.Sprintf("cells are separated by %q, also empty ones at the end of a row; or is a quote missing, or the row cut in two?", s.comma)
		}
		if len(s.columns) <= mostTitleCells && s.cells > len(s.columns) {
			e.Hint += fmt.Sprintf("; or delete the lines above the names of the columns, if line %d is a title", s.top)
		}
	case errors.Is(at.Err, csv.ErrQuote), errors.Is(at.Err, csv.ErrBareQuote):
		e.Place = fmt.Sprintf("line %d, byte %d", at.Line, at.Column)
		e.Hint = `a cell that contains a quote is quoted, and the quote doubled: "5"" pipe"`
	}
	return e
}

var errLongRecord = errors.New("a row is longer than 16 MiB")

// recordGuard stops a reader that has read too far without finishing a record: an open quote in a large file.
type recordGuard struct {
	r      io.Reader
	read   int64
	done   int64 // offset at which the last finished record ended
	line   int   // in which it began; 0: there is none
	offset func() int64
}

func (g *recordGuard) Read(p []byte) (int, error) {
	if g.read-g.done > maxRecord {
		return 0, errLongRecord
	}
	n, err := g.r.Read(p)
	g.read += int64(n)
	return n, err
}

// next notes that a record is finished.
func (g *recordGuard) next(line int) { g.done, g.line = g.offset(), line }

// delimiter finds what separates cells. A file named .tsv or .tab has tabs; otherwise it is the candidate that cuts the
// first lines into equally many cells, the comma first.
func delimiter(path string, sample []byte) rune {
	switch strings.ToLower(filepath.Ext(bareName(path))) {
	case ".tsv", ".tab":
		return '\t'
	}
	best, score := ',', 0
	for _, candidate := range []rune{',', ';', '\t', '|'} {
		if n := evenCells(sample, byte(candidate)); n > score {
			best, score = candidate, n
		}
	}
	return best
}

// bareName is the file's name without the endings of compression.
func bareName(path string) string {
	name := filepath.Base(path)
	for _, ending := range []string{".gz", ".zst"} {
		name = strings.TrimSuffix(name, ending)
	}
	return name
}

// evenCells scores a delimiter: how many times it occurs in the header line, and before all others when every further line of the sample
// has as many. Where only the first lines have fewer, as those of a title do, it comes behind such a one: the fewer they are, the less far.
// Delimiters in quotes do not count.
func evenCells(sample []byte, candidate byte) int {
	const each = maxColumns + 1
	counts := delimitersByLine(sample, candidate)
	if head := slices.IndexFunc(counts, func(n int) bool { return n >= mostTitleCells }); head > 0 && len(counts) > head+1 && even(counts[head:]) {
		return min(counts[head], maxColumns) + each*(sampleLines-head)
	}
	if even(counts) && counts[0] > 0 {
		return min(counts[0], maxColumns) + each*(sampleLines+1)
	}
	return min(counts[0], maxColumns)
}

// sampleLines is how many lines tell a delimiter.
const sampleLines = 20

func even(counts []int) bool {
	return !slices.ContainsFunc(counts, func(n int) bool { return n != counts[0] })
}

func delimitersByLine(sample []byte, candidate byte) (counts []int) {
	n, open, any := 0, false, false
	for _, c := range sample {
		switch {
		case c == '"':
			open = !open
		case open:
		case c == candidate:
			n++
		case c == '\n':
			if any {
				counts = append(counts, n)
			}
			n, any = 0, false
			continue
		}
		any = any || c != '\r'
		if len(counts) == sampleLines {
			return counts
		}
	}
	if len(counts) == 0 {
		counts = append(counts, n)
	}
	return counts
}
