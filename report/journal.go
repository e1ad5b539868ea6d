package report

import (
	"maps"
	"slices"

	"tuned/job"
	"tuned/trainer"
)

// take reads one event. Kinds that the report does not show are left out.
func (r *Run) take(entry job.Entry) {
	switch e := entry.Event.(type) {
	case job.Started:
		r.Attempt = e
		if r.Began.IsZero() {
			r.Began = entry.At
		}
	case job.Columns:
		r.Columns = e
	case job.Measured:
		r.takeMeasured(e)
	case job.Noted:
		if !slices.Contains(r.Notes, e.What) {
			r.Notes = append(r.Notes, e.What)
		}
	case job.Trained:
		r.Training.take(e.Event)
	case job.Sliced:
		r.Slices = slices.DeleteFunc(r.Slices, func(o job.Sliced) bool { return o.Column == e.Column })
		r.Slices = append(r.Slices, e)
	}
}

func (r *Run) takeMeasured(e job.Measured) {
	maps.Copy(r.Facts, e.Facts)
	r.Plots = slices.DeleteFunc(r.Plots, func(p Plot) bool { return p.Source == e.Source })
	for _, p := range e.Plots {
		r.Plots = append(r.Plots, Plot{e.Source, p})
	}
}

// Training is the course of a training.
type Training struct {
	Steps       int64
	Progress    []trainer.Event
	Evaluations []trainer.Event
	Reactions   []trainer.ReactionRecord
	Members     []string
	Temperature float64 // as it was fitted; 0: it was not
}

// take reads one event of the training. A training that was resumed tells what lies behind its checkpoint again.
func (t *Training) take(e trainer.Event) {
	t.Steps = max(t.Steps, e.Steps)
	switch e.Kind {
	case trainer.Started:
		*t = Training{Steps: e.Steps}
	case trainer.Resumed:
		t.cut(e.Step)
	case trainer.Progress:
		t.Progress = append(t.Progress, e)
	case trainer.Evaluated:
		t.Evaluations = append(t.Evaluations, e)
	case trainer.Reacted:
		t.react(e.Reaction)
	case trainer.Calibrated:
		t.Temperature = e.Temperature
	case trainer.Finished:
		t.Members = e.Members
	}
}

func (t *Training) react(r *trainer.ReactionRecord) {
	if r == nil {
		return
	}
	t.Reactions = slices.DeleteFunc(t.Reactions, func(o trainer.ReactionRecord) bool { return o.Watch == r.Watch && o.Count == r.Count })
	t.Reactions = append(t.Reactions, *r)
	if r.To > 0 {
		t.cut(r.To)
	}
}

// cut forgets what lies behind a step.
func (t *Training) cut(step int64) {
	behind := func(e trainer.Event) bool { return e.Step > step }
	t.Progress, t.Evaluations = slices.DeleteFunc(t.Progress, behind), slices.DeleteFunc(t.Evaluations, behind)
}
