package data

import (
	"context"
	"errors"
	"fmt"
)

// Header gives the names of a table's columns in the file's order, reading no more of it than that needs.
// sheet is one of a workbook's, "" the first with a table.
func Header(ctx context.Context, path, sheet string) (names []string, err error) {
	f := tableFile{path: path, sheet: sheet}
	s, err := openSource(ctx, f, nil, nil)
	if other, ok := f.elsewise(err); ok {
		s, err = openSource(ctx, other, nil, nil)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := checkFields(path, s); err != nil {
		return nil, err
	}
	for _, f := range s.fields() {
		names = append(names, f.name)
	}
	return names, nil
}

// aboveHeader is the hint where what was read as the header is rather a line above it: a title with nothing, or empty cells, beside it.
func aboveHeader(names []string) string {
	for i, name := range names[1:] {
		if name != unnamed(i+1) {
			return ""
		}
	}
	return fmt.Sprintf("the first line must name the columns; if %q is a title, delete the lines above the names", names[0])
}

// unnamed is what the column at this index is called where the header has no name for it.
func unnamed(i int) string { return fmt.Sprintf("column_%d", i+1) }
