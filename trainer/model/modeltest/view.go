package modeltest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tuned/trainer/model"
	"tuned/trainer/npy"
)

// Arrays are the arrays of a view by the names of their files, each a []float32 or an []int32 of v.Rows rows.
type Arrays map[string]any

// WriteView writes a view and its arrays into dir, inputs as matrices and anything else as a vector.
func WriteView(dir string, v model.View, arrays Arrays) error {
	for name, values := range arrays {
		if err := writeArray(filepath.Join(dir, name), shape(v, name), values); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, model.ViewFile), text, 0o600)
}

func shape(v model.View, name string) []int {
	for _, input := range v.Inputs {
		if input.File == name {
			return []int{v.Rows, max(input.Columns, len(input.Cardinalities))}
		}
	}
	return []int{v.Rows}
}

func writeArray(path string, shape []int, values any) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	switch values := values.(type) {
	case []float32:
		err = npy.Write(file, shape, values)
	case []int32:
		err = npy.Write(file, shape, values)
	default:
		err = fmt.Errorf("%T is neither []float32 nor []int32", values)
	}
	return errors.Join(err, file.Close())
}
