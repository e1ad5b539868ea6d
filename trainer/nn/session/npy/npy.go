// Package npy maps arrays in NumPy's file format into memory, and writes them.
//
// It reads what a view holds and no more: little-endian float32, int32 and uint8 in C order, format versions 1 and 2.
// Everything in a header is checked against the file's length before any of it is believed.
//
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unsafe"
)

// ErrFormat is wrapped by every error about a file's content.
var ErrFormat = errors.New("not a usable .npy file")

// Element is a type of array element that can be mapped.
type Element interface{ float32 | int32 | uint8 }

// Header describes an array.
type Header struct {
	Type   string // "<f4", "<i4" or "|u1"
	Shape  []int
	Offset int // bytes before the first element
}

const (
	magic     = "\x93NUMPY"
	alignment = 64 // of the first element, as NumPy writes it
	maxHeader = 1 << 16
)

var (
	descrField   = regexp.MustCompile(`'descr'\s*:\s*'([^']*)'`)
	fortranField = regexp.MustCompile(`'fortran_order'\s*:\s*(True|False)`)
	shapeField   = regexp.MustCompile(`'shape'\s*:\s*\(([0-9, ]*)\)`)
)

// ParseHeader reads the header at the start of a file's bytes. The array that it describes fills the file exactly.
func ParseHeader(file []byte) (Header, error) {
	text, offset, err := headerText(file)
	if err != nil {
		return Header{}, err
	}
	h, err := parseFields(text)
	if err != nil {
		return Header{}, err
	}
	h.Offset = offset
	return h, h.checkLength(len(file))
}

// headerText returns the dictionary of the header, and where the data begins.
func headerText(file []byte) (string, int, error) {
	if len(file) < 12 || !bytes.HasPrefix(file, []byte(magic)) {
		return "", 0, fmt.Errorf("%w: it does not begin with the NumPy magic", ErrFormat)
	}
	begin, length := 10, int(binary.LittleEndian.Uint16(file[8:]))
	switch file[6] {
	case 1:
	case 2:
		begin, length = 12, int(binary.LittleEndian.Uint32(file[8:]))
	default:
		return "", 0, fmt.Errorf("%w: format version %d (1 and 2 are read)", ErrFormat, file[6])
	}
	if length > maxHeader || begin+length > len(file) {
		return "", 0, fmt.Errorf("%w: a header of %d bytes in a file of %d", ErrFormat, length, len(file))
	}
	return string(file[begin : begin+length]), begin + length, nil
}

func parseFields(text string) (Header, error) {
	descr, fortran, shape := descrField.FindStringSubmatch(text), fortranField.FindStringSubmatch(text), shapeField.FindStringSubmatch(text)
	if descr == nil || fortran == nil || shape == nil {
		return Header{}, fmt.Errorf("%w: header %q", ErrFormat, text)
	}
	if fortran[1] == "True" {
		return Header{}, fmt.Errorf("%w: Fortran order (C order is read)", ErrFormat)
	}
	h := Header{Type: descr[1]}
	for field := range strings.SplitSeq(strings.TrimSuffix(strings.TrimSpace(shape[1]), ","), ",") {
		if strings.TrimSpace(field) == "" && shape[1] == "" {
			continue // (): a single value
		}
		n, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil {
			return Header{}, fmt.Errorf("%w: shape (%s)", ErrFormat, shape[1])
		}
		h.Shape = append(h.Shape, n)
	}
	return h, nil
}

// checkLength reports whether the file's length is the header's and the array's.
func (h Header) checkLength(length int) error {
	size := elementSize(h.Type)
	if size == 0 {
		return fmt.Errorf("%w: elements of type %q", ErrFormat, h.Type)
	}
	want := int64(size)
	for _, n := range h.Shape {
		if n != 0 && want > math.MaxInt64/int64(n) {
			return fmt.Errorf("%w: shape %v", ErrFormat, h.Shape)
		}
		want *= int64(n)
	}
	if int64(length-h.Offset) != want {
		return fmt.Errorf("%w: %d bytes of data where shape %v needs %d", ErrFormat, length-h.Offset, h.Shape, want)
	}
	return nil
}

func elementSize(descr string) int {
	switch descr {
	case "<f4", "<i4":
		return 4
	case "|u1":
		return 1
	}
	return 0
}

func descrOf[T Element]() string {
	var zero T
	switch any(zero).(type) {
	case float32:
		return "<f4"
	case int32:
		return "<i4"
	}
	return "|u1"
}

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
	sizes := make([]string, len(shape))
	for i, n := range shape {
		sizes[i] = strconv.Itoa(n)
	}
	comma := ""
	if len(shape) == 1 {
		comma = ","
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s%s), }", descrOf[T](), strings.Join(sizes, ", "), comma)
	length := (10+len(text)+1+alignment-1)/alignment*alignment - 10
	header := append([]byte(magic), 1, 0)
	header = binary.LittleEndian.AppendUint16(header, uint16(length))
	header = fmt.Appendf(header, "%-*s\n", length-1, text)
	_, err := w.Write(header)
	return err
}

// Bytes is the memory of values. It is what a file holds, on the little-endian machines that tuned runs on.
func Bytes[T Element](values []T) []byte {
	if len(values) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), len(values)*int(unsafe.Sizeof(values[0])))
}
