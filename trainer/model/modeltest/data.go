package modeltest

import (
	"math"

	"tuned/trainer/model"
)

// Data is a data set in memory: Labels for classes, standardised Values for regression.
type Data struct {
	Columns int
	Classes int
	X       []float32 // rows × Columns
	Labels  []int32
	Values  []float32
}

// Blobs are rows of two overlapping clouds in four columns, one of which tells nothing.
func Blobs(rows int) Data {
	d := Data{Columns: 4, Classes: 2}
	for i := range rows {
		label := int32(i % 2)
		d.Labels = append(d.Labels, label)
		for c := range 4 {
			shift := []float64{1, -0.5, 0.25, 0}[c] * float64(2*label-1)
			d.X = append(d.X, float32(shift+gauss(7, int64(i*4+c))))
		}
	}
	return d
}

// Plane are rows of a linear function of three columns with noise of a tenth of its spread.
func Plane(rows int) Data {
	d := Data{Columns: 3}
	for i := range rows {
		y := 0.1 * gauss(11, int64(i))
		for c := range 3 {
			x := gauss(13, int64(i*3+c))
			d.X = append(d.X, float32(x))
			y += []float64{0.8, -0.5, 0.3}[c] * x
		}
		d.Values = append(d.Values, float32(y))
	}
	return d
}

// gauss has zero mean and unit variance: a sum of twelve uniform numbers.
func gauss(seed, i int64) float64 {
	sum := 0.0
	for k := range int64(12) {
		sum += noise(seed, i*12+k) / 2
	}
	return sum
}

// Rows is the number of rows.
func (d Data) Rows() int { return len(d.X) / d.Columns }

func (d Data) outputs() int { return max(d.Classes, 1) }

func (d Data) loss(row int, out []float64, smoothing float64) float64 {
	if d.Labels == nil {
		e := out[0] - float64(d.Values[row])
		return e * e
	}
	sum := 0.0
	for c, p := range out {
		sum -= d.aim(row, c, smoothing) * math.Log(max(p, 1e-300))
	}
	return sum
}

// aim is the probability that a row's loss asks for.
func (d Data) aim(row, class int, smoothing float64) float64 {
	if int(d.Labels[row]) == class {
		return 1 - smoothing + smoothing/float64(d.Classes)
	}
	return smoothing / float64(d.Classes)
}

func (d Data) delta(row int, out []float64, smoothing float64) []float64 {
	if d.Labels == nil {
		return []float64{2 * (out[0] - float64(d.Values[row]))}
	}
	deltas := make([]float64, len(out))
	for c, p := range out {
		deltas[c] = p - d.aim(row, c, smoothing)
	}
	return deltas
}

// WriteView writes the data into dir as a view.
func (d Data) WriteView(dir string) (model.View, error) {
	v := model.View{
		Rows: d.Rows(), Task: model.Regression, Classes: d.Classes, Target: &model.Target{File: "target.npy", Std: 1, Min: -10, Max: 10},
		Inputs: []model.Input{{Kind: model.Numeric, File: "numeric.npy", Columns: d.Columns, Continuous: d.Columns}},
	}
	var target any = d.Values
	if d.Labels != nil {
		v.Task, v.Target, target = model.Classification, &model.Target{File: "target.npy", Priors: d.priors()}, d.Labels
	}
	return v, WriteView(dir, v, Arrays{"target.npy": target, "numeric.npy": d.X})
}

func (d Data) priors() []float64 {
	priors := make([]float64, d.Classes)
	for _, l := range d.Labels {
		priors[l] += 1 / float64(len(d.Labels))
	}
	return priors
}
