package data

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"tuned/trainer/data/source"
	"tuned/words"
)

// loader reads a file into a spool: one goroutine cuts it into chunks, others encode the columns, each column's cells
// in order, so that the outcome does not depend on how many there are.
type loader struct {
	file     source.File
	dir      string
	tell     func(done, total int64)
	builders []*builder
	spool    *spool
	source   source.Table
	strays   *strays
	copier   *copier // nil: no cells are kept as they are
	sum      string  // sha256 of the file
}

// load reads the whole file. prepare makes a builder for each thing wanted of the file's columns. A file whose encoding is another
// one, and columns whose first cells misled, are read again in another way: the latter at most twice, since text is the last of them.
func (l *loader) load(ctx context.Context, prepare func([]source.Field) ([]*builder, error)) error {
	verdicts := map[int]verdict{}
	for {
		err := l.pass(ctx, prepare, verdicts)
		if other, ok := l.file.InOtherEncoding(err); ok {
			l.file = other
			clear(verdicts)
			continue
		}
		if err != nil {
			return err
		}
		if !l.settle(verdicts) {
			return nil
		}
		if err := l.spool.close(); err != nil {
			return err
		}
	}
}

// settle adds how columns are to be read again, and reports whether there are any.
func (l *loader) settle(verdicts map[int]verdict) (again bool) {
	for i, b := range l.builders {
		if v, misled := b.settle(); misled {
			verdicts[i], again = v, true
		}
	}
	return again
}

// pass reads the file once; builders with a verdict read as it says.
func (l *loader) pass(ctx context.Context, prepare func([]source.Field) ([]*builder, error), verdicts map[int]verdict) (err error) {
	sums := sha256.New()
	if l.source, err = source.Open(ctx, l.file, sums, l.tell); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.source.Close()) }()
	l.strays = newStrays(l.source.Fields())
	if l.builders, err = prepare(l.source.Fields()); err != nil {
		return l.explain(err)
	}
	if l.copier != nil {
		if err := l.copier.begin(l.file.Path, l.source.Fields()); err != nil {
			return err
		}
	}
	for i, v := range verdicts {
		l.builders[i].take(v)
	}
	if l.spool, err = newSpool(l.dir, len(l.builders)); err != nil {
		return err
	}
	if err := l.stream(ctx); err != nil {
		return errors.Join(err, l.spool.close())
	}
	l.sum = hex.EncodeToString(sums.Sum(nil))
	return nil
}

// notes are what a person should know about how the file was read.
func (l *loader) notes() []string { return slices.Concat(l.source.Notes(), l.strays.notes(l.source)) }

// explain adds to an error about the columns how they were found: another sheet may have been meant.
func (l *loader) explain(err error) error {
	var e *Error
	if said := strings.Join(l.source.Notes(), " "); said != "" && errors.As(err, &e) {
		e.Hint = words.Sentences(e.Hint, strings.TrimSuffix(said, "."))
	}
	return err
}

// task is one chunk on its way through the encoders.
type task struct {
	chunk  *source.Chunk
	first  int // its first row
	offset int64
	left   atomic.Int32
}

// stream carries every chunk through the encoders.
func (l *loader) stream(ctx context.Context) error {
	workers := max(1, min(runtime.GOMAXPROCS(0), len(l.builders)))
	free := make(chan *task, 4)
	for range cap(free) {
		free <- &task{chunk: &source.Chunk{}}
	}
	lanes := make([]chan *task, workers)
	var failed atomic.Bool
	var group sync.WaitGroup
	errs := make([]error, workers)
	for w := range lanes {
		lanes[w] = make(chan *task, cap(free))
		group.Go(func() { errs[w] = l.encode(lanes[w], w, workers, free, &failed) })
	}
	err := l.dispatch(ctx, free, lanes, &failed)
	for _, lane := range lanes {
		close(lane)
	}
	group.Wait()
	if fault := l.firstFault(); fault != nil {
		return fault
	}
	return errors.Join(append(errs, err)...)
}

// dispatch reads chunks until the end, an error, or a failed encoder.
func (l *loader) dispatch(ctx context.Context, free chan *task, lanes []chan *task, failed *atomic.Bool) error {
	for !failed.Load() {
		t := <-free
		if err := ctx.Err(); err != nil {
			return err
		}
		err := l.source.Next(t.chunk)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		l.strays.look(t.chunk)
		if l.spool.rows+t.chunk.Rows > source.MaxRows {
			return &Error{Op: "read", Path: l.file.Path, Hint: "read a part of the file", Err: fmt.Errorf("more than %d rows", source.MaxRows)}
		}
		if l.copier != nil {
			l.copier.keep(t.chunk)
		}
		t.first = l.spool.rows
		t.offset = l.spool.grow(t.chunk.Rows)
		t.left.Store(int32(len(lanes)))
		for _, lane := range lanes {
			lane <- t
		}
	}
	return nil
}

// encode serves every workers-th builder, starting with the w-th. After an error of its own it only passes chunks on.
func (l *loader) encode(lane <-chan *task, w, workers int, free chan<- *task, failed *atomic.Bool) error {
	var err error
	for t := range lane {
		for i := w; i < len(l.builders) && err == nil; i += workers {
			b := l.builders[i]
			b.encode(t.chunk)
			err = l.spool.put(t.offset, i, b.cells)
			if err == nil && b.wordy {
				err = l.spool.putWords(i, t.first, b.texts)
			}
			if err != nil || b.fault != nil {
				failed.Store(true)
			}
		}
		if t.left.Add(-1) == 0 {
			free <- t
		}
	}
	return err
}

// place is where the first cell is that does not fit a column.
func (l *loader) place(b *builder) string { return l.source.Place(b.oddLine, b.index) }

// firstFault is the fault that comes first in the file.
func (l *loader) firstFault() error {
	var first *cellFault
	for _, b := range l.builders {
		if f := b.fault; f != nil && (first == nil || f.line < first.line || f.line == first.line && f.column < first.column) {
			first = f
		}
	}
	if first == nil {
		return nil
	}
	return &Error{Op: "read", Path: l.file.Path, Place: l.source.Place(first.line, first.column), Hint: first.hint, Err: first.err}
}
