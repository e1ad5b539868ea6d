package source

import (
	"errors"
	"io"
	"slices"

	"tuned/trainer/data/xlsx"
)

// headRows is how many rows are looked at for the header, and for columns that have no name but values.
const headRows = 50

// header finds the row that names the columns: the first with two cells or more, unless two are surely a title, or the first of all,
// where there is none such.
func (s *bookSource) header() error {
	if err := s.lookAhead(); err != nil {
		return err
	}
	if len(s.read) == 0 {
		return &Error{Op: "read", Path: s.path, Place: s.sheet.Name, Hint: "the first row must name the columns", Err: errors.New("the sheet is empty")}
	}
	at := max(0, slices.IndexFunc(s.read, func(r sheetRow) bool { return filledCells(r.cells) > 1 }), titles(rowTexts(s.read), false))
	if at > 0 {
		s.said = append(s.said, titleNote(rowTexts(s.read[:at])))
	}
	head := s.read[at]
	s.read, s.top, s.last = s.read[at+1:], head.number, head.number
	return s.name(head)
}

// lookAhead reads the first rows with anything in them.
func (s *bookSource) lookAhead() error {
	for len(s.read) < headRows {
		number, cells, err := s.rows.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return s.damaged(err)
		}
		if filledCells(cells) > 0 {
			s.read = append(s.read, sheetRow{number, slices.Clone(cells)})
		}
	}
	return nil
}

// rowTexts are rows as texts, each cell at the place of its column.
func rowTexts(rows []sheetRow) [][]string {
	all := make([][]string, len(rows))
	for i, r := range rows {
		for _, c := range r.cells {
			if filledCells([]xlsx.Cell{c}) == 1 {
				all[i] = append(all[i], make([]string, max(0, c.Column+1-len(all[i])))...)
				all[i][c.Column] = cellText(c)
			}
		}
	}
	return all
}

func shorten(text string) string {
	if r := []rune(text); len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return text
}

// name makes fields of the header: of each of its cells, and of columns between them that have no name but values in the first rows.
func (s *bookSource) name(head sheetRow) error {
	names := map[int]string{}
	last := 0
	for _, c := range head.cells {
		if name := Trim(cellText(c)); name != "" {
			if err := Unreadable(name); err != nil {
				return &Error{Op: "read", Path: s.path, Place: s.cellPlace(head.number, c.Column), Hint: "write another name", Err: err}
			}
			names[c.Column], last = name, max(last, c.Column)
		}
	}
	values := map[int]bool{}
	for _, r := range s.read {
		for _, c := range r.cells {
			values[c.Column] = values[c.Column] || filledCells([]xlsx.Cell{c}) == 1
		}
	}
	for column := 0; column <= last; column++ {
		s.at = append(s.at, -1)
		if names[column] == "" && !values[column] {
			continue
		}
		name := names[column]
		if name == "" {
			name = Unnamed(column)
		}
		s.at[column] = len(s.columns)
		s.columns, s.letters = append(s.columns, Field{Name: name, Typed: true}), append(s.letters, column)
	}
	return nil
}
