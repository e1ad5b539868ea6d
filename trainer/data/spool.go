package data

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tuned/trainer/npy"
)

// spool keeps every column's cells on disk, eight bytes each, until it is known how the column is to be stored. Chunk
// after chunk, each column's part in one piece.
type spool struct {
	dir     string
	file    *os.File
	words   []*wordSpool // of columns of texts; nil for others
	columns int
	chunks  []spoolChunk
	rows    int
	end     int64
}

type spoolChunk struct {
	rows   int
	offset int64
}

func newSpool(dir string, columns int) (*spool, error) {
	f, err := os.Create(filepath.Join(dir, "spool.tmp"))
	if err != nil {
		return nil, fmt.Errorf("create spool: %w", err)
	}
	return &spool{dir: dir, file: f, words: make([]*wordSpool, columns), columns: columns}, nil
}

// grow makes room for a chunk and returns where it begins.
func (s *spool) grow(rows int) int64 {
	at := s.end
	s.chunks = append(s.chunks, spoolChunk{rows, at})
	s.rows += rows
	s.end += int64(rows) * int64(s.columns) * 8
	return at
}

// put writes one column's part of the chunk at an offset.
func (s *spool) put(offset int64, column int, cells []uint64) error {
	_, err := s.file.WriteAt(npy.Bytes(cells), offset+int64(column)*int64(len(cells))*8)
	return err
}

// putWords writes the words of a chunk of one column, whose first row is given.
func (s *spool) putWords(column, first int, texts [][]byte) (err error) {
	if s.words[column] == nil {
		if s.words[column], err = newWordSpool(s.dir, column); err != nil {
			return err
		}
	}
	return s.words[column].put(first, texts)
}

// each hands a column's cells to f, chunk by chunk; first is the row of the chunk's first cell.
func (s *spool) each(column int, f func(first int, cells []uint64) error) error {
	var buf []uint64
	first := 0
	for _, c := range s.chunks {
		if cap(buf) < c.rows {
			buf = make([]uint64, c.rows)
		}
		buf = buf[:c.rows]
		if _, err := s.file.ReadAt(npy.Bytes(buf), c.offset+int64(column)*int64(c.rows)*8); err != nil {
			return fmt.Errorf("read spool: %w", err)
		}
		if err := f(first, buf); err != nil {
			return err
		}
		first += c.rows
	}
	return nil
}

// close removes the spool.
func (s *spool) close() error {
	errs := []error{s.file.Close(), os.Remove(s.file.Name())}
	for _, w := range s.words {
		if w != nil {
			errs = append(errs, w.close())
		}
	}
	return errors.Join(errs...)
}
