// Package npy maps arrays in NumPy's file format into memory, and writes them.
//
// It reads what raw columns and views hold and no more: little-endian float32, int32, uint8 and seconds since 1970 in C
// order, format versions 1 and 2. Everything in a header is checked against the file's length before any of it is
// believed. It serves little-endian machines (amd64, arm64), where an array's bytes in the file are those in memory.
//
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
package npy

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"tuned/trainer/model"
)

// ErrFormat is wrapped by every error about a file's content. It is a model.ErrCorrupt.
var ErrFormat = fmt.Errorf("not a usable .npy file: %w", model.ErrCorrupt)

// Types of elements as NumPy writes them.
const (
	Float32 = "<f4"
	Int32   = "<i4"
	Uint8   = "|u1"
	Seconds = "<M8[s]" // datetime64[s]: int64 seconds since 1970 in UTC; the smallest int64 is not-a-time
)

// sizes are the bytes of an element.
var sizes = map[string]int{Float32: 4, Int32: 4, Uint8: 1, Seconds: 8}

// Element is a type of array element that can be mapped; int64 are Seconds.
type Element interface {
	float32 | int32 | uint8 | int64
}

// Header describes an array.
type Header struct {
	Type   string // Float32, Int32, Uint8 or Seconds
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

// parseHeader reads the header at the start of a file's bytes. The array that it describes fills the file exactly.
func parseHeader(file []byte) (Header, error) {
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
	size := sizes[h.Type]
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

func descrOf[T Element]() string {
	var zero T
	switch any(zero).(type) {
	case float32:
		return Float32
	case int32:
		return Int32
	case int64:
		return Seconds
	}
	return Uint8
}
