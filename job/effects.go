package job

import (
	"context"
	"math"

	"tuned/trainer/metric"
	"tuned/trainer/model"
)

// Effect is what a column does to what the model predicts: the mean over some held-out rows where the column holds one value after
// another, and all else is as it is (Friedman 2001, partial dependence). Where columns go together, some of these rows could not exist.
type Effect struct {
	Column  string    `json:"column"`
	Kind    InputKind `json:"kind"`
	Class   string    `json:"class,omitempty"`   // whose probability it is: of two the rarer, of more the one that the column moves most
	Rows    int       `json:"rows"`              // that are in each mean
	Usual   float64   `json:"usual"`             // their mean where the column is as it is
	Numbers []float64 `json:"numbers,omitempty"` // Quantity, Moment: ascending; of dates the seconds since 1970
	Levels  []string  `json:"levels,omitempty"`  // Choice, Filled: the commonest first; "" is a row that has none
	Shares  []float64 `json:"shares"`            // of the training rows that hold each value, or are nearest to it
	Means   []float64 `json:"means"`             // with each value, in the target's unit, or as a probability
}

// measure asks the model about the chosen columns, and keeps what they do.
func (t *trying) measure(ctx context.Context) (flops int64, err error) {
	var rows []int32
	for _, v := range t.chosen {
		for i := range v.examples {
			for _, at := range t.tried {
				rows = append(rows, int32(v.from+i*len(t.places)+at))
			}
		}
	}
	outputs, flops, err := t.run.answers(ctx, rows)
	if err != nil {
		return flops, err
	}
	for _, v := range t.chosen {
		n := len(v.examples) * len(t.tried) * metric.Width(t.run.model.view.View)
		if e := t.effect(v, outputs[:n]); e.defined() {
			t.run.metrics.Effects = append(t.run.metrics.Effects, e)
		}
		outputs = outputs[n:]
	}
	return flops, nil
}

// effect is what a column does, from what the model says of its blocks.
func (t *trying) effect(v valued, outputs []float32) Effect {
	f := t.run.model.view.preprocess.Features[t.features[v.feature]]
	e := Effect{Column: f.Name, Kind: kindOf(&f), Rows: len(t.tried)}
	for _, x := range v.examples {
		if e.Kind == Quantity || e.Kind == Moment {
			e.Numbers = append(e.Numbers, x.Number)
		} else {
			e.Levels = append(e.Levels, x.Level)
		}
		e.Shares = append(e.Shares, x.Share)
	}
	means := t.means(outputs)
	class := t.telling(means)
	for _, m := range means {
		e.Means = append(e.Means, m[class])
	}
	e.Usual = t.usual()[class]
	if t.run.table.Task == model.Classification {
		e.Class = t.run.table.Classes[class]
	}
	return e
}

// means are those of what is predicted, of each of its outputs, over blocks of the rows that are tried.
func (t *trying) means(outputs []float32) [][]float64 {
	view, n := t.run.model.view.View, len(t.tried)
	width := metric.Width(view)
	all := make([][]float64, len(outputs)/(n*width))
	for i := range all {
		all[i] = make([]float64, width)
		for k, v := range predicted(view, outputs[i*n*width:(i+1)*n*width]) {
			all[i][k%width] += v / float64(n)
		}
	}
	return all
}

// predicted are values in the target's unit, or probabilities as they are.
func predicted(view model.View, outputs []float32) []float64 {
	if view.Task != model.Classification {
		return metric.Values(*view.Target, outputs)
	}
	all := make([]float64, len(outputs))
	for i, p := range outputs {
		all[i] = float64(p)
	}
	return all
}

// usual are the means of the rows that are tried as they are, which the model was asked about when columns were weighed.
func (t *trying) usual() []float64 {
	width := metric.Width(t.run.model.view.View)
	var outputs []float32
	for _, at := range t.tried {
		place := t.places[at]
		outputs = append(outputs, t.block(0)[place*width:(place+1)*width]...)
	}
	return t.means(outputs)[0]
}

// telling is the output that means are shown of: of two classes the rarer one's, of more the one that differs most.
func (t *trying) telling(means [][]float64) int {
	view := t.run.model.view.View
	if view.Task == model.Classification && view.Classes == 2 {
		return view.Positive()
	}
	most, widest := 0, -1.0
	for c := range means[0] {
		low, high := math.Inf(1), math.Inf(-1)
		for _, m := range means {
			low, high = min(low, m[c]), max(high, m[c])
		}
		if high-low > widest {
			most, widest = c, high-low
		}
	}
	return most
}

// defined tells whether all of it are numbers, which a model that went astray does not give.
func (e Effect) defined() bool {
	sum := e.Usual
	for _, m := range e.Means {
		sum += m
	}
	return !math.IsNaN(sum) && !math.IsInf(sum, 0)
}
