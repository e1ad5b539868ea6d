package trainer

import (
	"fmt"
	"slices"

	"tuned/trainer/metric"
	"tuned/trainer/model"
)

// Plan is every decided setting that the training reads. With the session's own settings, the order of the rows and the
// watches it fixes the bits of the weights.
type Plan struct {
	Metric string `json:"metric"` // what selection goes by
	Epochs int64  `json:"epochs"`

	LR           float64  `json:"lr"` // at the schedule's peak
	Schedule     Schedule `json:"schedule"`
	WarmupSteps  int64    `json:"warmup_steps"`
	Beta1        float64  `json:"beta1"`
	Beta2        float64  `json:"beta2"`
	Epsilon      float64  `json:"epsilon"`
	WeightDecay  float64  `json:"weight_decay"`
	WeightDecays Schedule `json:"weight_decay_schedule"`

	Dropout        float64  `json:"dropout"`
	Dropouts       Schedule `json:"dropout_schedule"`
	LabelSmoothing float64  `json:"label_smoothing"`
	Smoothings     Schedule `json:"label_smoothing_schedule"`
	ClipNorm       float64  `json:"clip_norm"` // 0: none

	Averages        []string  `json:"averages,omitempty"` // decays, as they were written: "0.99"
	Selection       Selection `json:"selection"`
	EvaluateEvery   int64     `json:"evaluate_every"` // epochs
	Final           Final     `json:"final"`
	CheckpointEvery int64     `json:"checkpoint_every"` // steps

	FitTemperature   bool    `json:"fit_temperature"`
	TemperaturePrior float64 `json:"temperature_prior"` // where it is not fitted
}

// Selection says when the members are taken.
type Selection string

// The selections.
const (
	Last Selection = "last" // at the end of the training
	Peak Selection = "best" // when they scored best on the validation rows
)

// ParsePlan reads the decided settings: int64, float64, bool or string by name. A setting that is missing, of another
// type or out of range is an error that names it. Settings of the architecture and of the data are not looked at.
func ParsePlan(decided map[string]any, job string) (Plan, error) {
	r := reader{settings: decided}
	p := Plan{
		Metric: job, Epochs: r.integer("epochs", 1),
		LR: r.number("lr", 0, inf), Schedule: r.schedule("schedule"), WarmupSteps: r.integer("warmup_steps", 0),
		Beta1: r.number("beta1", 0, 1), Beta2: r.number("beta2", 0, 1), Epsilon: r.number("epsilon", 0, inf),
		WeightDecay: r.number("weight_decay", 0, inf), WeightDecays: r.schedule("weight_decay_schedule"),
		Dropout: r.number("dropout", 0, 1), Dropouts: r.schedule("dropout_schedule"),
		LabelSmoothing: r.number("label_smoothing", 0, 1), Smoothings: r.schedule("label_smoothing_schedule"),
		ClipNorm: r.number("clip_norm", 0, inf),
		Averages: r.decays("averages"), Selection: Selection(r.choice("selection", string(Last), string(Peak))),
		EvaluateEvery: r.integer("evaluate_every", 1), CheckpointEvery: r.integer("checkpoint_every", 0),
		FitTemperature: r.choice("temperature", "none", "fit") == "fit", TemperaturePrior: r.numberOr(1, "temperature_prior", metric.Coldest, metric.Hottest),
	}
	p.Final = r.final("final", p.Averages)
	if r.err == nil && !slices.Contains(append(metric.For(model.Classification), metric.For(model.Regression)...), job) {
		r.fail("metric", "%q is not a metric", job)
	}
	return p, r.err
}

// NeedsValidation tells whether something is chosen or fitted on validation rows.
func (p Plan) NeedsValidation() bool {
	return p.Final.chooses() || p.FitTemperature || p.selects()
}

// CheckValidation is the error of a plan that chooses or fits something on validation rows where there are none; it names the setting.
func (p Plan) CheckValidation(rows int) error {
	if rows > 0 || !p.NeedsValidation() {
		return nil
	}
	name, value := "final", p.Final.String()
	switch {
	case p.selects():
		name, value = "selection", string(p.Selection)
	case p.FitTemperature:
		name, value = "temperature", "fit"
	}
	return fmt.Errorf("setting %s: %q needs validation rows, and there are none: write under [pin] validation_fraction = 0.2, too, or another %s", name, value, name)
}

// selects tells whether weights are followed from evaluation to evaluation.
func (p Plan) selects() bool { return p.Selection == Peak && len(p.Final.tracks()) > 0 }

// Snapshots is the number of snapshots of everything that the training holds in memory at the same time, at most.
func (p Plan) Snapshots() int {
	n := rollbackSlots
	if p.Selection == Peak {
		n += len(p.Final.tracks())
	}
	if p.Final.cycles() {
		n += len(p.Schedule.cycleEnds()) - 1
	}
	return n
}
