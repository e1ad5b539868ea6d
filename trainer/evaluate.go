package trainer

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"tuned/trainer/metric"
	"tuned/trainer/model"
	"tuned/trainer/npy"
)

// What bounds one Evaluate, so that cancelling stays quick and its message small.
const (
	evaluateFLOPs = 2_000_000_000
	evaluateRows  = 16_384
)

// outputs evaluates each set of members on the validation rows and returns their outputs, rows × width.
func (l *loop) outputs(sets ...[]model.Weights) ([][]float32, error) {
	var ops []model.Op
	for _, set := range sets {
		for i, rows := range l.pieces(len(set)) {
			op := model.Evaluate{Rows: rows, Weights: set, Out: filepath.Join(l.scratch, fmt.Sprintf("%d-%d.npy", len(ops), i))}
			if len(set) > 1 || set[0] != model.Raw {
				op.Recalibrate = l.run.Recalibrate
			}
			ops = append(ops, op)
		}
	}
	results, err := l.submitAll(l.ctx, ops...)
	if err != nil {
		return nil, fmt.Errorf("evaluate at step %d: %w", l.Next, err)
	}
	return l.read(results, ops, len(sets))
}

// pieces cuts the validation rows so that each piece is a fraction of a second of work for so many members.
func (l *loop) pieces(members int) [][]int32 {
	flops := max(l.run.Session.Info().FLOPsRowEval*int64(members), 1)
	size := int(max(1, min(evaluateRows, evaluateFLOPs/flops)))
	return slices.Collect(slices.Chunk(l.run.Validation, size))
}

// read joins the pieces that the session wrote, set by set.
func (l *loop) read(results []model.Result, ops []model.Op, sets int) ([][]float32, error) {
	width, pieces := metric.Width(l.run.View), len(ops)/sets
	all := make([][]float32, sets)
	for i, r := range results {
		op := ops[i].(model.Evaluate)
		path := r.Path
		if path == "" {
			path = op.Out
		}
		piece, err := npy.Read[float32](path, len(op.Rows)*width)
		if err != nil {
			return nil, fmt.Errorf("evaluate at step %d: %w", l.Next, err)
		}
		all[i/pieces] = append(all[i/pieces], piece...)
	}
	return all, nil
}

// evaluateAll scores every set of weights that selection compares, the raw ones in any case, and keeps what is best.
func (l *loop) evaluateAll() error {
	kinds := []model.Weights{model.Raw}
	for _, m := range l.run.Plan.Final.tracks() {
		for _, w := range m.Candidates {
			if !slices.Contains(kinds, w) {
				kinds = append(kinds, w)
			}
		}
	}
	scores, err := l.score(kinds)
	if err != nil {
		return err
	}
	l.Evaluated = l.Next
	improved, err := l.selectBest(kinds, scores)
	for i, w := range kinds {
		e := Evaluation{l.Next, l.epoch(), w, scores[i]}
		l.History = append(l.History, e)
		l.send(Event{Kind: Evaluated, Step: l.Next, Weights: string(w), Metrics: scores[i], Best: slices.Contains(improved, w)})
	}
	return err
}

// score evaluates weights on the validation rows.
func (l *loop) score(kinds []model.Weights) ([]metric.Metrics, error) {
	sets := make([][]model.Weights, len(kinds))
	for i, w := range kinds {
		sets[i] = []model.Weights{w}
	}
	outputs, err := l.outputs(sets...)
	if err != nil {
		return nil, err
	}
	scores := make([]metric.Metrics, len(kinds))
	for i := range kinds {
		if scores[i], err = metric.Evaluate(l.run.View, outputs[i], l.truth); err != nil {
			return nil, fmt.Errorf("evaluate at step %d: %w", l.Next, err)
		}
	}
	return scores, nil
}

// selectBest updates each member's best and keeps a snapshot of it. It returns the weights that became a best.
func (l *loop) selectBest(kinds []model.Weights, scores []metric.Metrics) (improved []model.Weights, err error) {
	var keeps []model.Op
	for _, m := range l.run.Plan.Final.tracks() {
		i := l.choose(m, kinds, scores)
		if old, ok := l.Best[m.Name]; ok && !l.better(scores[i], old.Metrics) {
			continue
		}
		l.Best[m.Name] = Best{m.Name, kinds[i], l.Next, l.epoch(), scores[i]}
		keeps = append(keeps, model.Keep{Name: m.snapshot()})
		improved = append(improved, kinds[i])
	}
	if len(keeps) > 0 {
		if _, err = l.submitAll(l.work, keeps...); err != nil {
			err = fmt.Errorf("keep the best at step %d: %w", l.Next, err)
		}
	}
	return improved, err
}

// choose returns which of kinds is the best candidate of a member; the later candidate wins a tie.
func (l *loop) choose(m Member, kinds []model.Weights, scores []metric.Metrics) int {
	best := slices.Index(kinds, m.Candidates[0])
	for _, w := range m.Candidates[1:] {
		if i := slices.Index(kinds, w); l.better(scores[i], scores[best]) {
			best = i
		}
	}
	return best
}

// better tells whether scores a are to be preferred to the older b: a tie goes to a, also one between undefined scores.
func (l *loop) better(a, b metric.Metrics) bool {
	x, y := a.Get(l.run.Plan.Metric), b.Get(l.run.Plan.Metric)
	return metric.Better(l.run.Plan.Metric, x, y) || math.IsNaN(x) && math.IsNaN(y)
}

func (l *loop) epoch() float64 { return float64(l.Next) / float64(l.run.Order.StepsPerEpoch()) }
