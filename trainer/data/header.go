package data

import (
	"context"
	"errors"
)

// Header gives the names of a table's columns in the file's order, reading no more of it than that needs.
// sheet is one of a workbook's, "" the first with a table.
func Header(ctx context.Context, path, sheet string) (names []string, err error) {
	s, err := openSource(ctx, tableFile{path: path, sheet: sheet}, nil, nil)
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
