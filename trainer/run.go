package trainer

import (
	"errors"
	"time"

	"tuned/heuristics"
	"tuned/trainer/metric"
	"tuned/trainer/model"
)

// ErrSuspended: the context ended and the run can go on from its newest checkpoint.
var ErrSuspended = errors.New("training suspended")

// ErrDiverged: the training did not recover, although every reaction that its watches allow was tried.
var ErrDiverged = errors.New("training diverged")

// Order says which rows a step reads. data.Order fits.
type Order interface {
	Batch(step int64) []int32 // rows of the view; a pure function of step
	StepsPerEpoch() int
}

// Run is one training: a session, a plan, and where to tell and keep what happens.
type Run struct {
	Session model.Session
	Plan    Plan
	Order   Order
	// Validation are the rows that choices are made on; empty when the plan chooses nothing.
	Validation []int32
	// View and ViewDir describe what the session was opened on; the target is read from there when there are validation rows.
	View    model.View
	ViewDir string
	// Recalibrate are training rows on which a session with batch-norm re-estimates its statistics before averaged or
	// blended weights are evaluated. Empty: not done.
	Recalibrate []int32
	Watches     []Watch
	// Facts and Settings are what was measured and decided before, for the watches to read; train.* and what reactions
	// changed are put over them.
	Facts    heuristics.Facts
	Settings model.Settings
	// Dir holds checkpoints and the outputs of evaluations. Empty: no checkpoints, outputs go to a temporary directory.
	Dir string
	// Pause is the least time between two checkpoints, however short the plan's checkpoint_every; 0: two seconds, below 0:
	// none. Saving never changes the bits, and so may go by the clock.
	Pause time.Duration
	// Events receives what happens, in order, from the goroutine that called Train. It may be nil.
	Events func(Event)
}

// Outcome is what a training left behind. The session holds the weights that Members name.
type Outcome struct {
	Members     []model.Weights  `json:"members"` // whose outputs are averaged to predict
	Steps       int64            `json:"steps"`   // steps of the run as planned
	Step        int64            `json:"step"`    // the step it ended at: Steps, unless a watch stopped it
	Stopped     string           `json:"stopped,omitempty"`
	Best        []Best           `json:"best,omitempty"`       // what was selected on the validation rows
	Validation  metric.Metrics   `json:"validation,omitempty"` // of the members, temperature applied
	Temperature float64          `json:"temperature"`          // by which logarithms of probabilities are divided: the plan's prior where none was fitted
	Training    []CurvePoint     `json:"training"`             // downsampled
	Evaluations []Evaluation     `json:"evaluations,omitempty"`
	Reactions   []ReactionRecord `json:"reactions,omitempty"`
	FLOPs       int64            `json:"flops"` // steps, evaluations and what a rollback threw away
}
