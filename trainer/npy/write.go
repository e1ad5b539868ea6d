package npy

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unsafe"
)

// Write writes values as an array of a shape.
func Write[T Element](w io.Writer, shape []int, values []T) error {
	if err := WriteHeader[T](w, shape...); err != nil {
		return err
	}
	_, err := w.Write(Bytes(values))
	return err
}

// WriteHeader writes what stands before the elements of an array of a shape, which the caller writes (see Bytes).
func WriteHeader[T Element](w io.Writer, shape ...int) error {
	_, err := w.Write(Head(descrOf[T](), shape...))
	return err
}

// Head is what stands before the elements of an array of a type and shape; they begin at a multiple of 64 bytes.
func Head(descr string, shape ...int) []byte {
	sizes := make([]string, len(shape))
	for i, n := range shape {
		sizes[i] = strconv.Itoa(n)
	}
	comma := ""
	if len(shape) == 1 {
		comma = ","
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s%s), }", descr, strings.Join(sizes, ", "), comma)
	length := (10+len(text)+1+alignment-1)/alignment*alignment - 10
	header := append([]byte(magic), 1, 0)
	header = binary.LittleEndian.AppendUint16(header, uint16(length))
	return fmt.Appendf(header, "%-*s\n", length-1, text)
}

// Bytes is the memory of values. It is what a file holds, on the little-endian machines that tuned runs on.
func Bytes[T Element | uint64](values []T) []byte {
	if len(values) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), len(values)*int(unsafe.Sizeof(values[0])))
}

// Writer writes an array of known shape, piece by piece.
type Writer struct {
	file *os.File
	buf  *bufio.Writer
	left int64
}

// Create starts a file. It is complete once Close returns nil; durability is the caller's.
func Create(path, descr string, shape ...int) (*Writer, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	head, left := Head(descr, shape...), size(descr, shape)
	room := min(1<<16, int64(len(head))+left) // a wide table has thousands of short columns
	w := &Writer{file: f, buf: bufio.NewWriterSize(f, int(room)), left: left}
	if _, err := w.buf.Write(head); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return w, nil
}

// Write appends raw elements (see Bytes).
func (w *Writer) Write(p []byte) (int, error) {
	w.left -= int64(len(p))
	return w.buf.Write(p)
}

// Close flushes, and fails when more or fewer elements than the shape's were written.
func (w *Writer) Close() error {
	err := errors.Join(w.buf.Flush(), w.file.Close())
	if err == nil && w.left != 0 {
		err = fmt.Errorf("npy: %d bytes are missing from %s", w.left, w.file.Name())
	}
	return err
}

// size is the bytes of an array's elements.
func size(descr string, shape []int) int64 {
	n := int64(sizes[descr])
	for _, d := range shape {
		n *= int64(d)
	}
	return n
}
