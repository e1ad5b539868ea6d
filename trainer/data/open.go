package data

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// open recognises the file's format by its first bytes, and refuses columns that cannot be told apart.
func open(ctx context.Context, f tableFile, sums io.Writer, tell func(done, total int64)) (source, error) {
	s, err := openSource(ctx, f, sums, tell)
	if err != nil {
		return nil, err
	}
	if err := checkFields(f.path, s); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func openSource(ctx context.Context, f tableFile, sums io.Writer, tell func(done, total int64)) (source, error) {
	in, err := openInput(ctx, f.path, sums, tell)
	if err != nil {
		return nil, err
	}
	if !in.columnar && !in.zipped {
		return openText(ctx, f, in)
	}
	if err := in.Close(); err != nil {
		return nil, fmt.Errorf("read %s: %w", f.path, err)
	}
	if sums == nil {
		sums = io.Discard
	}
	if in.zipped {
		return opened(openBook(ctx, f, sums, tell))
	}
	if f.chosen() {
		return nil, noSheets(f)
	}
	return opened(openParquet(ctx, f.path, sums, tell))
}

// opened makes no source of one that could not be opened.
func opened[S source](s S, err error) (source, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

// openText recognises what a text is: lines of JSON, or a table whose cells something separates.
func openText(ctx context.Context, f tableFile, in *input) (s source, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, in.Close())
		}
	}()
	if f.chosen() {
		return nil, noSheets(f)
	}
	text := f.decoded(in)
	sample, err := text.Peek(sampleSize)
	if err != nil && err != io.EOF {
		return nil, (&csvSource{path: f.path, in: in}).fault(err)
	}
	if err := noTable(f.path, sample); err != nil {
		return nil, err
	}
	if isLines(f.path) || isJSON(sample) {
		return opened(openLines(ctx, f, in, text))
	}
	return opened(openCSV(f, in, text, sample))
}

// chosen tells whether somebody chose a sheet.
func (f tableFile) chosen() bool { return f.sheet != "" && f.known == nil }

func noSheets(f tableFile) error {
	return &Error{
		Op: "read", Path: f.path, Place: "data.sheet", Hint: "leave it out; the sheets are those of an Excel workbook (.xlsx)",
		Err: fmt.Errorf("there is no sheet %q: the file has no sheets", f.sheet),
	}
}

// checkFields refuses columns that cannot be told apart.
func checkFields(path string, s source) error {
	fields := s.fields()
	if len(fields) > maxColumns {
		return &Error{
			Op: "read", Path: path, Place: s.head(maxColumns), Hint: fmt.Sprintf("at most %d are read", maxColumns),
			Err: fmt.Errorf("%d columns", len(fields)),
		}
	}
	seen := map[string]int{}
	for i, f := range fields {
		if first, ok := seen[f.name]; ok {
			return &Error{
				Op: "read", Path: path, Place: s.head(i), Hint: fmt.Sprintf("column %d has it already; names must differ, and stand above the rows", first+1),
				Err: fmt.Errorf("duplicate column name %q", f.name),
			}
		}
		seen[f.name] = i
	}
	return nil
}
