package metric

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"github.com/sbinet/npyio"

	"tuned/trainer/model"
)

// ReadArray reads a .npy file of exactly n elements, whatever its shape. The file may come from another process: nothing
// in it is believed before it is checked.
func ReadArray[T float32 | int32](path string, n int) (values []T, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read array: %w", err)
	}
	defer file.Close()
	defer func() { // the header's parser indexes into what it expects
		if r := recover(); r != nil {
			values, err = nil, fmt.Errorf("%s: %w: malformed header", path, model.ErrCorrupt)
		}
	}()
	r := bufio.NewReaderSize(file, 1<<16)
	header, err := npyio.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", path, model.ErrCorrupt, err)
	}
	if values, err = decode[T](r, header.Header, n); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return values, nil
}

// decode reads what follows the header: n elements and nothing else.
func decode[T float32 | int32](r io.Reader, h npyio.Header, n int) ([]T, error) {
	values, elements := make([]T, n), 1
	for _, d := range h.Descr.Shape {
		elements *= d
	}
	kind := map[bool]string{true: "<f4", false: "<i4"}[isFloat(values)]
	if elements != n || h.Descr.Fortran || h.Descr.Type != kind {
		return nil, fmt.Errorf("%w: %s %v where %d elements of %s are expected", model.ErrCorrupt, h.Descr.Type, h.Descr.Shape, n, kind)
	}
	if err := binary.Read(r, binary.LittleEndian, values); err != nil {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	if _, err := r.Read(make([]byte, 1)); err != io.EOF {
		return nil, fmt.Errorf("%w: bytes behind the last element", model.ErrCorrupt)
	}
	return values, nil
}

func isFloat[T float32 | int32](values []T) bool {
	_, ok := any(values).([]float32)
	return ok
}
