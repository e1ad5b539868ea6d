package linear

import (
	"math"
	"slices"

	"tuned/trainer/model"
	"tuned/trainer/nn"
	"tuned/trainer/nn/session"
)

// blockRows is how many rows of the design matrix exist at a time.
const blockRows = 256

// design is the matrix of the training rows: the numeric columns, those that are continuous standardised, and an indicator
// for each category but 0, missing.
type design struct {
	rows       []int32
	data       nn.Data
	numeric    int   // numeric columns
	continuous int   // of them, the first ones
	offsets    []int // for each categorical column: where the indicator of its code 0 would be
	cards      []int
	columns    int
	mean, inv  []float64 // of the continuous columns: mean, and 1/SD (0 for a constant)
}

func newDesign(r session.FitRequest) *design {
	d := &design{rows: r.Rows, data: r.Data}
	for _, in := range r.View.Inputs {
		switch in.Kind {
		case model.Numeric:
			d.numeric, d.continuous = in.Columns, in.Continuous
		case model.Categorical:
			d.cards = in.Cardinalities
		}
	}
	d.columns = d.numeric
	for _, n := range d.cards {
		d.offsets = append(d.offsets, d.columns-1)
		d.columns += n - 1
	}
	d.standardise()
	return d
}

// standardise measures the continuous columns in two passes.
func (d *design) standardise() {
	d.mean, d.inv = make([]float64, d.continuous), make([]float64, d.continuous)
	n := float64(len(d.rows))
	for _, r := range d.rows {
		for j := range d.mean {
			d.mean[j] += float64(d.data.Numeric[int(r)*d.numeric+j]) / n
		}
	}
	for _, r := range d.rows {
		for j, m := range d.mean {
			x := float64(d.data.Numeric[int(r)*d.numeric+j]) - m
			d.inv[j] += x * x / n
		}
	}
	for j, variance := range d.inv {
		d.inv[j] = 0
		if variance > 1e-12 {
			d.inv[j] = 1 / math.Sqrt(variance)
		}
	}
}

// sparse are the entries of a row of the matrix that are not zero, in ascending order: of categories, most are.
type sparse struct {
	at []int
	x  []float64
}

func (s *sparse) push(at int, x float64) {
	if x != 0 {
		s.at, s.x = append(s.at, at), append(s.x, x)
	}
}

// read fills s with a row.
func (d *design) read(s *sparse, row int32) {
	s.at, s.x = s.at[:0], s.x[:0]
	numbers := d.data.Numeric[int(row)*d.numeric : (int(row)+1)*d.numeric]
	for j, m := range d.mean {
		s.push(j, (float64(numbers[j])-m)*d.inv[j])
	}
	for j := d.continuous; j < d.numeric; j++ {
		s.push(j, float64(numbers[j]))
	}
	for j, offset := range d.offsets {
		if code := int(d.data.Codes[int(row)*len(d.offsets)+j]); code > 0 {
			s.push(offset+code, 1)
		}
	}
}

// block fills x, row-major, with rows from … of the matrix and returns how many there are.
func (d *design) block(from int, x []float64) int {
	rows, s := d.rows[from:min(from+blockRows, len(d.rows))], sparse{}
	clear(x[:len(rows)*d.columns])
	for i, r := range rows {
		d.read(&s, r)
		for e, j := range s.at {
			x[i*d.columns+j] = s.x[e]
		}
	}
	return len(rows)
}

// store writes a solution into the network's parameters: a table for each categorical column, then the layer's weights,
// whose rows for the tables sum them, and its biases. What was standardised is undone.
func (d *design) store(s solution, parameters []nn.Tensor) {
	for j := range d.cards {
		d.storeTable(s, j, parameters[j].Data)
	}
	d.storeLayer(s, parameters[len(d.cards)].Data, parameters[len(d.cards)+1].Data)
}

// storeTable writes what each code of a categorical column adds; the code 0, which is missing, adds nothing.
func (d *design) storeTable(s solution, j int, table []float32) {
	k := s.outputs
	clear(table)
	for i := k; i < d.cards[j]*k; i++ {
		table[i] = float32(s.weights[d.offsets[j]*k+i])
	}
}

func (d *design) storeLayer(s solution, weight, bias []float32) {
	k, intercept := s.outputs, slices.Clone(s.bias)
	clear(weight)
	for j := range d.numeric {
		for o := range k {
			w := s.weights[j*k+o]
			if j < d.continuous {
				w *= d.inv[j]
				intercept[o] -= w * d.mean[j]
			}
			weight[j*k+o] = float32(w)
		}
	}
	for j := range d.cards {
		for o := range k {
			weight[(d.numeric+j*k+o)*k+o] = 1
		}
	}
	for o, b := range intercept {
		bias[o] = float32(b)
	}
}
