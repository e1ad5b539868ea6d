// Package npy writes and maps NumPy's array files, format version 1.0, C order, little endian: enough for raw columns
// and views, with nothing between the file and the slice. It serves little-endian machines (amd64, arm64), where an
// array's bytes in the file are its bytes in memory.
package npy

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Element types as NumPy writes them.
const (
	Float32 = "<f4"
	Int32   = "<i4"
	Uint8   = "|u1"
	Seconds = "<M8[s]" // datetime64[s]: int64 seconds since 1970 in UTC; the smallest int64 is not-a-time
)

// ErrFormat reports a file that is not an array of the kind this package writes.
var ErrFormat = errors.New("not a readable .npy file")

var (
	magic     = []byte("\x93NUMPY\x01\x00")
	widths    = map[string]int{Float32: 4, Int32: 4, Uint8: 1, Seconds: 8}
	headerExp = regexp.MustCompile(`^\{'descr': '([^']+)', 'fortran_order': False, 'shape': \(([0-9, ]*)\), \} *\n$`)
)

// Header returns the file's head for an array; the data follow it, at a multiple of 64 bytes.
func Header(dtype string, shape ...int) []byte {
	dims := make([]string, len(shape))
	for i, n := range shape {
		dims[i] = strconv.Itoa(n)
	}
	list := strings.Join(dims, ", ")
	if len(shape) == 1 {
		list += ","
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", dtype, list)
	total := (len(magic) + 2 + len(text) + 1 + 63) / 64 * 64
	room := total - len(magic) - 2
	head := append([]byte{}, magic...)
	head = append(head, byte(room), byte(room>>8))
	head = append(head, text...)
	head = append(head, bytes.Repeat([]byte{' '}, room-len(text)-1)...)
	return append(head, '\n')
}

// Element is what an array can hold.
type Element interface {
	~float32 | ~int32 | ~int64 | ~uint64 | ~uint8
}

// Bytes returns a slice's memory.
func Bytes[T Element](v []T) []byte {
	if len(v) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&v[0])), len(v)*int(unsafe.Sizeof(v[0])))
}

// Writer writes an array of known shape, piece by piece.
type Writer struct {
	file *os.File
	buf  *bufio.Writer
	left int64
}

// Create starts a file. It is complete once Close returns nil; durability is the caller's.
func Create(path, dtype string, shape ...int) (*Writer, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	w := &Writer{file: f, buf: bufio.NewWriterSize(f, 1<<16), left: size(dtype, shape)}
	if _, err := w.buf.Write(Header(dtype, shape...)); err != nil {
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

func size(dtype string, shape []int) int64 {
	n := int64(widths[dtype])
	for _, d := range shape {
		n *= int64(d)
	}
	return n
}

// Array is a mapped file, read-only.
type Array struct {
	DType string
	Shape []int
	data  []byte
	all   []byte
}

// Map maps a file and checks that its length is what its head says.
func Map(path string) (*Array, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	a, offset, err := readHeader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	total := offset + int(size(a.DType, a.Shape))
	if info, err := f.Stat(); err != nil || info.Size() != int64(total) {
		return nil, errors.Join(err, fmt.Errorf("%s: %w: it should hold %d bytes", path, ErrFormat, total))
	}
	a.all, err = unix.Mmap(int(f.Fd()), 0, total, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", path, err)
	}
	a.data = a.all[offset:]
	return a, nil
}

// readHeader returns the array without its data, and where they begin.
func readHeader(r io.Reader) (*Array, int, error) {
	var start [10]byte
	if _, err := io.ReadFull(r, start[:]); err != nil || !bytes.Equal(start[:8], magic) {
		return nil, 0, ErrFormat
	}
	text := make([]byte, int(start[8])|int(start[9])<<8)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, 0, ErrFormat
	}
	m := headerExp.FindSubmatch(text)
	if m == nil || widths[string(m[1])] == 0 {
		return nil, 0, ErrFormat
	}
	a := &Array{DType: string(m[1])}
	product := int64(1)
	for dim := range strings.FieldsFuncSeq(string(m[2]), func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.Atoi(dim)
		if product *= int64(n); err != nil || n > 1<<31 || product > 1<<48 {
			return nil, 0, ErrFormat
		}
		a.Shape = append(a.Shape, n)
	}
	return a, len(start) + len(text), nil
}

// Float32s returns the elements of a Float32 array; valid until Close.
func (a *Array) Float32s() []float32 { return elements[float32](a, Float32) }

// Int32s returns the elements of an Int32 array; valid until Close.
func (a *Array) Int32s() []int32 { return elements[int32](a, Int32) }

// Seconds returns the elements of a Seconds array; valid until Close.
func (a *Array) Seconds() []int64 { return elements[int64](a, Seconds) }

// Uint8s returns the elements of a Uint8 array; valid until Close.
func (a *Array) Uint8s() []uint8 { return elements[uint8](a, Uint8) }

func elements[T Element](a *Array, dtype string) []T {
	if a.DType != dtype || len(a.data) == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&a.data[0])), len(a.data)/widths[dtype])
}

// Close unmaps the array: slices of it must not be touched any more. Calling it again does nothing.
func (a *Array) Close() error {
	if a.all == nil {
		return nil
	}
	all := a.all
	a.all, a.data = nil, nil
	return unix.Munmap(all)
}
