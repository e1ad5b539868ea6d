package npy

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// File is an array mapped from a file, whatever its elements' type. It is read-only, and nothing of it may be used after
// Close.
type File struct {
	Header
	all []byte
}

// Open maps the file at path. The file must not change while it is mapped.
func Open(path string) (*File, error) {
	all, err := MapFile(path)
	if err != nil {
		return nil, err
	}
	h, err := parseHeader(all)
	if err == nil && h.Offset%sizes[h.Type] != 0 {
		err = fmt.Errorf("%w: data at byte %d is not aligned", ErrFormat, h.Offset)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), unix.Munmap(all))
	}
	return &File{h, all}, nil
}

// Elements are a file's values where they are of type T, nil otherwise.
func Elements[T Element](f *File) []T {
	data := f.all[f.Offset:]
	if f.Type != descrOf[T]() || len(data) == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(data))), len(data)/sizes[f.Type])
}

// Bytes is how much of the file is mapped: all of it.
func (f *File) Bytes() int64 { return int64(len(f.all)) }

// Close unmaps the file. Calling it again does nothing.
func (f *File) Close() error {
	all := f.all
	f.all = nil
	if all == nil {
		return nil
	}
	return unix.Munmap(all)
}

// Array is a mapped file of elements of one type.
type Array[T Element] struct {
	*File
	Values []T
}

// Map maps the file at path, whose elements must be of type T.
func Map[T Element](path string) (*Array[T], error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	if f.Type != descrOf[T]() {
		return nil, errors.Join(fmt.Errorf("%s: %w: elements of type %q where %q is expected", path, ErrFormat, f.Type, descrOf[T]()), f.Close())
	}
	return &Array[T]{f, Elements[T](f)}, nil
}

// Read reads the file at path, which must hold exactly n elements of type T, whatever its shape and alignment.
func Read[T Element](path string, n int) (values []T, err error) {
	err = reading[T](path, n, func(data []byte) {
		values = make([]T, n)
		copy(Bytes(values), data)
	})
	return values, err
}

// ReadRows reads some rows of the file at path, one behind the other, of which it must hold as many as said, each of so many
// elements of type T. Rows are numbered from 0.
func ReadRows[T Element](path string, rows, columns int, some []int32) (values []T, err error) {
	err = reading[T](path, rows*columns, func(data []byte) {
		values = make([]T, len(some)*columns)
		to := Bytes(values)
		row := len(data) / max(rows, 1)
		for i, r := range some {
			copy(to[i*row:(i+1)*row], data[int(r)*row:])
		}
	})
	return values, err
}

// reading maps the elements of a file while use looks at them.
func reading[T Element](path string, n int, use func(data []byte)) error {
	file, err := MapFile(path)
	if err != nil {
		return err
	}
	defer unix.Munmap(file)
	h, err := parseHeader(file)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if data := int64(len(file) - h.Offset); h.Type != descrOf[T]() || data != size(h.Type, []int{n}) {
		return fmt.Errorf("%s: %w: %s %v where %d elements of %s are expected", path, ErrFormat, h.Type, h.Shape, n, descrOf[T]())
	}
	use(file[h.Offset:])
	return nil
}

// MapFile maps a whole regular file read-only. The caller unmaps it.
func MapFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() == 0 {
		return nil, fmt.Errorf("%s: %w: empty, or not a regular file", path, ErrFormat)
	}
	file, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", path, err)
	}
	return file, nil
}
