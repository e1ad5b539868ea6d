package probe

import (
	"cmp"
	"context"
	"slices"

	"gonum.org/v1/gonum/floats"

	"tuned/trainer/model"
	"tuned/trainer/trees"
)

// shapeForest are small trees in large steps: their looks at the other rows are taken after each of shapeLooks rounds.
var (
	shapeForest = trees.Config{Rounds: 150, Depth: 5, Bins: 64, L2: 1, MinWeight: 1}
	shapeLooks  = []int{10, 20, 40, 80, 150}
	shapeStep   = model.Step{LR: 0.1, Dropout: 0.2}
)

// shapeColumns is about how many columns a round looks at where there are many more: with all of them, a table of 20,000 genes took as
// long to probe as to train.
const shapeColumns = 2048

// shapeStepOf is a round's step, where there are so many columns.
func shapeStepOf(columns int) model.Step {
	step := shapeStep
	step.Dropout = max(step.Dropout, 1-shapeColumns/float64(max(1, columns)))
	return step
}

// shapeSlack is how much more than the least may be unexplained at a look that is as good as the best.
const shapeSlack = 1.005

// looks are what a forest reaches at each of them: the share that it explains, and the best F1 of two classes.
type looks struct{ explained, f1 []float64 }

func newLooks() looks {
	return looks{make([]float64, len(shapeLooks)), make([]float64, len(shapeLooks))}
}

// trees are the looks of a forest, and what it took, also where it is stopped.
func (t *contest) trees(ctx context.Context, e Env) (seen looks, flops int64, err error) {
	c := shapeForest
	c.MaxBatch, c.Seed, c.Threads = max(1, t.n*4/5), e.Seed, e.Threads
	f, err := t.forest(c)
	if err != nil {
		return looks{}, 0, err
	}
	defer f.Close()
	learners, judges := t.design.rows[:t.n], t.design.rows[t.n:]
	seen = newLooks()
	out := make([]float32, len(judges)*f.Outputs())
	round, step := 0, shapeStepOf(t.design.width)
	for i, look := range shapeLooks {
		for ; round < look; round++ {
			if ctx.Err() != nil {
				return looks{}, flops, ctx.Err()
			}
			flops += f.Grow(sample(learners, c.MaxBatch, e.Seed, streamBatches+uint64(round)), step)
		}
		f.Predict(judges, out)
		flops += int64(len(judges) * look * f.Outputs() * (c.Depth + 1))
		predicted := func(target, judge int) float64 { return float64(f.Predicted(out, judge, target, len(t.targets))) }
		seen.explained[i], seen.f1[i] = t.explained(predicted), t.bestF1(predicted)
	}
	return seen, flops, nil
}

// bestF1 is the most that F1 reaches over all thresholds, where the rarer of two classes is the answer from one on.
func (t *contest) bestF1(predicted func(target, judge int) float64) (best float64) {
	if t.view.Task != model.Classification || t.view.Classes != 2 {
		return 0
	}
	positive := t.view.Positive()
	truth := t.targets[positive][t.n:]
	order, probability := make([]int, len(truth)), make([]float64, len(truth))
	for j := range order {
		order[j], probability[j] = j, predicted(positive, j)
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(probability[b], probability[a]) })
	all, hits := floats.Sum(truth), 0.0
	for k, j := range order {
		hits += truth[j]
		if last := k == len(order)-1 || probability[order[k+1]] < probability[j]; last && hits > 0 {
			best = max(best, 2*hits/(float64(k+1)+all))
		}
	}
	return best
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
	return f, f.Init(t.design.rows[:t.n])
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
