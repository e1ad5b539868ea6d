package probe

import (
	"bufio"
	"fmt"
	"os"

	"github.com/sbinet/npyio"

	"tuned/trainer/model"
)

// readArray reads a .npy file of exactly n elements.
func readArray[T float32 | int32](path string, n int) ([]T, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read array: %w", err)
	}
	defer file.Close()
	reader, err := npyio.NewReader(bufio.NewReaderSize(file, 1<<16))
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
