package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"tuned/trainer/model"
	"tuned/trainer/nn"
	"tuned/trainer/npy"
)

// View is a view with its arrays mapped into memory.
type View struct {
	model.View
	dir   string
	data  nn.Data
	files []io.Closer
	bytes int64
}

// OpenView maps the view in a directory and checks what a program relies on: that arrays have the shapes that view.json
// says, and that codes and labels are within their ranges.
func OpenView(dir string) (*View, error) {
	text, err := os.ReadFile(filepath.Join(dir, model.ViewFile))
	if err != nil {
		return nil, invalid("open view: %w", err)
	}
	v := &View{dir: dir}
	if err := json.Unmarshal(text, &v.View); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", model.ErrCorrupt, model.ViewFile, err)
	}
	v.data.Rows = v.Rows
	if err := v.mapArrays(); err != nil {
		return nil, closeAfter(v, fmt.Errorf("open view: %w", err))
	}
	return v, nil
}

func (v *View) mapArrays() error {
	if v.Rows < 0 || (v.Task != model.Classification && v.Task != model.Regression) {
		return fmt.Errorf("%w: %d rows for task %q", model.ErrCorrupt, v.Rows, v.Task)
	}
	if v.Task == model.Classification && v.Classes < 2 {
		return fmt.Errorf("%w: classification with %d classes", model.ErrCorrupt, v.Classes)
	}
	seen := map[model.Kind]bool{}
	for _, in := range v.Inputs {
		if seen[in.Kind] {
			return fmt.Errorf("%w: two inputs are %s", model.ErrInvalid, in.Kind)
		}
		seen[in.Kind] = true
		if err := v.mapInput(in); err != nil {
			return fmt.Errorf("input %s: %w", in.File, err)
		}
	}
	return v.mapTarget()
}

func (v *View) mapInput(in model.Input) (err error) {
	switch in.Kind {
	case model.Numeric:
		if in.Continuous < 0 || in.Continuous > in.Columns {
			return fmt.Errorf("%w: %d of %d columns are continuous", model.ErrCorrupt, in.Continuous, in.Columns)
		}
		v.data.Numeric, err = mapArray[float32](v, in.File, v.Rows, in.Columns)
	case model.Categorical:
		if v.data.Codes, err = mapArray[int32](v, in.File, v.Rows, len(in.Cardinalities)); err == nil {
			err = checkCodes(v.data.Codes, in.Cardinalities)
		}
	case model.Image:
		v.data.Pixels, err = mapArray[uint8](v, in.File, v.Rows, in.Height, in.Width, in.Channels)
	default:
		err = fmt.Errorf("%w: an input of kind %q", model.ErrInvalid, in.Kind)
	}
	return err
}

func (v *View) mapTarget() (err error) {
	if v.Target == nil {
		return nil
	}
	if v.Task == model.Regression {
		v.data.Values, err = mapArray[float32](v, v.Target.File, v.Rows)
		return err
	}
	if v.data.Labels, err = mapArray[int32](v, v.Target.File, v.Rows); err != nil {
		return err
	}
	if err := checkCodes(v.data.Labels, []int{v.Classes}); err != nil {
		return fmt.Errorf("target %s: %w", v.Target.File, err)
	}
	return nil
}

// mapArray maps a file of the view whose shape must be as given.
func mapArray[T npy.Element](v *View, file string, shape ...int) ([]T, error) {
	if !filepath.IsLocal(file) {
		return nil, fmt.Errorf("%w: %q leaves the view's directory", model.ErrInvalid, file)
	}
	a, err := npy.Map[T](filepath.Join(v.dir, file))
	if errors.Is(err, npy.ErrFormat) {
		return nil, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	if err != nil {
		return nil, invalid("%w", err)
	}
	v.files = append(v.files, a)
	v.bytes += a.Bytes()
	if !slices.Equal(a.Shape, shape) {
		return nil, fmt.Errorf("%w: shape %v where %v is expected", model.ErrCorrupt, a.Shape, shape)
	}
	return a.Values, nil
}

// checkCodes checks row-major codes against the number of codes of each column.
func checkCodes(codes []int32, cardinalities []int) error {
	k := len(cardinalities)
	for i, c := range codes {
		if c < 0 || int(c) >= cardinalities[i%k] {
			return fmt.Errorf("%w: code %d in row %d, column %d, of %d", model.ErrCorrupt, c, i/k, i%k, cardinalities[i%k])
		}
	}
	return nil
}

// checkRows checks that rows are the view's.
func (v *View) checkRows(rows []int32) error {
	for _, r := range rows {
		if r < 0 || int(r) >= v.Rows {
			return invalid("row %d of a view of %d rows", r, v.Rows)
		}
	}
	return nil
}

// Close unmaps the arrays. Calling it again does nothing.
func (v *View) Close() error {
	var errs []error
	for _, f := range v.files {
		errs = append(errs, f.Close())
	}
	v.files, v.data = nil, nn.Data{}
	return errors.Join(errs...)
}
