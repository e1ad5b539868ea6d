package data

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tuned/trainer/data/source"
	"tuned/trainer/data/text"
	"tuned/trainer/npy"
)

// read takes the words of a chunk's cells.
func (b *builder) read(cells []string) {
	b.texts = b.texts[:0]
	for i, cell := range cells {
		words := b.words(i)
		if cell = source.Trim(cell); !source.Missing(cell) {
			words = text.Plain(words, cell)
		}
		b.texts = append(b.texts, words)
	}
}

// words is what held the words of an earlier chunk's cell, emptied.
func (b *builder) words(i int) []byte {
	if i < cap(b.texts) {
		return b.texts[:i+1][i][:0]
	}
	return nil
}

// wordSpool keeps the words of a column's cells on disk while a file is read: of each row how long they are, then they themselves.
type wordSpool struct {
	file *os.File
	out  *bufio.Writer
	rows int
}

func newWordSpool(dir string, builder int) (*wordSpool, error) {
	f, err := os.Create(filepath.Join(dir, fmt.Sprintf("words-%d.tmp", builder)))
	if err != nil {
		return nil, fmt.Errorf("create spool of words: %w", err)
	}
	return &wordSpool{file: f, out: bufio.NewWriterSize(f, 1<<16)}, nil
}

// put appends the words of rows that begin with the first; those between them and the rows before have none.
func (s *wordSpool) put(first int, texts [][]byte) error {
	for ; s.rows < first; s.rows++ {
		if err := s.record(nil); err != nil {
			return err
		}
	}
	for _, words := range texts {
		if err := s.record(words); err != nil {
			return err
		}
	}
	s.rows += len(texts)
	return nil
}

func (s *wordSpool) record(words []byte) error {
	var head [4]byte
	binary.NativeEndian.PutUint32(head[:], uint32(len(words)))
	if _, err := s.out.Write(head[:]); err != nil {
		return fmt.Errorf("write spool of words: %w", err)
	}
	_, err := s.out.Write(words)
	return err
}

// each hands f the words of every row; they are valid until it returns.
func (s *wordSpool) each(f func(row int, words []byte) error) error {
	if err := s.out.Flush(); err != nil {
		return fmt.Errorf("write spool of words: %w", err)
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read spool of words: %w", err)
	}
	in, words := bufio.NewReaderSize(s.file, 1<<16), make([]byte, text.MaxBytes)
	for row := range s.rows {
		var head [4]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return fmt.Errorf("read spool of words: %w", err)
		}
		some := words[:binary.NativeEndian.Uint32(head[:])]
		if _, err := io.ReadFull(in, some); err != nil {
			return fmt.Errorf("read spool of words: %w", err)
		}
		if err := f(row, some); err != nil {
			return err
		}
	}
	return nil
}

func (s *wordSpool) close() error { return errors.Join(s.file.Close(), os.Remove(s.file.Name())) }

// texts are the words of a raw column's rows.
type texts struct {
	text.Column
	file *npy.File // that holds them; nil where no row has any
}

// writeTexts stores the words of the kept rows beside the raw column.
func (w *columnWriter) writeTexts() (*texts, error) {
	spool := w.loader.spool.words[w.index]
	t := &texts{}
	if spool == nil { // a file of no rows, or of cells that came as numbers
		t.Ends = make([]int64, w.count())
		return t, nil
	}
	total := int64(0)
	err := w.eachText(spool, func(words []byte) error {
		total += int64(len(words))
		t.Ends = append(t.Ends, total)
		return nil
	})
	if err == nil {
		err = w.copyTexts(spool, total)
	}
	if err != nil {
		return nil, err
	}
	if t.file, err = npy.Open(textFile(w.path)); err == nil {
		t.Words = npy.Elements[uint8](t.file)
	}
	return t, err
}

// copyTexts writes the words of the kept rows, so many bytes of them, one behind the other.
func (w *columnWriter) copyTexts(spool *wordSpool, total int64) error {
	out, err := npy.Create(textFile(w.path), npy.Uint8, int(total))
	if err != nil {
		return err
	}
	err = w.eachText(spool, func(words []byte) error {
		_, err := out.Write(words)
		return err
	})
	return errors.Join(err, out.Close())
}

// eachText hands f the words of the kept rows.
func (w *columnWriter) eachText(spool *wordSpool, f func(words []byte) error) error {
	next := 0
	return spool.each(func(row int, words []byte) error {
		if w.rows != nil {
			if next == len(w.rows) || int(w.rows[next]) != row {
				return nil
			}
			next++
		}
		return f(words)
	})
}

// textFile is where the words of a raw column are.
func textFile(column string) string { return column + ".words" }
