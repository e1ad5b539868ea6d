package probe

import (
	"context"
	"slices"

	"gonum.org/v1/gonum/floats"

	"tuned/heuristics"
	"tuned/trainer/model"
	"tuned/trainer/nn"
)

// The shape probe's rows: those that are learned from in a contest, a part of all, and those that judge. A surface learns from no more
// than shapeSmooth, since its cost grows with the third power, and as many rows in all learn in several contests: what one of 512 learners
// says depends on which they are. Of fewer rows than shapeFew each judges once, in one of shapeFolds contests.
const (
	shapePart        = 8
	shapeLeast       = 512
	shapeSmooth      = 2048
	shapeMost        = 16_384
	shapeJudges      = 2048
	shapeLeastJudges = 1024
	shapeFew         = 500
	shapeFolds       = 4
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
	forests, smooth, spent, err := e.shapes(ctx, min(part, shapeSmooth))
	if err != nil {
		return Report{FLOPs: spent}, err
	}
	steps := slices.Max(forests.explained)
	if part > shapeSmooth {
		var more int64
		forests, more, err = e.forests(ctx, part)
		if spent += more; err != nil {
			return Report{FLOPs: spent}, err
		}
	}
	look := lastGood(forests.explained)
	return Report{Facts: heuristics.Facts{
		"shape.trees": steps, "shape.smooth": smooth, "shape.rounds": int64(shapeLooks[look]), "shape.f1": forests.f1[look],
	}, FLOPs: spent}, nil
}

// forests are the looks of trees that learn from so many rows.
func (e Env) forests(ctx context.Context, learners int) (looks, int64, error) {
	t, err := e.contest(e.draws(learners)[0])
	if err != nil {
		return looks{}, 0, err
	}
	return t.trees(ctx, e)
}

// outcome is what a contest finds, and what that took.
type outcome struct {
	forest  looks
	surface float64
	flops   int64
}

// shapes are the means, over contests, of what trees reach at each look, and of what a surface explains. flops counts what was done,
// also where a contest fails or is stopped.
func (e Env) shapes(ctx context.Context, learners int) (forests looks, smooth float64, flops int64, err error) {
	draws := e.draws(learners)
	found, n := make([]outcome, len(draws)), e.contestsAtOnce(draws)
	e.Threads = max(1, e.Threads/n)
	err = each(n, len(draws), func(i int) (err error) {
		found[i], err = e.outcome(ctx, draws[i])
		return err
	})
	for _, o := range found {
		flops += o.flops
	}
	if err != nil {
		return looks{}, 0, flops, err
	}
	forests = newLooks()
	for _, o := range found {
		floats.AddScaled(forests.explained, 1/float64(len(draws)), o.forest.explained)
		floats.AddScaled(forests.f1, 1/float64(len(draws)), o.forest.f1)
		smooth += o.surface / float64(len(draws))
	}
	return forests, smooth, flops, nil
}

// outcome is that of one contest.
func (e Env) outcome(ctx context.Context, d draw) (o outcome, err error) {
	t, err := e.contest(d)
	if err != nil {
		return o, err
	}
	if o.forest, o.flops, err = t.trees(ctx, e); err != nil {
		return o, err
	}
	surface, more, err := t.surface(ctx)
	return outcome{o.forest, surface, o.flops + more}, err
}

// contestsPart is of limited memory what contests may take together.
const contestsPart = 8

// contestsAtOnce is how many contests go on side by side: as many as there are threads for, and as memory allows.
func (e Env) contestsAtOnce(draws []draw) int {
	n := min(e.Threads, len(draws))
	if e.MemoryBytes > 0 {
		n = min(n, int(e.MemoryBytes/contestsPart/draws[0].bytes(designOf(numeric(e.View.Inputs), nn.Data{}).width)))
	}
	return max(1, n)
}

// bytes is about what a contest takes: distances, bells of two widths, and its rows of so many columns, twice.
func (d draw) bytes(columns int) int64 {
	return int64(max(1, len(d.rows))) * (3*8*int64(max(1, d.n)) + (4+8)*int64(columns))
}

// draw is the rows of a contest: the first n learn, the others judge.
type draw struct {
	rows []int32
	n    int
}

// draws are those of all contests. There are as many as have no more learners together than one surface could have, so that no row
// learns in two of them. Of fewer rows than shapeFew each judges once instead, and learns in all other contests.
func (e Env) draws(learners int) []draw {
	n := len(e.Train)
	learners = min(learners, n/2)
	contests := max(1, min(n, shapeSmooth)/max(1, learners))
	if n < shapeFew {
		learners, contests = n*(shapeFolds-1)/shapeFolds, shapeFolds
	}
	judges := max(shapeJudges/contests, shapeLeastJudges)
	rows := sample(e.Train, contests*learners+judges, e.Seed, streamRows)
	all := make([]draw, contests)
	for i, turned := range turns(rows, contests) {
		all[i] = draw{rows: turned[:min(learners+judges, len(turned))], n: learners}
	}
	return all
}

// contest is what two models learn from and are judged by.
type contest struct {
	view    model.View
	data    nn.Data // of the learners' rows, then the judges'
	n       int     // learners
	design  design
	targets [][]float64 // of all its rows: as a model predicts them, one for each class or the value
	spread  float64     // sum of the judges' squares about the learners' mean
	work    square      // of the surface at hand
}

// contest reads the rows of a draw. Columns of codes, for their many categories, are left out where there are others: the surface
// cannot read them, and would seem to be behind.
func (e Env) contest(d draw) (*contest, error) {
	if numbers := numeric(e.View.Inputs); len(numbers) > 0 {
		e.View.Inputs = numbers
	}
	t := &contest{view: e.View, n: d.n}
	t.view.Rows = len(d.rows)
	var err error
	if t.data, err = e.rows(d.rows); err != nil {
		return nil, err
	}
	t.design = designOf(numeric(t.view.Inputs), t.data)
	return t, t.aim()
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

// aim says what is to be predicted, and what a model that knows nothing leaves of it: nothing where all is alike, although by rounding
// the mean may lie beside it.
func (t *contest) aim() (err error) {
	t.targets, err = targetsOf(t.view, t.data)
	for _, y := range t.targets {
		if !slices.ContainsFunc(y, func(v float64) bool { return v != y[0] }) {
			continue
		}
		mean := average(y[:t.n])
		for _, v := range y[t.n:] {
			t.spread += (v - mean) * (v - mean)
		}
	}
	return err
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
