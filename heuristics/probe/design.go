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
	rows  []int32 // of what was read
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

// designOf lays out all rows that were read of some inputs; none of no data, for its width.
func designOf(inputs []model.Input, data nn.Data) design {
	d := design{rows: firstRows(data.Rows)}
	for _, in := range inputs {
		switch in.Kind {
		case model.Numeric:
			d.push(part{columns: in.Columns, stride: in.Columns, numbers: data.Numeric})
		case model.Categorical:
			d.pushCodes(in, data.Codes)
		}
	}
	return d
}

func (d *design) pushCodes(in model.Input, codes []int32) {
	for c, n := range in.Cardinalities {
		if d.width+n-1 <= widest {
			d.push(part{columns: n - 1, stride: in.Columns, offset: c, codes: codes})
		}
	}
}

func (d *design) push(p part) {
	p.from = d.width
	d.width += p.columns
	d.parts = append(d.parts, p)
}

// fill writes a row into a row of the design. Code 0, missing, has no column.
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

// firstRows are so many rows, from 0.
func firstRows(n int) []int32 {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

// targetsOf are the standardised values that were read, or 0 and 1 for each class.
func targetsOf(v model.View, data nn.Data) ([][]float64, error) {
	if v.Task == model.Classification {
		return indicators(data.Labels, v.Classes)
	}
	y := make([]float64, len(data.Values))
	for i, value := range data.Values {
		y[i] = float64(value)
	}
	return [][]float64{y}, nil
}

func indicators(labels []int32, classes int) ([][]float64, error) {
	y := make([][]float64, classes)
	for c := range y {
		y[c] = make([]float64, len(labels))
	}
	for i, l := range labels {
		if l < 0 || int(l) >= classes {
			return nil, fmt.Errorf("%w: a row has class %d of %d", model.ErrCorrupt, l, classes)
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
