package probe

import (
	"context"
	"slices"
	"time"

	"tuned/heuristics"
	"tuned/trainer/model"
)

// The speed probe's shape.
const (
	speedWarmup = 2 // steps that only make memory and code warm
	speedSteps  = 4 // that are timed together, as a training submits them
	speedTimes  = 3
)

// speed times steps at the batch size and returns the median. Its fact is the one that comes from a clock.
func speed(ctx context.Context, e Env, s settings) (Report, error) {
	var times []float64
	report, err := e.borrow(ctx, s, s.batch(e), e.Seed, func(b *bench) error {
		if _, err := b.do(e.timed(s, 0, speedWarmup)...); err != nil {
			return err
		}
		for i := range speedTimes {
			ops := e.timed(s, speedWarmup+i*speedSteps, speedSteps)
			start := time.Now()
			if _, err := b.do(ops...); err != nil {
				return err
			}
			times = append(times, time.Since(start).Seconds()/speedSteps)
		}
		return nil
	})
	if err != nil {
		return report, err
	}
	slices.Sort(times)
	report.Facts = heuristics.Facts{"speed.step_seconds": times[len(times)/2]}
	return report, nil
}

// timed are steps that move nothing far: at a rate of zero an update costs what it always costs.
func (e Env) timed(s settings, from, steps int) []model.Op {
	ops := make([]model.Op, steps)
	for i := range ops {
		ops[i] = s.step(e.nextBatch(s.batch(e), e.Seed, from+i), 0)
	}
	return ops
}
