package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"tuned/trainer/data/xlsx"
	"tuned/words"
)

// choose takes the sheet that is asked for, or the first that suits: with all columns that a model knows, or with two columns that a job
// can tell apart as what is known and what is predicted. Else it is the first with anything in it. Hidden ones come last.
func (s *bookSource) choose(ctx context.Context, f File) error {
	if named, ok := s.sheetNamed(f.Sheet); ok {
		s.sheet = named
		return nil
	}
	if f.Sheet != "" && f.Known == nil {
		return s.noSheet(f.Sheet)
	}
	if len(s.book.Sheets) == 1 {
		s.sheet = s.book.Sheets[0]
		return nil
	}
	full, err := s.full(ctx)
	if err != nil {
		return err
	}
	if len(full) == 0 {
		return &Error{Op: "read", Path: s.path, Hint: "the first row must name the columns", Err: errors.New("no sheet of the workbook has anything in it")}
	}
	s.sheet = full[max(0, slices.IndexFunc(full, func(sheet xlsx.Sheet) bool { return s.suits(ctx, sheet, f.Known) }))]
	s.tellSheet(full, f.Known == nil)
	return nil
}

// sheetNamed finds a sheet by its name.
func (s *bookSource) sheetNamed(name string) (xlsx.Sheet, bool) {
	at := slices.IndexFunc(s.book.Sheets, func(sheet xlsx.Sheet) bool { return sheet.Name == name })
	if at < 0 || name == "" {
		return xlsx.Sheet{}, false
	}
	return s.book.Sheets[at], true
}

func sheetNames(sheets []xlsx.Sheet) []string {
	var names []string
	for _, sheet := range sheets {
		names = append(names, sheet.Name)
	}
	return names
}

func (s *bookSource) noSheet(name string) error {
	names := sheetNames(s.book.Sheets)
	return &Error{
		Op: "read", Path: s.path, Place: "data.sheet", Hint: hintOf("sheets", name, names),
		Err: fmt.Errorf("there is no sheet %q, but %s", name, words.Names(names)),
	}
}

// full are the sheets with anything in them, hidden ones last.
func (s *bookSource) full(ctx context.Context) ([]xlsx.Sheet, error) {
	var shown, hidden []xlsx.Sheet
	for _, sheet := range s.book.Sheets {
		filled, err := s.filled(ctx, sheet)
		switch {
		case err != nil:
			return nil, err
		case filled && sheet.Hidden:
			hidden = append(hidden, sheet)
		case filled:
			shown = append(shown, sheet)
		}
	}
	return append(shown, hidden...), nil
}

// filled tells whether a sheet has a cell with a value.
func (s *bookSource) filled(ctx context.Context, sheet xlsx.Sheet) (bool, error) {
	rows, err := s.book.Rows(ctx, sheet)
	if err != nil {
		return false, s.damaged(err)
	}
	defer rows.Close()
	for {
		_, cells, err := rows.Next()
		switch {
		case err == io.EOF:
			return false, nil
		case err != nil:
			return false, s.damaged(err)
		case filledCells(cells) > 0:
			return true, nil
		}
	}
}

// suits tells whether a sheet has these columns, or, where none are known, more than one.
func (s *bookSource) suits(ctx context.Context, sheet xlsx.Sheet, known []string) bool {
	other := &bookSource{path: s.path, book: s.book, sheet: sheet}
	rows, err := s.book.Rows(ctx, sheet)
	if err != nil {
		return false
	}
	defer rows.Close()
	if other.rows = rows; other.header() != nil {
		return false
	}
	if known == nil {
		return len(other.columns) > 1
	}
	return !slices.ContainsFunc(known, func(name string) bool {
		return !slices.ContainsFunc(other.columns, func(f Field) bool { return f.Name == name })
	})
}

// tellSheet says which sheet was read, where there was a choice.
func (s *bookSource) tellSheet(full []xlsx.Sheet, job bool) {
	if len(full) < 2 {
		return
	}
	note := fmt.Sprintf("%d sheets of the workbook have something in them, and %q was read: they are %s.", len(full), s.sheet.Name, words.Names(sheetNames(full)))
	if job {
		note += " data.sheet, or --sheet, chooses another."
	}
	s.said = append(s.said, note)
}
