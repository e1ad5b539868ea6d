package source

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Limits on what a Parquet file may claim; pages are a mebibyte or so.
const (
	maxFooter = 32 << 20
	maxPage   = 256 << 20
	maxValues = 1 << 24 // of a page
)

// parquetSource reads a flat Parquet file, column by column in step.
type parquetSource struct {
	path    string
	file    *os.File
	size    int64
	ctx     context.Context
	tell    func(done, total int64)
	columns []Field
	cells   []*parquetColumn
	rows    int64
	total   int64
}

// openParquet reads the file's description of itself, after a look at what believing it would cost.
func openParquet(ctx context.Context, path string, sums io.Writer, tell func(done, total int64)) (s *parquetSource, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, Unopened(path, err)
	}
	s = &parquetSource{path: path, file: f, ctx: ctx, tell: tell}
	if err = s.open(sums); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return s, nil
}

func (s *parquetSource) open(sums io.Writer) (err error) {
	defer s.rescue(&err)
	if s.size, err = io.Copy(sums, s.file); err != nil {
		return fmt.Errorf("read %s: %w", s.path, err)
	}
	if err := s.checkFooter(); err != nil {
		return s.damaged(err)
	}
	p, err := parquet.OpenFile(s.file, s.size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return s.damaged(err)
	}
	if err := s.checkPages(p.Metadata()); err != nil {
		return s.damaged(err)
	}
	s.total = p.NumRows()
	return s.describe(p)
}

// rescue turns a panic of the decoder into an error: a damaged file must not end the program.
func (s *parquetSource) rescue(err *error) {
	if r := recover(); r != nil {
		*err = s.damaged(fmt.Errorf("decoder: %v", r))
	}
}

func (s *parquetSource) damaged(err error) error {
	return &Error{Op: "read", Path: s.path, Hint: "the Parquet file is damaged or cut short; write it anew", Err: err}
}

// checkFooter walks over the footer before anything is decoded from it.
func (s *parquetSource) checkFooter() error {
	if s.size < 12 {
		return io.ErrUnexpectedEOF
	}
	var tail [8]byte
	if _, err := s.file.ReadAt(tail[:], s.size-8); err != nil {
		return err
	}
	n := int64(binary.LittleEndian.Uint32(tail[:4]))
	if string(tail[4:]) != "PAR1" || n > s.size-12 || n > maxFooter {
		return errThrift
	}
	footer := make([]byte, n)
	if _, err := s.file.ReadAt(footer, s.size-8-n); err != nil {
		return err
	}
	_, err := walkThrift(footer)
	return err
}

// checkPages walks over the head of every page: sizes and counts must be believable before the decoder makes room for them.
func (s *parquetSource) checkPages(m *format.FileMetaData) error {
	head := make([]byte, 1<<16)
	for i := range m.RowGroups {
		for j := range m.RowGroups[i].Columns {
			c := &m.RowGroups[i].Columns[j].MetaData
			at := c.DataPageOffset
			if c.DictionaryPageOffset > 0 {
				at = min(at, c.DictionaryPageOffset)
			}
			if at < 0 || c.TotalCompressedSize < 0 || at > s.size || c.TotalCompressedSize > s.size-at {
				return errThrift
			}
			for end := at + c.TotalCompressedSize; at < end; {
				n, err := s.checkPage(head[:min(int64(len(head)), end-at)], at, end)
				if err != nil {
					return err
				}
				at += n
			}
		}
	}
	return nil
}

// checkPage checks one page's head and returns the page's length, head included.
func (s *parquetSource) checkPage(head []byte, at, end int64) (int64, error) {
	if _, err := s.file.ReadAt(head, at); err != nil {
		return 0, err
	}
	n, err := walkThrift(head)
	if err != nil {
		return 0, err
	}
	var protocol thrift.CompactProtocol
	var page format.PageHeader
	if err := thrift.NewDecoder(protocol.NewReaderFromBytes(head[:n])).Decode(&page); err != nil {
		return 0, err
	}
	values := max(page.DataPageHeader.V.NumValues, page.DataPageHeaderV2.V.NumValues, page.DictionaryPageHeader.V.NumValues)
	size := int64(n) + int64(page.CompressedPageSize)
	if page.CompressedPageSize < 0 || page.UncompressedPageSize < 0 || page.UncompressedPageSize > maxPage || values > maxValues || size > end-at {
		return 0, errThrift
	}
	return size, nil
}

// describe lists the columns; each must be a plain value.
func (s *parquetSource) describe(p *parquet.File) error {
	for i, c := range p.Root().Columns() {
		if !c.Leaf() || c.Repeated() {
			return &Error{
				Op: "read", Path: s.path, Place: fmt.Sprintf("column %q", c.Name()), Hint: "flatten it into columns of plain values, or leave it out",
				Err: errors.New("the column holds lists or groups"),
			}
		}
		declared, read, known := cellReader(c.Type())
		if !known {
			return &Error{
				Op: "read", Path: s.path, Place: fmt.Sprintf("column %q", c.Name()), Hint: "write it as numbers, text or dates",
				Err: fmt.Errorf("values of type %s are not read", c.Type()),
			}
		}
		s.columns = append(s.columns, Field{Name: c.Name(), Declared: declared})
		s.cells = append(s.cells, &parquetColumn{index: i, groups: p.RowGroups(), number: read})
	}
	return nil
}

func (s *parquetSource) Fields() []Field { return s.columns }

func (s *parquetSource) Next(c *Chunk) (err error) {
	defer s.rescue(&err)
	if err := s.ctx.Err(); err != nil {
		return err
	}
	c.reset(len(s.columns))
	limit := chunkRows(len(s.columns))
	for j, column := range s.cells {
		n, err := column.read(limit, c, j)
		if err != nil {
			return s.damaged(err)
		}
		if j > 0 && n != c.Rows {
			return s.damaged(fmt.Errorf("column %q has not as many values as the first", s.columns[j].Name))
		}
		c.Rows = n
	}
	if c.Rows == 0 {
		return io.EOF
	}
	for range c.Rows {
		s.rows++
		c.Lines = append(c.Lines, s.rows)
	}
	if s.tell != nil && s.total > 0 {
		s.tell(int64(float64(s.size)*min(1, float64(s.rows)/float64(s.total))), s.size)
	}
	return nil
}

func (s *parquetSource) Head(column int) string { return fmt.Sprintf("schema, column %d", column+1) }

func (s *parquetSource) Notes() []string { return nil }

func (s *parquetSource) Place(line int64, column int) string {
	return fmt.Sprintf("row %d, column %d (%s)", line, column+1, s.columns[column].Name)
}

// Close closes the file and what is open of its pages.
func (s *parquetSource) Close() error {
	var errs []error
	for _, c := range s.cells {
		errs = append(errs, c.close())
	}
	return errors.Join(append(errs, s.file.Close())...)
}

// parquetColumn reads one column through all row groups.
type parquetColumn struct {
	index  int
	groups []parquet.RowGroup
	number func(parquet.Value) float64 // nil for texts
	group  int
	pages  parquet.Pages
	values parquet.ValueReader
	buf    []parquet.Value
}

// read appends up to n cells to the chunk's column j and returns how many.
func (p *parquetColumn) read(n int, c *Chunk, j int) (int, error) {
	got := 0
	for got < n {
		if p.values == nil {
			if more, err := p.advance(); err != nil || !more {
				return got, err
			}
		}
		if cap(p.buf) < n {
			p.buf = make([]parquet.Value, n)
		}
		k, err := p.values.ReadValues(p.buf[:n-got])
		for _, v := range p.buf[:k] {
			p.put(v, c, j)
		}
		if got += k; err == io.EOF {
			p.values = nil
		} else if err != nil {
			return got, err
		} else if k == 0 {
			return got, io.ErrNoProgress
		}
	}
	return got, nil
}

func (p *parquetColumn) put(v parquet.Value, c *Chunk, j int) {
	switch text := p.number == nil; {
	case text && v.IsNull():
		c.Text[j] = append(c.Text[j], "")
	case text && v.Kind() == parquet.Boolean:
		c.Text[j] = append(c.Text[j], fmt.Sprint(v.Boolean()))
	case text:
		c.Text[j] = append(c.Text[j], string(v.ByteArray()))
	case v.IsNull():
		c.Numbers[j] = append(c.Numbers[j], math.NaN())
	default:
		c.Numbers[j] = append(c.Numbers[j], p.number(v))
	}
}

// advance opens the next page; false when there is none.
func (p *parquetColumn) advance() (bool, error) {
	for {
		if p.pages == nil {
			if p.group >= len(p.groups) {
				return false, nil
			}
			p.pages = p.groups[p.group].ColumnChunks()[p.index].Pages()
			p.group++
		}
		page, err := p.pages.ReadPage()
		if err == nil {
			p.values = page.Values()
			return true, nil
		}
		if err != io.EOF {
			return false, err
		}
		if err := p.close(); err != nil {
			return false, err
		}
	}
}

func (p *parquetColumn) close() error {
	if p.pages == nil {
		return nil
	}
	pages := p.pages
	p.pages = nil
	return pages.Close()
}

// cellReader returns what a type's values are and how they become numbers; nil for those that are texts, which may still be numbers, dates or
// categories. Known is false of types that are not read.
func cellReader(t parquet.Type) (is Kind, number func(parquet.Value) float64, known bool) {
	if l := t.LogicalType(); l != nil {
		switch v := l.Value.(type) {
		case *format.DateType:
			return DateCell, func(v parquet.Value) float64 { return float64(v.Int32()) * 86400 }, true
		case *format.TimestampType:
			per := ticks(v.Unit)
			return DateCell, func(v parquet.Value) float64 { return math.Floor(float64(v.Int64()) / per) }, true
		case *format.DecimalType:
			return decimal(t, v)
		case *format.IntType:
			if !v.IsSigned && t.Kind() == parquet.Int32 {
				return NumberCell, func(v parquet.Value) float64 { return float64(v.Uint32()) }, true
			}
		}
	}
	switch t.Kind() {
	case parquet.Int32:
		return NumberCell, func(v parquet.Value) float64 { return float64(v.Int32()) }, true
	case parquet.Int64:
		return NumberCell, func(v parquet.Value) float64 { return float64(v.Int64()) }, true
	case parquet.Float:
		return NumberCell, func(v parquet.Value) float64 { return float64(v.Float()) }, true
	case parquet.Double:
		return NumberCell, parquet.Value.Double, true
	case parquet.Int96:
		return DateCell, func(v parquet.Value) float64 { return int96Seconds(v.Int96()) }, true
	case parquet.Boolean, parquet.ByteArray:
		return TextCell, nil, true
	}
	return TextCell, nil, false
}

// ticks are a time unit's in a second.
func ticks(unit format.TimeUnit) float64 {
	switch unit.Value.(type) {
	case *format.MicroSeconds:
		return 1e6
	case *format.NanoSeconds:
		return 1e9
	}
	return 1e3
}

func decimal(t parquet.Type, d *format.DecimalType) (is Kind, number func(parquet.Value) float64, known bool) {
	scale := math.Pow10(int(d.Scale))
	switch t.Kind() {
	case parquet.Int32:
		return NumberCell, func(v parquet.Value) float64 { return float64(v.Int32()) / scale }, true
	case parquet.Int64:
		return NumberCell, func(v parquet.Value) float64 { return float64(v.Int64()) / scale }, true
	}
	return TextCell, nil, false
}

// int96Seconds reads the old form of a timestamp: nanoseconds of the day, and the Julian day.
func int96Seconds(v deprecated.Int96) float64 {
	nanoseconds := float64(uint64(v[1])<<32 | uint64(v[0]))
	return (float64(v[2])-2440588)*86400 + math.Floor(nanoseconds/1e9)
}
