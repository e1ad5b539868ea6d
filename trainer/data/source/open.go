package source

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Open recognises the file's format by its first bytes. Columns of one name are told apart by numbers.
func Open(ctx context.Context, f File, sums io.Writer, tell func(done, total int64)) (Table, error) {
	s, err := openAny(ctx, f, sums, tell)
	if err != nil {
		return nil, err
	}
	named, err := toldApart(f.Path, s)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return named, nil
}

func openAny(ctx context.Context, f File, sums io.Writer, tell func(done, total int64)) (Table, error) {
	in, err := OpenInput(ctx, f.Path, sums, tell)
	if err != nil {
		return nil, err
	}
	if !in.columnar && !in.zipped {
		return openText(ctx, f, in)
	}
	if err := in.Close(); err != nil {
		return nil, fmt.Errorf("read %s: %w", f.Path, err)
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
	return opened(openParquet(ctx, f.Path, sums, tell))
}

// opened makes no table of one that could not be opened.
func opened[S Table](s S, err error) (Table, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

// openText recognises what a text is: objects of JSON, or a table whose cells something separates.
func openText(ctx context.Context, f File, in *Input) (s Table, err error) {
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
		return nil, in.fault(f.Path, err)
	}
	if err := noTable(f.Path, sample); err != nil {
		return nil, err
	}
	if namedJSON(f.Path) || isJSON(sample) {
		return opened(openJSON(ctx, f, in, text))
	}
	return opened(openCSV(f, in, text, sample))
}

// chosen tells whether somebody chose a sheet.
func (f File) chosen() bool { return f.Sheet != "" && f.Known == nil }

func noSheets(f File) error {
	return &Error{
		Op: "read", Path: f.Path, Place: "data.sheet", Hint: "leave it out; the sheets are those of an Excel workbook (.xlsx)",
		Err: fmt.Errorf("there is no sheet %q: the file has no sheets", f.Sheet),
	}
}
