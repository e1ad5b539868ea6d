package source

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"tuned/trainer/data/xlsx"
)

// bookSource reads a sheet of an Excel workbook. Its first row with names is the header; lines of a single cell above it are titles. Empty
// rows within the table stay rows, so that what is said of the rows lies beside them; those below it are none.
type bookSource struct {
	path    string
	file    *os.File
	size    int64
	tell    func(done, total int64)
	book    *xlsx.Book
	sheet   xlsx.Sheet
	rows    *xlsx.Rows
	read    []sheetRow // that were read to find the header, and are still to come
	columns []Field
	at      []int // of each of the sheet's columns: which of ours it is, -1: none
	letters []int // of each of ours: its column in the sheet
	top     int   // the header's row
	last    int   // the last row that is a row of the table
	said    []string

	unknown, beside cellTally // formulas without a value, and cells beside the table
}

// sheetRow is a row of a sheet.
type sheetRow struct {
	number int
	cells  []xlsx.Cell
}

// cellTally counts cells that are not read as a person may expect.
type cellTally struct {
	cells, row, column int // how many, and where the first is
}

func (t *cellTally) add(row, column int) {
	if t.cells++; t.cells == 1 {
		t.row, t.column = row, column
	}
}

func (t *cellTally) first() string { return fmt.Sprintf("%s%d", xlsx.ColumnName(t.column), t.row) }

// openBook opens a workbook and finds the sheet and the header.
func openBook(ctx context.Context, f File, sums io.Writer, tell func(done, total int64)) (s *bookSource, err error) {
	file, err := os.Open(f.Path)
	if err != nil {
		return nil, Unopened(f.Path, err)
	}
	s = &bookSource{path: f.Path, file: file, tell: tell}
	if err := s.open(ctx, f, sums); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *bookSource) open(ctx context.Context, f File, sums io.Writer) (err error) {
	if s.size, err = io.Copy(sums, s.file); err != nil {
		return fmt.Errorf("read %s: %w", s.path, err)
	}
	if s.book, err = xlsx.Open(s.file, s.size); errors.Is(err, xlsx.ErrNone) {
		return otherArchive(s.path, s.book)
	} else if err != nil {
		return s.damaged(err)
	}
	if err := s.choose(ctx, f); err != nil {
		return err
	}
	if s.rows, err = s.book.Rows(ctx, s.sheet); err != nil {
		return s.damaged(err)
	}
	return s.header()
}

// damaged turns a fault of the file into an error with a hint.
func (s *bookSource) damaged(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	hint := "the workbook is damaged or cut short; open it in Excel and save it anew"
	if errors.Is(err, xlsx.ErrLarge) {
		hint = "save the sheet as CSV"
	} else if errors.Is(err, zip.ErrAlgorithm) {
		hint = "open it in Excel and save it anew"
	}
	return &Error{Op: "read", Path: s.path, Place: s.sheet.Name, Hint: hint, Err: err}
}

// filledCells counts those that hold a value.
func filledCells(cells []xlsx.Cell) (n int) {
	for _, c := range cells {
		if c.Kind != xlsx.Empty && c.Kind != xlsx.Fault {
			n++
		}
	}
	return n
}

// cellText is a cell as a text.
func cellText(c xlsx.Cell) string {
	one := &Chunk{}
	one.reset(1)
	putCell(one, 0, c)
	return one.Spell(0, 0)
}

// putCell adds a cell to a chunk.
func putCell(c *Chunk, column int, cell xlsx.Cell) {
	switch {
	case cell.Kind == xlsx.Date:
		c.put(column, DateCell, "", cell.Number)
	case cell.Kind == xlsx.Number && cell.Percent:
		c.put(column, ShareCell, "", cell.Number)
	case cell.Kind == xlsx.Number:
		c.put(column, NumberCell, "", cell.Number)
	default:
		c.put(column, TextCell, cell.Text, 0) // nothing, in an error
	}
}

func (s *bookSource) Fields() []Field { return s.columns }

func (s *bookSource) Next(c *Chunk) error {
	limit := chunkRows(len(s.columns))
	c.reset(len(s.columns))
	for c.Rows < limit {
		row, err := s.row()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := s.take(c, row); err != nil {
			return err
		}
	}
	if s.tell != nil {
		s.tell(int64(s.rows.Done()*float64(s.size)), s.size)
	}
	if c.Rows == 0 {
		return io.EOF
	}
	return nil
}

// row is the next of the sheet's rows, whether there is anything in it or not.
func (s *bookSource) row() (sheetRow, error) {
	if len(s.read) > 0 {
		row := s.read[0]
		s.read = s.read[1:]
		return row, nil
	}
	number, cells, err := s.rows.Next()
	if err != nil && err != io.EOF {
		err = s.damaged(err)
	}
	return sheetRow{number, cells}, err
}

// longestGap is how many empty rows may lie within a table.
const longestGap = 1000

// take adds a row to the chunk, after the empty ones above it, if it has anything in the table's columns.
func (s *bookSource) take(c *Chunk, row sheetRow) error {
	if !s.sift(&row) {
		return nil
	}
	if gap := row.number - s.last - 1; gap > longestGap {
		return &Error{
			Op: "read", Path: s.path, Place: fmt.Sprintf("row %d", row.number), Hint: "delete what stands below the table, or fill the gap",
			Err: fmt.Errorf("%d empty rows lie above it: it does not seem to belong to the table", gap),
		}
	}
	for s.last++; s.last < row.number; s.last++ {
		s.put(c, sheetRow{number: s.last})
	}
	s.put(c, row)
	return nil
}

// sift keeps the cells that stand in the table's columns, and tells whether any holds a value.
func (s *bookSource) sift(row *sheetRow) bool {
	kept := row.cells[:0]
	for _, cell := range row.cells {
		filled := cell.Kind != xlsx.Empty && cell.Kind != xlsx.Fault
		switch {
		case cell.Column >= len(s.at) || s.at[cell.Column] < 0:
			if filled {
				s.beside.add(row.number, cell.Column)
			}
			continue
		case cell.Kind == xlsx.Empty:
			s.unknown.add(row.number, cell.Column)
		}
		kept = append(kept, cell)
	}
	row.cells = kept
	return filledCells(kept) > 0
}

// put adds a row to the chunk.
func (s *bookSource) put(c *Chunk, row sheetRow) {
	for _, cell := range row.cells {
		if column := s.at[cell.Column]; len(c.Kinds[column]) == c.Rows { // a second one at the same place is none
			putCell(c, column, cell)
		}
	}
	c.endRow(int64(row.number))
}

func (s *bookSource) Place(line int64, column int) string {
	return s.cellPlace(int(line), s.letters[column]) + " (" + s.columns[column].Name + ")"
}

// cellPlace is where a cell is; the sheet's column is counted from 0.
func (s *bookSource) cellPlace(row, column int) string {
	return fmt.Sprintf("row %d, column %s", row, xlsx.ColumnName(column))
}

func (s *bookSource) Head(column int) string { return s.cellPlace(s.top, s.letters[column]) }

// notes says what was read in another way than it may seem.
func (s *bookSource) Notes() []string {
	said := slices.Clone(s.said)
	if t := s.unknown; t.cells > 0 {
		said = append(said, fmt.Sprintf("%s, and %s counted as missing: open the workbook in Excel and save it, which works them out. The first is %s.",
			plural(t.cells, "formula has no value in the file", "formulas have no value in the file"), isOrAre(t.cells), t.first()))
	}
	if t := s.beside; t.cells > 0 {
		said = append(said, fmt.Sprintf("%s in columns without a name, and %s left out. The first is %s.",
			plural(t.cells, "cell stands", "cells stand"), isOrAre(t.cells), t.first()))
	}
	return said
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func isOrAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// FirstRow is the row of a workbook's sheet that is a table's row 0; 0 of any other table.
func FirstRow(t Table) int {
	if s, ok := t.(*bookSource); ok {
		return s.top + 1
	}
	return 0
}

// Close closes the file.
func (s *bookSource) Close() error {
	if s.rows == nil {
		return s.file.Close()
	}
	return errors.Join(s.rows.Close(), s.file.Close())
}
