package job

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"tuned/trainer"
	"tuned/trainer/data"
	"tuned/trainer/metric"
	"tuned/trainer/model"
)

// Metrics is metrics.json. Validation is nil when nothing was chosen on validation rows, Test and Baseline when nothing was held out.
type Metrics struct {
	Task       model.Task     `json:"task"`
	Metric     string         `json:"metric"`
	Validation metric.Metrics `json:"validation"`
	Test       metric.Metrics `json:"test"`
	Baseline   *Baseline      `json:"baseline,omitempty"`
	// Intervals say how far true values may lie from predictions; nil for classes, and where too few rows were held out to tell.
	Intervals *metric.Intervals `json:"intervals,omitempty"`
	Columns   []Reliance        `json:"columns,omitempty"` // how much the model relies on each, the most first
	Effects   []Effect          `json:"effects,omitempty"` // what those do that move predictions most, in that order
	Words     []data.Wording    `json:"words,omitempty"`   // what the words of texts say
}

// evaluate scores the holdout, which nothing has read before.
func (r *run) evaluate(ctx context.Context) error {
	r.metrics = Metrics{Task: r.table.Task, Metric: r.metric(), Validation: r.outcome.Validation}
	if n := len(r.model.view.validation); n > 0 && r.outcome.Validation != nil {
		r.tell(Evaluated{Rows: "validation", N: n, Metrics: r.outcome.Validation})
	}
	if len(r.table.Holdout) == 0 {
		r.tell(Noted{What: "No rows were held out, so how good the model is was not measured."})
		return r.lost
	}
	return r.phase(PhaseEvaluate, func() (int64, error) {
		outputs, flops, err := r.predictHoldout(ctx)
		if err != nil {
			return flops, err
		}
		return flops, r.score(outputs)
	})
}

// predictHoldout gives the members' blended outputs for the holdout, the temperature applied.
func (r *run) predictHoldout(ctx context.Context) ([]float32, int64, error) {
	outputs, flops, err := r.outputs(ctx, model.Evaluate{
		Rows: r.table.Holdout, Weights: r.outcome.Members, Recalibrate: r.model.recalibrate,
		Out: r.dir.file(filepath.Join(workDir, "holdout.npy")),
	})
	if err != nil {
		return nil, flops, fmt.Errorf("predict the holdout: %w", err)
	}
	if n := unanswered(outputs, metric.Width(r.model.view.View)); n > 0 {
		return nil, flops, fmt.Errorf("%w at its end: for %d of %d rows that were held out the answer is no number", trainer.ErrDiverged, n, len(r.table.Holdout))
	}
	return outputs, flops, nil
}

// unanswered counts rows with an output that is no finite number. No watch sees what the last updates do to the weights.
func unanswered(outputs []float32, width int) int {
	n := 0
	for row := range slices.Chunk(outputs, width) {
		if slices.ContainsFunc(row, func(x float32) bool { return math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) }) {
			n++
		}
	}
	return n
}

// score says how good the outputs are, and keeps what shows it.
func (r *run) score(outputs []float32) error {
	all, err := metric.ReadTruth(r.model.view.View, r.model.view.dir)
	if err != nil {
		return err
	}
	truth := all.Rows(r.table.Holdout)
	if r.metrics.Test, err = metric.Evaluate(r.model.view.View, outputs, truth); err != nil {
		return fmt.Errorf("score the holdout: %w", err)
	}
	r.metrics.Baseline = r.baseline(all, truth, outputs)
	if r.table.Task == model.Regression {
		target := *r.model.view.Target
		r.metrics.Intervals = metric.IntervalsOf(metric.Values(target, outputs), metric.Originals(target, truth.Values))
	}
	r.tell(Evaluated{Rows: "test", N: len(r.table.Holdout), Metrics: r.metrics.Test})
	r.warn()
	if err := r.slice(outputs, truth); err != nil {
		return err
	}
	if err := r.savePredictions(outputs, truth); err != nil {
		return err
	}
	return r.showMistakes(outputs, truth)
}

// savePredictions writes what was said of the holdout, by the rows' numbers in the file.
func (r *run) savePredictions(outputs []float32, truth metric.Truth) error {
	p := predictions{view: r.model.view.View, classes: r.table.Classes, target: r.table.Target.Name}
	rows := make([]int32, len(r.table.Holdout))
	for i, row := range r.table.Holdout {
		rows[i] = r.table.FileRow(row)
	}
	return p.saveHoldout(r.dir.file(PredictionsFile), rows, truth, outputs)
}
