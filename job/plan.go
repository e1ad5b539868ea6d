package job

import (
	"fmt"

	"tuned/heuristics"
	"tuned/trainer/model"
)

// Plan is plan.json: all decisions, and all else that fixes the run's bits.
type Plan struct {
	Schema    int       `json:"schema"`
	Version   string    `json:"version"`
	Seed      int64     `json:"seed"`
	Split     Split     `json:"split"`
	Threads   int64     `json:"threads"`
	ISA       string    `json:"isa"`
	Hashes    Hashes    `json:"hashes"`
	Decisions []Decided `json:"decisions"`
	// Watches are judged during training; they are part of what fixes the bits.
	Watches []heuristics.Watch `json:"watches,omitempty"`
	Facts   Values             `json:"facts,omitempty"` // what the watches read of what was measured before
}

// Split is how the rows were divided before anything was decided.
type Split struct {
	Seed    int64   `json:"seed"`
	Holdout float64 `json:"holdout"`
	Train   int     `json:"train_rows"`
	Held    int     `json:"holdout_rows"`
}

// Hashes are of what the plan was made from. Architecture is the sha256 of the program that holds the model.
type Hashes struct {
	Job          string `json:"job"`
	Data         string `json:"data"`
	Beside       string `json:"beside,omitempty"`
	Rules        string `json:"rules"`
	Architecture string `json:"architecture,omitempty"`
}

// readPlan reads a plan.json. Every error is an [*Error].
func readPlan(path string) (*Plan, error) {
	var p Plan
	if err := readJSON(path, &p); err != nil {
		return nil, &Error{Path: path, Problem: "the plan cannot be read", Hint: "name the plan.json of a run", Err: err}
	}
	if p.Schema != Schema || len(p.Decisions) == 0 {
		return nil, &Error{Path: path, Problem: "this is not a plan of this version of tuned", Hint: "name the plan.json of a run"}
	}
	return &p, nil
}

// Settings are the decided values by name.
func (p *Plan) Settings() model.Settings {
	out := make(model.Settings, len(p.Decisions))
	for _, d := range p.Decisions {
		out[d.Setting] = d.Value
	}
	return out
}

// decision finds a setting's decision.
func (p *Plan) decision(setting string) (heuristics.Decision, bool) {
	for _, d := range p.Decisions {
		if d.Setting == setting {
			return d.Decision, true
		}
	}
	return heuristics.Decision{}, false
}

// text is a decided setting that must be one.
func (p *Plan) text(setting string) (string, error) {
	d, ok := p.decision(setting)
	if !ok {
		return "", fmt.Errorf("the plan has no %q", setting)
	}
	s, ok := d.Value.(string)
	if !ok {
		return "", fmt.Errorf("the plan's %q is %v, not text", setting, d.Value)
	}
	return s, nil
}
