package job

import (
	"fmt"

	"tuned/trainer/metric"
)

// slice scores the parts of the holdout that the job asks for.
func (r *run) slice(outputs []float32, truth metric.Truth) error {
	for _, column := range r.job.Data.Slices {
		codes, names, err := r.table.Slice(column)
		if err != nil {
			return fmt.Errorf("slices of %s: %w", column, err)
		}
		parts, err := r.scoreParts(codes, names, outputs, truth)
		if err != nil {
			return fmt.Errorf("slices of %s: %w", column, err)
		}
		r.tell(Sliced{Column: column, Slices: parts})
	}
	return nil
}

// scoreParts scores the holdout's rows of each code; a part without rows is left out.
func (r *run) scoreParts(codes []int32, names []string, outputs []float32, truth metric.Truth) ([]Slice, error) {
	width := metric.Width(r.model.view.View)
	var out []Slice
	for code, name := range names {
		var rows []int32
		var part []float32
		for i, row := range r.table.Holdout {
			if int(codes[row]) == code {
				rows, part = append(rows, int32(i)), append(part, outputs[i*width:(i+1)*width]...)
			}
		}
		if len(rows) == 0 {
			continue
		}
		m, err := metric.Evaluate(r.model.view.View, part, truth.Rows(rows))
		if err != nil {
			return nil, err
		}
		out = append(out, Slice{Name: name, N: len(rows), Metrics: m})
	}
	return out, nil
}
