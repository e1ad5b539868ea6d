package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"unsafe"
)

// Parse reads a file from its bytes. The tensors' data are views onto them, which must be aligned to four bytes.
func Parse(file []byte) (File, error) {
	header, data, err := split(file)
	if err != nil {
		return File{}, err
	}
	entries, metadata, err := decodeHeader(header)
	if err != nil {
		return File{}, err
	}
	tensors, err := slice(entries, data)
	return File{Tensors: tensors, Metadata: metadata}, err
}

// split separates the header's JSON from the data.
func split(file []byte) (header, data []byte, err error) {
	if len(file) < 8 {
		return nil, nil, fmt.Errorf("%w: %d bytes", ErrFormat, len(file))
	}
	n := binary.LittleEndian.Uint64(file)
	if n > maxHeader || n > uint64(len(file)-8) {
		return nil, nil, fmt.Errorf("%w: a header of %d bytes in a file of %d", ErrFormat, n, len(file))
	}
	return file[8 : 8+n], file[8+n:], nil
}

// named is an entry with its name.
type named struct {
	name string
	entry
}

// decodeHeader reads the entries in the order of their data.
func decodeHeader(header []byte) (entries []named, metadata map[string]string, err error) {
	d := json.NewDecoder(bytes.NewReader(header))
	d.DisallowUnknownFields()
	if t, err := d.Token(); err != nil || t != json.Delim('{') || header[0] != '{' {
		return nil, nil, fmt.Errorf("%w: the header is no JSON object", ErrFormat)
	}
	seen := map[string]bool{}
	for d.More() {
		e, err := decodeEntry(d, &metadata)
		if err != nil {
			return nil, nil, err
		}
		if seen[e.name] {
			return nil, nil, fmt.Errorf("%w: entry %q: repeated", ErrFormat, e.name)
		}
		seen[e.name] = true
		if e.name != metadataKey {
			entries = append(entries, e)
		}
	}
	if err := ended(d); err != nil {
		return nil, nil, err
	}
	slices.SortStableFunc(entries, func(a, b named) int {
		return cmp.Or(cmp.Compare(a.Offsets[0], b.Offsets[0]), cmp.Compare(a.Offsets[1], b.Offsets[1]))
	})
	return entries, metadata, nil
}

// decodeEntry reads the next entry, or the metadata.
func decodeEntry(d *json.Decoder, metadata *map[string]string) (e named, err error) {
	key, err := d.Token()
	if err != nil {
		return e, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	e.name = key.(string) // inside an object, the decoder only yields strings here
	var target any = &e.entry
	if e.name == metadataKey {
		target = metadata
	}
	if err := d.Decode(target); err != nil {
		return e, fmt.Errorf("%w: entry %q: %w", ErrFormat, e.name, err)
	}
	if e.name != metadataKey && len(e.Offsets) != 2 {
		return e, fmt.Errorf("%w: entry %q: without a begin and an end", ErrFormat, e.name)
	}
	return e, nil
}

// ended checks that the object closes and nothing but white space follows.
func ended(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("%w: text behind the header", ErrFormat)
	}
	return nil
}

// slice cuts the data into tensors, which must cover it without gap or overlap.
func slice(entries []named, data []byte) ([]Tensor, error) {
	tensors := make([]Tensor, 0, len(entries))
	at := int64(0)
	for _, e := range entries {
		n := count(e.Shape)
		if e.DType != dtype || n < 0 || e.Offsets[0] != at || e.Offsets[1]-at != 4*n || e.Offsets[1] > int64(len(data)) {
			return nil, fmt.Errorf("%w: tensor %q: %s %v at bytes %v of %d", ErrFormat, e.name, e.DType, e.Shape, e.Offsets, len(data))
		}
		values, err := floats(data[at:e.Offsets[1]])
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", e.name, err)
		}
		tensors = append(tensors, Tensor{Name: e.name, Shape: e.Shape, Data: values})
		at = e.Offsets[1]
	}
	if at != int64(len(data)) {
		return nil, fmt.Errorf("%w: %d bytes behind the last tensor", ErrFormat, int64(len(data))-at)
	}
	return tensors, nil
}

func floats(b []byte) ([]float32, error) {
	if len(b) == 0 {
		return []float32{}, nil
	}
	p := unsafe.Pointer(unsafe.SliceData(b))
	if uintptr(p)%4 != 0 {
		return nil, fmt.Errorf("%w: data is not aligned", ErrFormat)
	}
	return unsafe.Slice((*float32)(p), len(b)/4), nil
}
