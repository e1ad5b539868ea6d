package trainer

import (
	"tuned/heuristics"
	"tuned/trainer/model"
)

// Watch judges one step of the training. It must be a pure function of its arguments.
type Watch interface {
	// Name identifies the watch; its count of reactions is kept under it.
	Name() string
	// Judge reads the facts train.* (docs/architecture.md lists them) and the settings as they are now, reactions included, and answers
	// with what to do, or nil. An error names the watch.
	Judge(facts heuristics.Facts, settings model.Settings) (*Reaction, error)
}

// Action is what a reaction does.
type Action string

// The actions.
const (
	Rollback Action = "rollback" // restore a snapshot at least 100 steps back, skip the batches since, apply Set, warm up again
	Lower    Action = "lower"    // apply Set and go on
	Stop     Action = "stop"     // end the training here; the members are taken as they stand
	Alert    Action = "alert"    // tell, and go on
)

// Reaction is what a watch asks for.
type Reaction struct {
	Do Action `json:"do"`
	// Set holds new values of lr, weight_decay, dropout, label_smoothing or clip_norm.
	Set map[string]float64 `json:"set,omitempty"`
	// Limit is how often this watch may react in a run; 0: any number, but 100 for rollbacks. A rollback beyond it ends the run with
	// ErrDiverged.
	Limit  int    `json:"limit,omitempty"`
	Why    string `json:"why"`
	Source string `json:"source,omitempty"`
}

// ReactionRecord is a reaction as it was carried out.
type ReactionRecord struct {
	Reaction
	Watch string `json:"watch"`
	Step  int64  `json:"step"`         // the step that was judged
	To    int64  `json:"to,omitempty"` // the step that a rollback returned to
	Count int    `json:"count"`        // how often this watch has reacted, this time included
}
