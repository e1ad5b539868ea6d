package probe

import (
	"context"
	"math"
	"path/filepath"

	"tuned/heuristics"
	"tuned/trainer/model"
	"tuned/trainer/npy"
	"tuned/trainer/trees"
)

// What the sanity probe looks at.
const (
	sanityRows    = 1024
	overfitRows   = 32
	overfitLeast  = 40   // steps that are tried however short the run is
	overfitLoss   = 0.01 // learned by heart
	overfitWarmup = 10
	overfitShare  = 0.02 // of the run's rows, at most
	overfitPiece  = 10   // steps between two looks at the loss
)

// sanity measures the loss at initialisation beside the one that knowing nothing but the target's distribution has
// (entropy of the class frequencies, or mean square or absolute error about the standardised target's mean), and how fast 32 rows are learned by
// heart without regularisation.
func sanity(ctx context.Context, e Env, s settings) (Report, error) {
	lr, err := s.rate()
	if err != nil {
		return Report{}, err
	}
	rows := sample(e.Train, sanityRows, e.Seed, streamRows)
	expected, err := e.expectedLoss(rows, model.LossOf(model.Settings(s)))
	if err != nil {
		return Report{}, err
	}
	f := heuristics.Facts{"sanity.loss_expected": expected}
	var course Curve
	report, err := e.borrow(ctx, s, min(max(s.batch(e), overfitRows), len(e.Train)), e.Seed, func(b *bench) error {
		r, err := b.one(model.Evaluate{Rows: rows})
		if err != nil {
			return err
		}
		f["sanity.loss_init"] = r.Loss
		course, err = overfit(b, rows[:min(overfitRows, len(rows))], lr, s.overfitSteps(e))
		f["sanity.overfit_loss"], f["sanity.overfit_steps"] = lowest(course.Y), int64(len(course.X))
		return err
	})
	plot := Plot{Title: "Learning one batch by heart", XLabel: "step", YLabel: "loss", Curves: []Curve{course.finite()}}
	report.Facts, report.Plots = f, []Plot{plot}
	return report, err
}

// overfitSteps is how many steps are tried: no more rows than a small share of the planned run's, and no more steps than trees
// beside a network wait, since what is learned by heart is to be the network's.
func (s settings) overfitSteps(e Env) int {
	planned, most := s.steps(e)*float64(s.batch(e)), float64(trees.Wait(len(e.Train)))
	if planned == 0 {
		return int(most)
	}
	return int(clamp(overfitShare*planned/overfitRows, overfitLeast, most))
}

// overfit trains on the same rows until their loss is close to nothing. The rate rises over ten steps and then falls
// linearly to a tenth.
func overfit(b *bench, rows []int32, lr float64, steps int) (Curve, error) {
	course := Curve{Name: "32 rows"}
	for from := 0; from < steps; from += overfitPiece {
		var ops []model.Op
		for i := from; i < min(from+overfitPiece, steps); i++ {
			rate := lr * min(1, float64(i+1)/overfitWarmup) * (1 - 0.9*float64(i)/float64(steps))
			ops = append(ops, model.Step{Rows: rows, LR: rate, Beta1: 0.9, Beta2: 0.95, Epsilon: 1e-8})
		}
		results, err := b.do(ops...)
		if err != nil {
			return course, err
		}
		for _, r := range results {
			course.X = append(course.X, float64(len(course.X)+1))
			course.Y = append(course.Y, r.Loss)
			if r.Loss < overfitLoss {
				return course, nil
			}
		}
	}
	return course, nil
}

// expectedLoss is the loss of predicting the target's distribution, or its mean.
func (e Env) expectedLoss(rows []int32, kind model.Loss) (float64, error) {
	target := e.View.Target
	if e.View.Task == model.Classification {
		entropy := 0.0
		for _, p := range target.Priors {
			if p > 0 {
				entropy -= p * math.Log(p)
			}
		}
		return entropy, nil
	}
	values, err := npy.ReadRows[float32](filepath.Join(e.ViewDir, target.File), e.View.Rows, 1, rows)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for _, v := range values {
		loss := float64(v) * float64(v)
		if kind == model.Absolute {
			loss, _ = model.AbsoluteLoss(float64(v))
		}
		sum += loss
	}
	return sum / float64(len(rows)), nil
}

// lowest is the smallest number; infinite when there is none.
func lowest(values []float64) float64 {
	least := math.Inf(1)
	for _, v := range values {
		if v < least {
			least = v
		}
	}
	return least
}

// finite leaves out the points that are no numbers.
func (c Curve) finite() Curve {
	clean := Curve{Name: c.Name}
	for i, y := range c.Y {
		if !math.IsNaN(y) && !math.IsInf(y, 0) {
			clean.X, clean.Y = append(clean.X, c.X[i]), append(clean.Y, y)
		}
	}
	return clean
}
