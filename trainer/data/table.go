package data

import (
	"errors"
	"fmt"
	"path/filepath"

	"tuned/trainer/data/pixels"
	"tuned/trainer/npy"
)

// table is raw columns, mapped. Column i's array is of the kind that its type calls for: float32 for numbers, seconds
// for dates, int32 codes for all else (of an ID or a text: a hash, 0 where missing). Of texts the words are kept as well.
type table struct {
	rows    int
	columns []Column
	arrays  []*npy.File
	texts   []*texts       // the words of each column; nil for one that holds no texts
	images  *pixels.Images // nil for a table
}

// numbers returns a numeric column as stored: less its centre.
func (t *table) numbers(i int) []float32 { return npy.Elements[float32](t.arrays[i]) }

// codes returns a categorical, boolean, ID or text column.
func (t *table) codes(i int) []int32 { return npy.Elements[int32](t.arrays[i]) }

// seconds returns a date column.
func (t *table) seconds(i int) []int64 { return npy.Elements[int64](t.arrays[i]) }

func (t *table) close() error {
	var errs []error
	for _, a := range t.arrays {
		errs = append(errs, a.Close())
	}
	for _, w := range t.texts {
		if w != nil && w.file != nil {
			errs = append(errs, w.file.Close())
		}
	}
	if t.images != nil {
		errs = append(errs, t.images.Close())
	}
	return errors.Join(errs...)
}

// add stores what a builder read as the table's next column. rows are the file's rows that are kept; nil: all.
func (t *table) add(l *loader, index int, rows []int32) error {
	b := l.builders[index]
	c := Column{Name: b.field.Name, Used: true, File: fmt.Sprintf("%05d.npy", len(t.columns))}
	w := &columnWriter{loader: l, index: index, builder: b, rows: rows, column: &c, path: filepath.Join(l.dir, c.File)}
	if err := w.write(); err != nil {
		return err
	}
	a, err := npy.Open(w.path)
	if err != nil {
		return err
	}
	t.columns, t.arrays, t.rows = append(t.columns, c), append(t.arrays, a), w.count()
	t.texts = append(t.texts, nil)
	if c.Type != Text || !b.wordy {
		return nil
	}
	if t.texts[len(t.texts)-1], err = w.writeTexts(); err != nil {
		return fmt.Errorf("write column %s: %w", c.Name, err)
	}
	return nil
}

// columnWriter turns one spooled column into a raw one.
type columnWriter struct {
	loader  *loader
	index   int
	builder *builder
	rows    []int32
	column  *Column
	path    string
}

func (w *columnWriter) count() int {
	if w.rows == nil {
		return w.loader.spool.rows
	}
	return len(w.rows)
}

func (w *columnWriter) write() error {
	switch w.builder.store {
	case asNumber, undecided:
		return w.writeNumbers()
	case asDate:
		return w.writeDates()
	default:
		return w.writeCodes()
	}
}

func (w *columnWriter) writeNumbers() error {
	b, c := w.builder, w.column
	c.Type, c.Integers, c.Notation, c.Stored, c.Phrases = Numeric, !b.fraction, b.notation, b.storedAs(), b.phrases
	if known := b.center; known != nil {
		c.Center = *known
	} else {
		c.Center = b.middle()
	}
	var buf []float32
	return w.convert(npy.Float32, func(cells []uint64) []byte {
		buf = buf[:0]
		for _, bits := range cells {
			if bits == gap {
				c.Missing++
			}
			buf = append(buf, centred(bits, c.Center))
		}
		return npy.Bytes(buf)
	})
}

func (w *columnWriter) writeDates() error {
	w.column.Type, w.column.Layout, w.column.Phrases = Date, w.builder.layout, w.builder.phrases
	var buf []int64
	return w.convert(npy.Seconds, func(cells []uint64) []byte {
		buf = buf[:0]
		for _, bits := range cells {
			s := int64(bits)
			if bits == gap {
				w.column.Missing++
				s = noTime
			}
			buf = append(buf, s)
		}
		return npy.Bytes(buf)
	})
}

func (w *columnWriter) writeCodes() error {
	code, err := w.coding()
	if err != nil {
		return err
	}
	var buf []int32
	return w.convert(npy.Int32, func(cells []uint64) []byte {
		buf = buf[:0]
		for _, bits := range cells {
			v := code(bits)
			if v == 0 {
				w.column.Missing++
			}
			buf = append(buf, v)
		}
		return npy.Bytes(buf)
	})
}

// convert writes the array: the kept cells of each chunk, as f turns them into bytes.
func (w *columnWriter) convert(dtype string, f func(cells []uint64) []byte) error {
	out, err := npy.Create(w.path, dtype, w.count())
	if err != nil {
		return fmt.Errorf("write column %s: %w", w.column.Name, err)
	}
	err = w.each(func(cells []uint64) error {
		_, err := out.Write(f(cells))
		return err
	})
	if err := errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("write column %s: %w", w.column.Name, err)
	}
	return nil
}

// each hands the kept cells to f.
func (w *columnWriter) each(f func(cells []uint64) error) error {
	next := 0
	return w.loader.spool.each(w.index, func(first int, cells []uint64) error {
		if w.rows == nil {
			return f(cells)
		}
		kept := cells[:0]
		for ; next < len(w.rows) && int(w.rows[next]) < first+len(cells); next++ {
			kept = append(kept, cells[int(w.rows[next])-first])
		}
		return f(kept)
	})
}
