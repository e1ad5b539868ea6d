package plugintest

import (
	"context"
	"errors"
	"fmt"
	"math"

	"tuned/trainer/model"
)

// rates are learning rates, one of which should do for any optimizer.
var rates = []float64{1e-3, 3e-3, 1e-2, 3e-2, 1e-1}

// best is the lowest loss that training from the start reaches at any of the rates.
func (s *subject) best(ctx context.Context, ops func(rate float64) []model.Op, loss func() (float64, error)) (float64, error) {
	if _, err := s.do(ctx, model.Keep{Name: "start"}); err != nil {
		return 0, err
	}
	best := math.Inf(1)
	for _, rate := range rates {
		if _, err := s.do(ctx, append(ops(rate), model.Evaluate{Rows: train()})...); err != nil {
			return 0, err
		}
		reached, err := loss()
		if err != nil {
			return 0, err
		}
		best = math.Min(best, reached)
		if _, err := s.do(ctx, model.Use{Name: "start"}); err != nil {
			return 0, err
		}
	}
	return best, nil
}

func learns(ctx context.Context, l *lab) error {
	return l.with(ctx, nil, func(s *subject) error {
		held := rowsBetween(sampleTrain, sampleRows)
		best, err := s.best(ctx, func(rate float64) []model.Op { return walk(0, 150, rate) }, func() (float64, error) {
			return s.evaluate(ctx, held)
		})
		if guess := l.sample.baseline(); err == nil && best > 0.7*guess {
			err = fmt.Errorf("on rows that it never saw, the loss is %.3f at best, and %.3f for guessing", best, guess)
		}
		return err
	})
}

func overfits(ctx context.Context, l *lab) error {
	rows := rowsBetween(0, 16)
	change := func(r *model.OpenRequest) { r.InitRows = rows }
	return l.with(ctx, change, func(s *subject) error {
		again := func(rate float64) []model.Op {
			ops := make([]model.Op, 200)
			for i := range ops {
				ops[i] = step(rows, rate)
			}
			return ops
		}
		best, err := s.best(ctx, again, func() (float64, error) { return s.evaluate(ctx, rows) })
		if guess := l.sample.baseline(); err == nil && best > 0.3*guess {
			err = fmt.Errorf("the loss on a batch of 16 rows is %.3f at best after 200 steps on it alone", best)
		}
		return err
	})
}

func noUpdate(ctx context.Context, l *lab) error {
	return l.with(ctx, nil, func(s *subject) error {
		before, err := s.evaluate(ctx, train())
		if err != nil {
			return err
		}
		measure := step(batch(0), 0.1)
		measure.NoUpdate, measure.Parts = true, 4
		results, err := s.do(ctx, measure, measure)
		if err != nil {
			return err
		}
		after, err := s.evaluate(ctx, train())
		if err == nil && !near(before, after, s.tolerance) {
			err = fmt.Errorf("the loss was %v before and %v after", before, after)
		}
		return errors.Join(err, checkParts(results[0]), s.sameResults(results[:1], results[1:]))
	})
}

// checkParts: the whole gradient is the mean of the parts', so its norm is at most the root of their mean square.
func checkParts(r model.Result) error {
	mean := 0.0
	for _, norm := range r.PartNorms {
		mean += norm / float64(len(r.PartNorms))
	}
	if r.GradNorm*r.GradNorm > mean*1.001 {
		return fmt.Errorf("the squared norms of the parts are %v, too small for a whole of norm %v", r.PartNorms, r.GradNorm)
	}
	return nil
}
