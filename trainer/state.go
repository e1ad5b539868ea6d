package trainer

import (
	"tuned/trainer/metric"
	"tuned/trainer/model"
)

// state is everything that the loop knows and the session does not. A checkpoint holds it as JSON.
type state struct {
	Next    int64   `json:"next"` // the first step that was not submitted yet
	Skipped int64   `json:"skipped"`
	Scalars scalars `json:"scalars"`
	// Rewarm is the step from which the rate rises again after a rollback; -1: none.
	Rewarm    int64            `json:"rewarm"`
	Monitor   monitor          `json:"monitor"`
	Rollbacks []snapshot       `json:"rollbacks,omitempty"`
	Cycles    []snapshot       `json:"cycles,omitempty"`
	Reactions []ReactionRecord `json:"reactions,omitempty"`
	Counts    map[string]int   `json:"counts"` // reactions of each watch
	Quiet     map[string]int64 `json:"quiet"`  // the step before which a watch is not judged again
	Stopped   string           `json:"stopped,omitempty"`
	Evaluated int64            `json:"evaluated"` // the step of the last evaluation
	Best      map[string]Best  `json:"best"`
	History   []Evaluation     `json:"history,omitempty"`
	Curve     Curve            `json:"curve"`
	FLOPs     int64            `json:"flops"`
	// Flight are segments that were submitted and not judged, at most one; a checkpoint holds their results.
	Flight []segment `json:"flight,omitempty"`
}

// scalars are the settings that a reaction may change.
type scalars struct {
	LR             float64 `json:"lr"`
	WeightDecay    float64 `json:"weight_decay"`
	Dropout        float64 `json:"dropout"`
	LabelSmoothing float64 `json:"label_smoothing"`
	ClipNorm       float64 `json:"clip_norm"`
}

// snapshot is a snapshot of everything that the session keeps.
type snapshot struct {
	Name string `json:"name"`
	Step int64  `json:"step"` // steps done when it was taken
}

// Best is where a member of the plan's final scored best so far.
type Best struct {
	Member  string         `json:"member"`
	Weights model.Weights  `json:"weights"` // which of its candidates
	Step    int64          `json:"step"`
	Epoch   float64        `json:"epoch"`
	Metrics metric.Metrics `json:"metrics"`
}

// Evaluation is a set of weights scored on the validation rows.
type Evaluation struct {
	Step    int64          `json:"step"`
	Epoch   float64        `json:"epoch"`
	Weights model.Weights  `json:"weights"`
	Metrics metric.Metrics `json:"metrics"`
}

func newState(p Plan) state {
	return state{
		Scalars: scalars{p.LR, p.WeightDecay, p.Dropout, p.LabelSmoothing, p.ClipNorm},
		Rewarm:  -1, Counts: map[string]int{}, Quiet: map[string]int64{}, Best: map[string]Best{},
	}
}

// named are the scalars by the names that rules know.
func (s *scalars) named() map[string]*float64 {
	return map[string]*float64{
		"lr": &s.LR, "weight_decay": &s.WeightDecay, "dropout": &s.Dropout,
		"label_smoothing": &s.LabelSmoothing, "clip_norm": &s.ClipNorm,
	}
}

func (s *scalars) settings() model.Settings {
	all := model.Settings{}
	for name, at := range s.named() {
		all[name] = *at
	}
	return all
}

// set takes new values of scalars that there are.
func (s *scalars) set(values map[string]float64) {
	named := s.named()
	for name, v := range values {
		*named[name] = v
	}
}
