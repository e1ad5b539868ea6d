package trainer

import (
	"context"
	"fmt"
	"slices"

	"tuned/trainer/model"
)

// What bounds a segment. They decide when a reaction takes hold, and so belong to what fixes the bits.
const (
	segmentFLOPs  = 1_000_000_000 // 100 ms on a machine that does 10 GFLOP/s
	segmentRows   = 16_384        // keeps its message below 64 KB
	segmentSteps  = 100           // a rollback's snapshots rely on it
	rollbackEvery = 300           // steps between two snapshots to roll back to
	rollbackSlots = 2             // see react.go for why two suffice
)

// segment is a run of consecutive steps that is submitted, and judged, as one.
type segment struct {
	From    int64    `json:"from"` // first step
	To      int64    `json:"to"`   // behind the last
	Skipped int64    `json:"skipped"`
	Results []result `json:"results,omitempty"` // of its steps, once they are known

	pending model.Pending
	before  int // ops in front of the steps
}

// result is a model.Result of a step that survives the way through JSON.
type result struct {
	Loss     Number `json:"loss"`
	GradNorm Number `json:"grad_norm"`
	Finite   bool   `json:"finite"`
	Clipped  bool   `json:"clipped,omitempty"`
}

func (r result) model() model.Result {
	return model.Result{Loss: float64(r.Loss), GradNorm: float64(r.GradNorm), Finite: r.Finite, Clipped: r.Clipped}
}

// stepsOfSegment is the number of steps of a segment that nothing cuts short.
func stepsOfSegment(info model.Info, batch int) int64 {
	rows := int64(max(batch, 1))
	flops := max(info.FLOPsRow*rows+info.FLOPsStep, 1)
	return max(1, min(segmentSteps, segmentFLOPs/flops, segmentRows/rows))
}

// end is where a segment that starts at from ends: nothing that has to happen between two steps may lie inside it.
func (l *loop) end(from int64) int64 {
	to := min(from+l.segment, l.steps)
	if l.run.Plan.selects() {
		to = min(to, nextMultiple(from, l.evaluateEvery))
	}
	if len(l.run.Watches) > 0 {
		to = min(to, nextMultiple(from, rollbackEvery))
	}
	for _, c := range l.cycleEnds {
		if c > from {
			to = min(to, c)
		}
	}
	return to
}

func nextMultiple(from, of int64) int64 { return (from/of + 1) * of }

// submit sends the next segment to the session.
func (l *loop) submit() {
	s := segment{From: l.Next, To: l.end(l.Next), Skipped: l.Skipped}
	var ops []model.Op
	if s.From == 0 { // those at the end of a segment are taken with it
		ops = l.keeps(s.From)
	}
	s.before = len(ops)
	for step := s.From; step < s.To; step++ {
		ops = append(ops, l.step(step))
	}
	ops = append(ops, l.keeps(s.To)...)
	s.pending = l.run.Session.Submit(l.work, ops...)
	l.Next = s.To
	l.Flight = append(l.Flight, s)
}

// keeps are the snapshots that are due when so many steps are done. They are noted here, in the order of submission.
func (l *loop) keeps(step int64) []model.Op {
	var ops []model.Op
	if len(l.run.Watches) > 0 && step%rollbackEvery == 0 {
		s := snapshot{fmt.Sprintf("rollback-%d", step/rollbackEvery%rollbackSlots), step}
		l.Rollbacks = append(slices.DeleteFunc(l.Rollbacks, func(o snapshot) bool { return o.Name == s.Name }), s)
		ops = append(ops, model.Keep{Name: s.Name})
	}
	if i := slices.Index(l.cycleEnds, step); i >= 0 {
		s := snapshot{fmt.Sprintf("cycle-%d", i+1), step}
		l.Cycles = append(slices.DeleteFunc(l.Cycles, func(o snapshot) bool { return o.Name == s.Name }), s)
		ops = append(ops, model.Keep{Name: s.Name})
	}
	return ops
}

// step is the op of a step, every scalar of it.
func (l *loop) step(step int64) model.Step {
	p, s, t := l.run.Plan, l.Scalars, l.progress(step)
	return model.Step{
		Rows: l.run.Order.Batch(step + l.Skipped), LR: l.rate(step),
		Beta1: p.Beta1, Beta2: p.Beta2, Epsilon: p.Epsilon, ClipNorm: s.ClipNorm,
		WeightDecay:    s.WeightDecay * p.WeightDecays.at(t),
		Dropout:        s.Dropout * p.Dropouts.at(t),
		LabelSmoothing: s.LabelSmoothing * p.Smoothings.at(t),
	}
}

// progress is the middle of a step's share of the training.
func (l *loop) progress(step int64) float64 { return (float64(step) + 0.5) / float64(l.steps) }

// rate is the learning rate of a step.
func (l *loop) rate(step int64) float64 {
	lr := l.Scalars.LR * l.run.Plan.Schedule.at(l.progress(step)) * warmup(step, l.run.Plan.WarmupSteps)
	if l.Rewarm >= 0 {
		lr *= warmup(step-l.Rewarm, rewarmSteps)
	}
	return lr
}

// collect waits for a segment's results and counts what they cost.
func (l *loop) collect(s *segment) error {
	if s.pending == nil {
		return nil
	}
	results, err := s.pending.Wait(l.work)
	if err != nil {
		return fmt.Errorf("train steps %d to %d: %w", s.From, s.To, err)
	}
	if int64(len(results)) < int64(s.before)+s.To-s.From {
		return fmt.Errorf("train steps %d to %d: %w: %d results", s.From, s.To, model.ErrInvalid, len(results))
	}
	for _, r := range results {
		l.FLOPs += r.FLOPs
	}
	for _, r := range results[s.before : int64(s.before)+s.To-s.From] {
		s.Results = append(s.Results, result{Number(r.Loss), Number(r.GradNorm), r.Finite, r.Clipped})
	}
	s.pending = nil
	return nil
}

// submitAll sends ops and waits for them; they are dropped when ctx ends.
func (l *loop) submitAll(ctx context.Context, ops ...model.Op) ([]model.Result, error) {
	results, err := l.run.Session.Submit(ctx, ops...).Wait(ctx)
	if err == nil && len(results) != len(ops) {
		err = fmt.Errorf("%w: %d results for %d operations", model.ErrInvalid, len(results), len(ops))
	}
	for _, r := range results {
		l.FLOPs += r.FLOPs
	}
	return results, err
}
