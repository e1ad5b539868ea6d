package metric

import (
	"bufio"
	"fmt"
	"os"

	"github.com/sbinet/npyio"

	"tuned/trainer/model"
)

// ReadArray reads a .npy file of exactly n elements, whatever its shape.
func ReadArray[T float32 | int32](path string, n int) (values []T, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read array: %w", err)
	}
	defer file.Close()
	// The file may come from another process, and the reader indexes into a malformed header without looking.
	defer func() {
		if r := recover(); r != nil {
			values, err = nil, fmt.Errorf("%s: %w: malformed .npy header", path, model.ErrCorrupt)
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read array: %w", err)
	}
	if info.Size() < int64(n)*4 || info.Size() > int64(n)*4+1<<16 {
		return nil, fmt.Errorf("%s: %w: %d bytes for %d elements", path, model.ErrCorrupt, info.Size(), n)
	}
	return decode[T](bufio.NewReaderSize(file, 1<<16), path, n)
}

func decode[T float32 | int32](r *bufio.Reader, path string, n int) ([]T, error) {
	reader, err := npyio.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", path, model.ErrCorrupt, err)
	}
	elements := 1
	for _, d := range reader.Header.Descr.Shape {
		elements *= d
	}
	if elements != n || reader.Header.Descr.Fortran {
		return nil, fmt.Errorf("%s: %w: shape %v where %d elements are expected", path, model.ErrCorrupt, reader.Header.Descr.Shape, n)
	}
	values := make([]T, n)
	if err := reader.Read(&values); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", path, model.ErrCorrupt, err)
	}
	return values, nil
}
