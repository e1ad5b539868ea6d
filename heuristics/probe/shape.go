package probe

import (
	"context"

	"tuned/heuristics"
	"tuned/trainer/model"
	"tuned/trainer/nn"
)

// The shape probe's rows: those that are learned from, a part of all, and those that judge. A surface learns from no more than
// shapeSmooth, since its cost grows with the third power.
const (
	shapePart   = 8
	shapeLeast  = 512
	shapeSmooth = 2048
	shapeMost   = 16_384
	shapeJudges = 2048
)

// shape learns the target from some rows in two ways, by boosted trees and by the smooth surface of a kernel ridge regression
// (Saunders et al. 1998), and compares what each explains of others: the share of the squares about the mean, of the value or of
// the classes' probabilities. Trees are ahead where the target changes in steps, where some columns do not matter, or only
// together; a surface is where it changes gradually, and so are networks.
//
// Where a part of the rows is more than a surface can learn from, trees learn from all of that part as well: after how many rounds
// they begin to learn noise depends on it.
func shape(ctx context.Context, e Env, _ settings) (Report, error) {
	part := min(max(len(e.Train)/shapePart, shapeLeast), shapeMost)
	t, err := e.contest(min(part, shapeSmooth))
	if err != nil {
		return Report{}, err
	}
	steps, rounds, spent, err := t.trees(ctx, e)
	if err != nil {
		return Report{}, err
	}
	smooth, flops, err := t.surface(ctx)
	if err != nil {
		return Report{}, err
	}
	if part > shapeSmooth {
		var more int64
		if rounds, more, err = e.rounds(ctx, part); err != nil {
			return Report{}, err
		}
		flops += more
	}
	return Report{
		Facts: heuristics.Facts{"shape.trees": steps, "shape.smooth": smooth, "shape.rounds": int64(rounds)}, FLOPs: spent + flops,
	}, nil
}

// rounds is after how many of them trees that learn from so many rows explain most.
func (e Env) rounds(ctx context.Context, learners int) (rounds int, flops int64, err error) {
	t, err := e.contest(learners)
	if err != nil {
		return 0, 0, err
	}
	_, rounds, flops, err = t.trees(ctx, e)
	return rounds, flops, err
}

// contest is what two models learn from and are judged by.
type contest struct {
	view    model.View
	data    nn.Data // of the learners' rows, then the judges'
	n       int     // learners
	design  design
	targets [][]float64 // of all its rows: as a model predicts them, one for each class or the value
	spread  float64     // sum of the judges' squares about the learners' mean
}

// contest draws the rows. Columns of codes, for their many categories, are left out where there are others: the surface cannot
// read them, and would seem to be behind.
func (e Env) contest(learners int) (*contest, error) {
	if numbers := numeric(e.View.Inputs); len(numbers) > 0 {
		e.View.Inputs = numbers
	}
	rows := sample(e.Train, learners+shapeJudges, e.Seed, streamRows)
	t := &contest{view: e.View, n: min(learners, len(rows)/2)}
	t.view.Rows = len(rows)
	var err error
	if t.data, err = e.rows(rows); err != nil {
		return nil, err
	}
	if err := t.aim(); err != nil {
		return nil, err
	}
	t.design.rows = t.all()
	for _, in := range t.view.Inputs {
		if in.Kind == model.Numeric {
			t.design.push(part{columns: in.Columns, stride: in.Columns, numbers: t.data.Numeric})
		}
	}
	return t, nil
}

// numeric are the inputs of numbers.
func numeric(inputs []model.Input) (numbers []model.Input) {
	for _, in := range inputs {
		if in.Kind == model.Numeric {
			numbers = append(numbers, in)
		}
	}
	return numbers
}

// aim says what is to be predicted, and what a model that knows nothing leaves of it.
func (t *contest) aim() (err error) {
	t.targets = [][]float64{make([]float64, len(t.data.Values))}
	for i, v := range t.data.Values {
		t.targets[0][i] = float64(v)
	}
	if t.view.Task == model.Classification {
		t.targets, err = indicators(t.data.Labels, t.all(), t.view.Classes)
	}
	for _, y := range t.targets {
		mean := average(y[:t.n])
		for _, v := range y[t.n:] {
			t.spread += (v - mean) * (v - mean)
		}
	}
	return err
}

// all are the rows: learners, and judges behind them.
func (t *contest) all() []int32 {
	all := make([]int32, t.view.Rows)
	for i := range all {
		all[i] = int32(i)
	}
	return all
}

// explained is the share of the judges' squares that predictions leave no error in.
func (t *contest) explained(predicted func(target, judge int) float64) float64 {
	left := 0.0
	for k, y := range t.targets {
		for j, v := range y[t.n:] {
			d := predicted(k, j) - v
			left += d * d
		}
	}
	if t.spread == 0 {
		return 0
	}
	return 1 - left/t.spread
}
