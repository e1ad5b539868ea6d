package probe

import (
	"fmt"
	"math"
	"path/filepath"

	"tuned/trainer/model"
	"tuned/trainer/nn"
	"tuned/trainer/npy"
)

// widest is how many columns a linear model's design may have; categories beyond are left out, column by column.
const widest = 4096

// design is a sample of rows as a linear model sees them: numbers as they are, a column for each category.
type design struct {
	rows  []int32
	width int
	parts []part
}

// part is one input column, or several numbers.
type part struct {
	from    int // first column of the design
	columns int
	stride  int // columns of the array
	offset  int // first of them that is read
	numbers []float32
	codes   []int32
}

// design reads the view's arrays, codes of categories only as long as it stays within limit columns, and leaves it to the caller to choose rows.
func (e Env) design(limit int) (design, error) {
	var d design
	for _, in := range e.View.Inputs {
		if err := d.add(in, e.ViewDir, e.View.Rows, limit); err != nil {
			return d, err
		}
	}
	return d, nil
}

func (d *design) add(in model.Input, dir string, rows, limit int) error {
	path := filepath.Join(dir, in.File)
	switch in.Kind {
	case model.Numeric:
		numbers, err := npy.Read[float32](path, rows*in.Columns)
		if err != nil {
			return err
		}
		d.push(part{columns: in.Columns, stride: in.Columns, numbers: numbers})
	case model.Categorical:
		codes, err := npy.Read[int32](path, rows*in.Columns)
		if err != nil {
			return err
		}
		for c, n := range in.Cardinalities {
			if d.width+n-1 <= limit {
				d.push(part{columns: n - 1, stride: in.Columns, offset: c, codes: codes})
			}
		}
	}
	return nil
}

func (d *design) push(p part) {
	p.from = d.width
	d.width += p.columns
	d.parts = append(d.parts, p)
}

// fill writes a row of the view into a row of the design. Code 0, missing, has no column.
func (d design) fill(row int32, x []float64) {
	for _, p := range d.parts {
		base := int(row)*p.stride + p.offset
		if p.codes != nil {
			if code := int(p.codes[base]); code > 0 && code <= p.columns {
				x[p.from+code-1] = 1
			}
			continue
		}
		for c, v := range p.numbers[base : base+p.columns] {
			if !math.IsNaN(float64(v)) {
				x[p.from+c] = float64(v)
			}
		}
	}
}

// targets are the standardised values, or 0 and 1 for each class.
func (e Env) targets(rows []int32) ([][]float64, error) {
	path := filepath.Join(e.ViewDir, e.View.Target.File)
	if e.View.Task == model.Regression {
		values, err := npy.Read[float32](path, e.View.Rows)
		if err != nil {
			return nil, err
		}
		y := make([]float64, len(rows))
		for i, r := range rows {
			y[i] = float64(values[r])
		}
		return [][]float64{y}, nil
	}
	labels, err := npy.Read[int32](path, e.View.Rows)
	if err != nil {
		return nil, err
	}
	return indicators(labels, rows, e.View.Classes)
}

func indicators(labels, rows []int32, classes int) ([][]float64, error) {
	y := make([][]float64, classes)
	for c := range y {
		y[c] = make([]float64, len(rows))
	}
	for i, r := range rows {
		l := labels[r]
		if l < 0 || int(l) >= classes {
			return nil, fmt.Errorf("%w: row %d has class %d of %d", model.ErrCorrupt, r, l, classes)
		}
		y[l][i] = 1
	}
	return y, nil
}

// rows gathers rows of the view's arrays, in their order.
func (e Env) rows(rows []int32) (d nn.Data, err error) {
	d.Rows = len(rows)
	for _, in := range e.View.Inputs {
		path := filepath.Join(e.ViewDir, in.File)
		switch in.Kind {
		case model.Numeric:
			d.Numeric, err = npy.ReadRows[float32](path, e.View.Rows, in.Columns, rows)
		case model.Categorical:
			d.Codes, err = npy.ReadRows[int32](path, e.View.Rows, in.Columns, rows)
		}
		if err != nil {
			return d, err
		}
	}
	path := filepath.Join(e.ViewDir, e.View.Target.File)
	if e.View.Task == model.Regression {
		d.Values, err = npy.ReadRows[float32](path, e.View.Rows, 1, rows)
	} else {
		d.Labels, err = npy.ReadRows[int32](path, e.View.Rows, 1, rows)
	}
	return d, err
}
