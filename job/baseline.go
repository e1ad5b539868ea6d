package job

import (
	"math"

	"tuned/trainer/metric"
	"tuned/trainer/model"
)

// Baseline is what can be reached on the holdout without a model: by the one answer that suits each metric best, learned from the
// training rows. What would suit the holdout best is not known before it is.
type Baseline struct {
	Common  string         `json:"common,omitempty"` // classification: the most frequent class
	Rare    string         `json:"rare,omitempty"`   // two classes: the one that F1 is of
	Mean    float64        `json:"mean,omitempty"`   // regression
	Median  float64        `json:"median,omitempty"` // regression
	Held    float64        `json:"held,omitempty"`   // regression: the mean of the holdout
	Rows    int            `json:"rows,omitempty"`   // of the holdout
	Metrics metric.Metrics `json:"metrics"`
	Chance  float64        `json:"chance"` // the standard error of the model's gain over it, in what judges the job
	// Order is that of the gain in AUC, of classes that are judged by their answers alone: these may all be the same although
	// the probabilities tell rows apart. 0 where it is not known.
	Order float64 `json:"order,omitempty"`
}

// baseline learns the constant answer from the training rows, whose target is part of all, and scores it on truth, beside the
// model's outputs.
func (r *run) baseline(all, truth metric.Truth, outputs []float32) *Baseline {
	view := r.model.view.View
	c := metric.ConstantOf(view, all.Rows(r.table.Train))
	b := &Baseline{Rows: len(r.table.Holdout), Mean: c.Mean, Median: c.Median, Metrics: c.Score(view, truth)}
	chance := func(name string) float64 {
		if e := c.Chance(view, outputs, truth, name, r.job.Data.Time != ""); !math.IsNaN(e) {
			return e
		}
		return 0
	}
	if b.Chance = chance(r.metric()); r.metric() == metric.Accuracy || r.metric() == metric.F1 {
		b.Order = chance(metric.AUC)
	}
	if view.Task == model.Classification {
		b.Common = r.table.Classes[c.Common()]
	} else {
		b.Held = metric.ConstantOf(view, truth).Mean
	}
	if view.Classes == 2 {
		b.Rare = r.table.Classes[view.Positive()]
	}
	return b
}
