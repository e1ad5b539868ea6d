package report

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"time"

	"tuned/heuristics"
)

// journalLine is an entry of the journal.
type journalLine struct {
	Seq   int64           `json:"seq"`
	At    time.Time       `json:"at"`
	Kind  string          `json:"kind"`
	Event json.RawMessage `json:"event"`
}

// Training is the course of a training.
type Training struct {
	Steps       int64
	Progress    []Step
	Evaluations []Evaluation
	Reactions   []string // why, in sentences
	Members     []string
	Temperature float64
}

// Step is a point of the training's course.
type Step struct {
	Step int64   `json:"step"`
	Loss number  `json:"loss"`
	LR   float64 `json:"lr"`
}

// Evaluation is a look at the validation rows.
type Evaluation struct {
	Step    int64              `json:"step"`
	Weights string             `json:"weights"`
	Metrics map[string]float64 `json:"metrics"`
}

// number is a float that JSON may hold as text where it is not finite.
type number float64

func (n *number) UnmarshalJSON(text []byte) error {
	if s, err := strconv.Unquote(string(text)); err == nil {
		text = []byte(s)
	}
	v, err := strconv.ParseFloat(string(text), 64)
	*n = number(v)
	if err != nil {
		*n = number(math.NaN())
	}
	return nil
}

// take reads one event. Kinds that the report does not show are left out.
func (r *Run) take(l journalLine) error {
	switch l.Kind {
	case "started":
		return r.takeStarted(l)
	case "columns":
		return json.Unmarshal(l.Event, &r.Columns)
	case "measured":
		return r.takeMeasured(l)
	case "decided":
		return r.takeDecided(l)
	case "found":
		return r.takeFound(l)
	case "noted":
		return r.takeNoted(l)
	case "trained":
		return r.Training.take(l)
	case "sliced":
		return r.takeSliced(l)
	}
	return nil
}

func (r *Run) takeStarted(l journalLine) error {
	var e struct {
		Name    string `json:"name"`
		Version string `json:"version"`
		Machine string `json:"machine"`
		Target  string `json:"target"`
		Seed    int64  `json:"seed"`
		Threads int64  `json:"threads"`
	}
	if err := json.Unmarshal(l.Event, &e); err != nil {
		return err
	}
	r.Name, r.Version, r.Machine, r.Target, r.Seed, r.Threads = e.Name, e.Version, e.Machine, e.Target, e.Seed, e.Threads
	if r.Began.IsZero() {
		r.Began = l.At
	}
	return nil
}

func (r *Run) takeMeasured(l journalLine) error {
	var e struct {
		Source string           `json:"source"`
		Facts  heuristics.Facts `json:"facts"`
		Plots  []Plot           `json:"plots"`
	}
	if err := json.Unmarshal(l.Event, &e); err != nil {
		return err
	}
	for name, v := range e.Facts {
		r.Facts[name] = v
	}
	r.Plots = slices.DeleteFunc(r.Plots, func(p Plot) bool { return p.Source == e.Source })
	for _, p := range e.Plots {
		p.Source = e.Source
		r.Plots = append(r.Plots, p)
	}
	return nil
}

func (r *Run) takeDecided(l journalLine) error {
	var d heuristics.Decision
	if err := json.Unmarshal(l.Event, &d); err != nil {
		return err
	}
	same := func(o heuristics.Decision) bool { return o.Setting == d.Setting }
	if i := slices.IndexFunc(r.Decisions, same); i >= 0 {
		r.Decisions[i] = d
		return nil
	}
	r.Decisions = append(r.Decisions, d)
	return nil
}

func (r *Run) takeFound(l journalLine) error {
	var f heuristics.Finding
	if err := json.Unmarshal(l.Event, &f); err != nil {
		return err
	}
	r.Findings = slices.DeleteFunc(r.Findings, func(o heuristics.Finding) bool { return o.Check == f.Check })
	r.Findings = append(r.Findings, f)
	return nil
}

func (r *Run) takeNoted(l journalLine) error {
	var e struct {
		What string `json:"what"`
	}
	if err := json.Unmarshal(l.Event, &e); err != nil {
		return err
	}
	if !slices.Contains(r.Notes, e.What) {
		r.Notes = append(r.Notes, e.What)
	}
	return nil
}

func (r *Run) takeSliced(l journalLine) error {
	var s Sliced
	if err := json.Unmarshal(l.Event, &s); err != nil {
		return err
	}
	r.Slices = slices.DeleteFunc(r.Slices, func(o Sliced) bool { return o.Column == s.Column })
	r.Slices = append(r.Slices, s)
	return nil
}

// take reads one event of the training. A training that was resumed tells what lies behind its checkpoint again.
func (t *Training) take(l journalLine) error {
	var e struct {
		Kind        string   `json:"event"`
		Steps       int64    `json:"steps"`
		Members     []string `json:"members"`
		Temperature float64  `json:"temperature"`
		Reaction    *struct {
			Why string `json:"why"`
			To  int64  `json:"to"`
		} `json:"reaction"`
		Step
		Weights string             `json:"weights"`
		Metrics map[string]float64 `json:"metrics"`
	}
	if err := json.Unmarshal(l.Event, &e); err != nil {
		return err
	}
	t.Steps = max(t.Steps, e.Steps)
	switch e.Kind {
	case "train.started":
		*t = Training{Steps: e.Steps}
	case "train.resumed":
		t.cut(e.Step.Step)
	case "train.progress":
		t.Progress = append(t.Progress, e.Step)
	case "train.evaluated":
		t.Evaluations = append(t.Evaluations, Evaluation{e.Step.Step, e.Weights, e.Metrics})
	case "train.reacted":
		if e.Reaction != nil {
			t.Reactions = append(t.Reactions, e.Reaction.Why)
			if e.Reaction.To > 0 {
				t.cut(e.Reaction.To)
			}
		}
	case "train.finished", "train.calibrated":
		t.Members, t.Temperature = append(t.Members, e.Members...), max(t.Temperature, e.Temperature)
	}
	return nil
}

func (t *Training) cut(step int64) {
	t.Progress = slices.DeleteFunc(t.Progress, func(s Step) bool { return s.Step > step })
	t.Evaluations = slices.DeleteFunc(t.Evaluations, func(e Evaluation) bool { return e.Step > step })
}
