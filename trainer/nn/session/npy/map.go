package npy

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Array is an array mapped from a file. Values is read-only, and must not be used after Close.
type Array[T Element] struct {
	Shape  []int
	Values []T
	file   []byte
}

// Map maps the file at path, whose elements must be of type T. The file must not change while it is mapped.
func Map[T Element](path string) (*Array[T], error) {
	file, err := MapFile(path)
	if err != nil {
		return nil, err
	}
	a, err := arrayOf[T](file)
	if err != nil {
		_ = unix.Munmap(file)
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

func arrayOf[T Element](file []byte) (*Array[T], error) {
	h, err := ParseHeader(file)
	if err != nil {
		return nil, err
	}
	if h.Type != descrOf[T]() {
		return nil, fmt.Errorf("%w: elements of type %q where %q is expected", ErrFormat, h.Type, descrOf[T]())
	}
	var zero T
	size := int(unsafe.Sizeof(zero))
	if h.Offset%size != 0 {
		return nil, fmt.Errorf("%w: data at byte %d is not aligned", ErrFormat, h.Offset)
	}
	a := &Array[T]{Shape: h.Shape, file: file}
	if data := file[h.Offset:]; len(data) > 0 {
		a.Values = unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(data))), len(data)/size)
	}
	return a, nil
}

// Bytes is how much of the file is mapped: all of it.
func (a *Array[T]) Bytes() int64 { return int64(len(a.file)) }

// Close unmaps the file. Calling it again does nothing.
func (a *Array[T]) Close() error {
	file := a.file
	a.file, a.Values = nil, nil
	if file == nil {
		return nil
	}
	return unix.Munmap(file)
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
