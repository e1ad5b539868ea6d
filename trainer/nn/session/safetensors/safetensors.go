// Package safetensors reads and writes float32 tensors in the safetensors format, strictly: what it writes any reader
// of the format opens, and what it reads must be free of gaps, overlaps, duplicates and trailing bytes.
//
// Format: https://huggingface.co/docs/safetensors
package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"unsafe"
)

// ErrFormat is wrapped by every error about a file's content.
var ErrFormat = errors.New("not a usable safetensors file")

// Tensor is a named array, row-major.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32
}

// File is what a file holds: its tensors in the order of their data, and free text by key.
type File struct {
	Tensors  []Tensor
	Metadata map[string]string
}

const (
	dtype       = "F32"
	metadataKey = "__metadata__"
	alignment   = 64        // of the data behind the header
	maxHeader   = 100 << 20 // the format's own bound
)

// entry is a tensor's description in the header.
type entry struct {
	DType   string  `json:"dtype"`
	Shape   []int   `json:"shape"`
	Offsets []int64 `json:"data_offsets"` // begin and end
}

// Write writes a file. The same content gives the same bytes.
func Write(w io.Writer, f File) error {
	header, err := encodeHeader(f)
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	for _, t := range f.Tensors {
		if _, err := w.Write(floatBytes(t.Data)); err != nil {
			return err
		}
	}
	return nil
}

// encodeHeader is the length and the JSON, padded with spaces so that the data is aligned.
func encodeHeader(f File) ([]byte, error) {
	var text bytes.Buffer
	text.WriteByte('{')
	if len(f.Metadata) > 0 {
		if err := appendField(&text, metadataKey, f.Metadata); err != nil {
			return nil, err
		}
	}
	seen := map[string]bool{metadataKey: true}
	begin := int64(0)
	for _, t := range f.Tensors {
		if seen[t.Name] || count(t.Shape) != int64(len(t.Data)) {
			return nil, fmt.Errorf("write tensor %q: a repeated name, or shape %v with %d values", t.Name, t.Shape, len(t.Data))
		}
		seen[t.Name] = true
		end := begin + 4*int64(len(t.Data))
		if err := appendField(&text, t.Name, entry{dtype, slices.Concat([]int{}, t.Shape), []int64{begin, end}}); err != nil {
			return nil, err
		}
		begin = end
	}
	text.WriteByte('}')
	for (8+text.Len())%alignment != 0 {
		text.WriteByte(' ')
	}
	return append(binary.LittleEndian.AppendUint64(nil, uint64(text.Len())), text.Bytes()...), nil
}

func appendField(text *bytes.Buffer, name string, value any) error {
	if text.Len() > 1 {
		text.WriteByte(',')
	}
	key, err := json.Marshal(name)
	if err != nil {
		return err
	}
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	text.Write(key)
	text.WriteByte(':')
	text.Write(body)
	return nil
}

// count is the number of values of a shape, or -1 when it is none.
func count(shape []int) int64 {
	n := int64(1)
	for _, d := range shape {
		if d < 0 || (d > 0 && n > math.MaxInt64/8/int64(d)) {
			return -1
		}
		n *= int64(d)
	}
	return n
}

func floatBytes(values []float32) []byte {
	if len(values) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), 4*len(values))
}
