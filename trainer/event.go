package trainer

import "tuned/trainer/metric"

// EventKind says what an Event tells.
type EventKind string

// The kinds of events, in the order in which a run meets them.
const (
	Started    EventKind = "train.started"    // Step, Steps, Loss 0
	Resumed    EventKind = "train.resumed"    // from a checkpoint; events behind its Step are told again
	Progress   EventKind = "train.progress"   // at most about 500 in a run: Step, Epoch, Loss, LR, GradNorm
	Evaluated  EventKind = "train.evaluated"  // Weights and their Metrics on the validation rows; Best when they are the best so far
	Reacted    EventKind = "train.reacted"    // a watch fired: Reaction
	Saved      EventKind = "train.checkpoint" // a checkpoint was written
	Rejected   EventKind = "train.rejected"   // a damaged Checkpoint was passed over
	Suspended  EventKind = "train.suspended"  // the context ended; the run can go on later
	Finished   EventKind = "train.finished"   // Members, and their Metrics when there are validation rows
	Calibrated EventKind = "train.calibrated" // Temperature was fitted on the validation rows
)

// Event is one thing that happened during training. Fields that do not belong to its Kind are zero.
type Event struct {
	Kind        EventKind       `json:"event"`
	Step        int64           `json:"step"`            // steps done so far
	Steps       int64           `json:"steps,omitempty"` // of the whole run
	Epoch       float64         `json:"epoch,omitempty"`
	Loss        Number          `json:"loss,omitzero"` // smoothed training loss
	LR          float64         `json:"lr,omitempty"`
	GradNorm    Number          `json:"grad_norm,omitzero"`
	Weights     string          `json:"weights,omitempty"`
	Metrics     metric.Metrics  `json:"metrics,omitempty"`
	Best        bool            `json:"best,omitempty"`
	Reaction    *ReactionRecord `json:"reaction,omitempty"`
	Members     []string        `json:"members,omitempty"`
	Checkpoint  string          `json:"checkpoint,omitempty"`
	Temperature float64         `json:"temperature,omitempty"`
	FLOPs       int64           `json:"flops,omitempty"` // spent on training and evaluating so far
}
