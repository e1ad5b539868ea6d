// Package lines keeps results as one JSON object a line, so that a measurement which was stopped goes on where it was.
package lines

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
)

// File is a file of lines, appended to by any number of goroutines.
type File[T any] struct {
	mu struct {
		sync.Mutex
		file *os.File
	}
	Past []T // what the file held when it was opened
}

// Open reads what a file holds, cuts off a last line that was torn, and goes on behind it.
func Open[T any](path string) (*File[T], error) {
	past, length, err := read[T](path)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(file.Truncate(length), seekEnd(file)); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	f := &File[T]{Past: past}
	f.mu.file = file
	return f, nil
}

func seekEnd(file *os.File) error {
	_, err := file.Seek(0, 2)
	return err
}

// Read returns the lines of a file.
func Read[T any](path string) ([]T, error) {
	past, _, err := read[T](path)
	return past, err
}

// read returns the lines and the length of what is whole. A file that is not there holds none.
func read[T any](path string) (past []T, length int64, err error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, 0, nil
	} else if err != nil {
		return nil, 0, err
	}
	whole := content[:bytes.LastIndexByte(content, '\n')+1]
	scanner := bufio.NewScanner(bytes.NewReader(whole))
	scanner.Buffer(nil, 16<<20)
	for n := 1; scanner.Scan(); n++ {
		var line T
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			return nil, 0, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		past = append(past, line)
	}
	return past, int64(len(whole)), scanner.Err()
}

// Append writes one line, whole.
func (f *File[T]) Append(line T) error {
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, err = f.mu.file.Write(append(text, '\n'))
	return err
}

// Close closes the file.
func (f *File[T]) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mu.file.Close()
}

// Missing are those of what is wanted whose key no past line has.
func Missing[L interface{ Key() string }, W any](past []L, wanted []W, key func(W) string) []W {
	have := map[string]bool{}
	for _, l := range past {
		have[l.Key()] = true
	}
	return slices.DeleteFunc(slices.Clone(wanted), func(w W) bool { return have[key(w)] })
}

// Distinct are the values of a field of all lines, each once, in the order in which they first occur.
func Distinct[L any](all []L, field func(L) string) []string {
	var some []string
	for _, l := range all {
		if v := field(l); !slices.Contains(some, v) {
			some = append(some, v)
		}
	}
	return some
}
