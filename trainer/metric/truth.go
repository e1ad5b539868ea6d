package metric

import (
	"fmt"
	"path/filepath"

	"tuned/trainer/model"
	"tuned/trainer/npy"
)

// Truth is the target of some rows: Labels for classes, standardised Values for regression.
type Truth struct {
	Labels []int32
	Values []float32
}

// Len is the number of rows.
func (t Truth) Len() int { return max(len(t.Labels), len(t.Values)) }

// Rows returns the target of these rows, in their order.
func (t Truth) Rows(rows []int32) Truth {
	return Truth{Labels: gather(t.Labels, rows), Values: gather(t.Values, rows)}
}

func gather[T any](all []T, rows []int32) []T {
	if all == nil {
		return nil
	}
	some := make([]T, len(rows))
	for i, r := range rows {
		some[i] = all[r]
	}
	return some
}

// ReadTruth reads the target of every row of the view that lies in dir.
func ReadTruth(view model.View, dir string) (Truth, error) {
	if view.Target == nil {
		return Truth{}, fmt.Errorf("read target: the view has none")
	}
	path := filepath.Join(dir, view.Target.File)
	if view.Task != model.Classification {
		values, err := npy.Read[float32](path, view.Rows)
		return Truth{Values: values}, err
	}
	labels, err := npy.Read[int32](path, view.Rows)
	if err != nil {
		return Truth{}, err
	}
	for i, l := range labels {
		if l < 0 || int(l) >= view.Classes {
			return Truth{}, fmt.Errorf("%s: %w: row %d has class %d of %d", path, model.ErrCorrupt, i, l, view.Classes)
		}
	}
	return Truth{Labels: labels}, nil
}

// Values turns standardised outputs into predictions in the target's own unit, clamped to the range of the training rows.
func Values(t model.Target, outputs []float32) []float64 {
	values := Originals(t, outputs)
	if t.Min == t.Max { // no range declared, or a constant target
		return values
	}
	for i, v := range values {
		values[i] = min(max(v, t.Min), t.Max)
	}
	return values
}

// Originals turns standardised values back into the target's own unit.
func Originals(t model.Target, standardised []float32) []float64 {
	values := make([]float64, len(standardised))
	for i, z := range standardised {
		values[i] = t.Mean + t.Std*float64(z)
	}
	return values
}
