package source

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Header gives the names of a table's columns in the file's order, reading no more of it than that needs.
// sheet is one of a workbook's, "" the first with a table.
func Header(ctx context.Context, path, sheet string) (names []string, err error) {
	f := File{Path: path, Sheet: sheet}
	s, err := Open(ctx, f, nil, nil)
	if other, ok := f.InOtherEncoding(err); ok {
		s, err = Open(ctx, other, nil, nil)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, f := range s.Fields() {
		names = append(names, f.Name)
	}
	return names, nil
}

// mostTitleCells is how many cells of a line above the header may hold something: a title, and beside it a date or an author.
const mostTitleCells = 2

// mostTitles is how many such lines there may be: more of them are a table of their own.
const mostTitles = 10

// titles is how many of the first rows stand above the one that names the columns. That is sure where they have two filled cells at most,
// and the first row with more has two more than they have: all different, none a number, and above numbers or dates alone at least once. Comma
// tells that numbers may have a decimal comma.
func titles(rows [][]string, comma bool) int {
	at := slices.IndexFunc(rows, func(row []string) bool { return len(filled(row)) > mostTitleCells })
	if at <= 0 || at > mostTitles {
		return 0
	}
	most := 0
	for _, row := range rows[:at] {
		most = max(most, len(filled(row)))
	}
	if len(filled(rows[at])) < most+2 || !areNames(filled(rows[at])) || !aboveNumbers(rows[at], rows[at+1:], comma) {
		return 0
	}
	return at
}

// filled are the cells of a row that hold something.
func filled(row []string) (cells []string) {
	for _, cell := range row {
		if cell = Trim(cell); cell != "" {
			cells = append(cells, cell)
		}
	}
	return cells
}

// areNames tells whether cells may name columns: no two are alike, and none is a value.
func areNames(cells []string) bool {
	seen := map[string]bool{}
	for _, cell := range cells {
		if _, _, ok := Number(cell); ok || Missing(cell) || seen[cell] {
			return false
		}
		seen[cell] = true
	}
	return true
}

// aboveNumbers tells whether nothing but numbers, or dates, stand below one of the names.
func aboveNumbers(names []string, rows [][]string, comma bool) bool {
	for column, name := range names {
		numbers, others := 0, 0
		for _, row := range rows {
			if column >= len(row) || Missing(Trim(row[column])) {
				continue
			}
			if isNumber(Trim(row[column]), comma) {
				numbers++
			} else {
				others++
			}
		}
		if Trim(name) != "" && numbers > 0 && others == 0 {
			return true
		}
	}
	return false
}

func isNumber(cell string, comma bool) bool {
	if cell == "" {
		return false
	}
	_, _, ok := Number(cell)
	if !ok && comma {
		_, _, ok = Number(CommaNumber(cell))
	}
	return ok || amount.MatchString(cell) || dateOfDigits.MatchString(cell)
}

// Numbers and dates as statements and reports have them: "-1.234,50 €", "31.12.23".
var (
	amount       = regexp.MustCompile(`^[-+(€$£]{0,3}\d{1,3}([.,'’ ]\d{3})*([.,]\d+)?-?\)? ?[€$£%]?$`)
	dateOfDigits = regexp.MustCompile(`^(\d{1,2}[./-]\d{1,2}[./-](\d{2}|\d{4})|\d{4}[./-]\d{1,2}[./-]\d{1,2})([ T,]|$)`)
)

// titleNote tells of what is left out above the header.
func titleNote(rows [][]string) string {
	said := filled(slices.Concat(rows...))
	if len(said) == 0 {
		return "What stands above the row with the names of the columns is left out."
	}
	return fmt.Sprintf("What stands above the row with the names of the columns is left out, such as %q.", shorten(said[0]))
}

// TitleHint is the hint where what was read as the header is none: a line above it, that is a title, or two cells, and nothing else beside
// them; or a row, or a line that nothing cuts into cells.
func TitleHint(names []string) string {
	named, values := 0, 0
	for i, name := range names {
		if name != Unnamed(i) {
			named++
		}
		if _, _, ok := Number(name); ok && strings.ContainsAny(name, ".-") {
			values++
		}
	}
	if values > 0 {
		return fmt.Sprintf("the first line must name the columns: if it is a row already, beginning with %q, add a line of names above it", names[0])
	}
	if len(names) == 1 && strings.Contains(names[0], "  ") {
		return "between cells there must be a comma, a semicolon, a tab or |, not spaces: open the file in a spreadsheet, and save it as CSV"
	}
	if len(names) > 1 && (named > mostTitleCells || named == len(names)) {
		return ""
	}
	return fmt.Sprintf("the first line must name the columns; if %q is a title, delete the lines above the names", names[0])
}

// Unnamed is what the column at this index is called where the header has no name for it.
func Unnamed(i int) string { return fmt.Sprintf("column_%d", i+1) }
