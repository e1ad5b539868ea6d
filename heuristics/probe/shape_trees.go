package probe

import (
	"context"
	"slices"

	"tuned/trainer/model"
	"tuned/trainer/trees"
)

// shapeForest are small trees in large steps: their looks at the other rows are taken after each of shapeLooks rounds.
var (
	shapeForest = trees.Config{Rounds: 150, Depth: 5, Bins: 64, L2: 1, MinWeight: 1}
	shapeLooks  = []int{10, 20, 40, 80, 150}
	shapeStep   = model.Step{LR: 0.1, Dropout: 0.2}
)

// shapeSlack is how much more than the least may be unexplained at a look that is as good as the best.
const shapeSlack = 1.005

// trees are what the forest explains at each of the looks.
func (t *contest) trees(ctx context.Context, e Env) (shares []float64, flops int64, err error) {
	c := shapeForest
	c.MaxBatch, c.Seed = max(1, t.n*4/5), e.Seed
	f, err := t.forest(c)
	if err != nil {
		return nil, 0, err
	}
	learners, judges := t.all()[:t.n], t.all()[t.n:]
	shares = make([]float64, len(shapeLooks))
	out := make([]float32, len(judges)*f.Outputs())
	round := 0
	for i, look := range shapeLooks {
		for ; round < look; round++ {
			if ctx.Err() != nil {
				return nil, 0, ctx.Err()
			}
			flops += f.Step(sample(learners, c.MaxBatch, e.Seed, streamBatches+uint64(round)), shapeStep).FLOPs
		}
		f.Forward(judges, out)
		flops += int64(len(judges) * look * f.Outputs() * (c.Depth + 1))
		shares[i] = t.explained(func(target, judge int) float64 { return float64(f.Predicted(out, judge, target, len(t.targets))) })
	}
	return shares, flops, nil
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
