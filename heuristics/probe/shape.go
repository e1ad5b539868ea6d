package probe

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"tuned/heuristics"
	"tuned/trainer/model"
	"tuned/trainer/nn"
	"tuned/trainer/trees"
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

// shapeForest are small trees in large steps: their looks at the other rows are taken after each of shapeLooks rounds.
var (
	shapeForest = trees.Config{Rounds: 150, Depth: 5, Bins: 64, L2: 1, MinWeight: 1}
	shapeLooks  = []int{10, 20, 40, 80, 150}
	shapeStep   = model.Step{LR: 0.1, Dropout: 0.2}
)

// shapeSlack is how much more than the least may be unexplained at a look that is as good as the best.
const shapeSlack = 1.005

// The surface's bells, in typical squared distances, and its penalties beside a bell's height of 1.
var (
	shapeWidths    = []float64{0.25, 1, 4}
	shapePenalties = []float64{0.01, 0.1, 1}
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

// trees is the most that the forest explains at one of the looks, and after how many rounds it begins to learn noise.
func (t *contest) trees(ctx context.Context, e Env) (best float64, rounds int, flops int64, err error) {
	c := shapeForest
	c.MaxBatch, c.Seed = max(1, t.n*4/5), e.Seed
	f, err := t.forest(c)
	if err != nil {
		return 0, 0, 0, err
	}
	learners, judges := t.all()[:t.n], t.all()[t.n:]
	shares, out := make([]float64, len(shapeLooks)), make([]float32, len(judges)*f.Outputs())
	round := 0
	for i, look := range shapeLooks {
		for ; round < look; round++ {
			if ctx.Err() != nil {
				return 0, 0, 0, ctx.Err()
			}
			flops += f.Step(sample(learners, c.MaxBatch, e.Seed, streamBatches+uint64(round)), shapeStep).FLOPs
		}
		f.Forward(judges, out)
		flops += int64(len(judges) * look * f.Outputs() * (c.Depth + 1))
		shares[i] = t.explained(func(target, judge int) float64 { return float64(f.Predicted(out, judge, target, len(t.targets))) })
	}
	return slices.Max(shares), shapeLooks[lastGood(shares)], flops, nil
}

// forest is one that is ready to learn from the learners.
func (t *contest) forest(c trees.Config) (*trees.Forest, error) {
	f, err := trees.New(t.view, c)
	if err != nil {
		return nil, err
	}
	if err := f.Bind(t.data); err != nil {
		return nil, err
	}
	return f, f.Init(t.all()[:t.n])
}

// lastGood is the last of the looks at which the unexplained is next to the least. Where there is no noise to be learned, trees
// come to a standstill, and the very best look is a matter of luck.
func lastGood(shares []float64) int {
	least := 1 - slices.Max(shares)
	for i, share := range slices.Backward(shares) {
		if 1-share <= shapeSlack*least {
			return i
		}
	}
	return 0
}

// surface is the most that a smooth surface explains. Its width and penalty are those which are best among few learners.
func (t *contest) surface(ctx context.Context) (best float64, flops int64, err error) {
	if t.design.width == 0 {
		return 0, 0, nil
	}
	squares, typical := t.distances()
	few := min(t.n, shapeLeast)
	best, width, penalty := math.Inf(-1), 1.0, 1.0
	for _, w := range shapeWidths {
		b := t.bells(squares, few, w*typical)
		for _, p := range shapePenalties {
			if ctx.Err() != nil {
				return 0, 0, ctx.Err()
			}
			if score := t.fit(b, p); score > best {
				best, width, penalty = score, w, p
			}
		}
		flops += b.flops(len(shapePenalties), len(t.targets))
	}
	if few < t.n {
		b := t.bells(squares, t.n, width*typical)
		best = max(best, t.fit(b, penalty))
		flops += b.flops(1, len(t.targets))
	}
	return best, flops + int64(t.view.Rows*t.n*t.design.width)*2, nil
}

// distances are the squared ones of all rows to the learners, and the median of those between some learners.
func (t *contest) distances() (*mat.Dense, float64) {
	x := t.design.matrix()
	_, typical := distances(mat.DenseCopyOf(x.Slice(0, min(t.n, kernelRows), 0, t.design.width)))
	rows, _ := x.Dims()
	squares, own := mat.NewDense(rows, t.n, nil), make([]float64, rows)
	squares.Mul(x, x.Slice(0, t.n, 0, t.design.width).T())
	for i := range own {
		for _, v := range x.RawRowView(i) {
			own[i] += v * v
		}
	}
	for i := range own {
		row := squares.RawRowView(i)
		for j, product := range row {
			row[j] = math.Max(0, own[i]+own[j]-2*product)
		}
	}
	return squares, typical
}

// hills are the bells of one width around the first learners: as high as each row stands on them.
type hills struct {
	among *mat.SymDense // the learners
	at    *mat.Dense    // judge × learner
}

func (t *contest) bells(squares *mat.Dense, n int, width float64) hills {
	h := hills{mat.NewSymDense(n, nil), mat.NewDense(t.view.Rows-t.n, n, nil)}
	for i := range n {
		for j, d := range squares.RawRowView(i)[i:n] {
			h.among.SetSym(i, i+j, math.Exp(-d/width))
		}
	}
	for i := range t.view.Rows - t.n {
		row := h.at.RawRowView(i)
		for j, d := range squares.RawRowView(t.n + i)[:n] {
			row[j] = math.Exp(-d / width)
		}
	}
	return h
}

// flops counts the bells and so many fits of some targets.
func (h hills) flops(fits, targets int) int64 {
	judges, n := h.at.Dims()
	m, rows, k := int64(n), int64(judges+n), int64(targets)
	return 10*m*rows + int64(fits)*(m*m*m/3+2*m*m*k+2*m*rows*k)
}

// fit is what a surface with this penalty explains. Rows that are alike leave none where the penalty is too small for them.
func (t *contest) fit(h hills, penalty float64) float64 {
	n := h.among.SymmetricDim()
	for i := range n {
		h.among.SetSym(i, i, 1+penalty)
	}
	var c mat.Cholesky
	if !c.Factorize(h.among) {
		return math.Inf(-1)
	}
	y, means := mat.NewDense(n, len(t.targets), nil), make([]float64, len(t.targets))
	for o, target := range t.targets {
		means[o] = average(target[:n])
		for i, v := range target[:n] {
			y.Set(i, o, v-means[o])
		}
	}
	var weights, predicted mat.Dense
	if err := c.SolveTo(&weights, y); err != nil {
		return math.Inf(-1)
	}
	predicted.Mul(h.at, &weights)
	return t.explained(func(target, judge int) float64 { return means[target] + predicted.At(judge, target) })
}
