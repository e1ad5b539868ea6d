package trainer

import (
	"fmt"
	"slices"

	"tuned/trainer/metric"
	"tuned/trainer/model"
)

// finish decides which members predict, scores them, fits the temperature and sums the training up.
func (l *loop) finish() (Outcome, error) {
	if l.run.Plan.selects() && l.Evaluated < l.Next { // a watch stopped the run between two evaluations
		if err := l.evaluateAll(); err != nil {
			return Outcome{}, err
		}
	}
	members, err := l.members()
	if err != nil {
		return Outcome{}, err
	}
	o := Outcome{
		Members: members, Steps: l.steps, Step: l.Next, Stopped: l.Stopped, Temperature: l.run.Plan.TemperaturePrior,
		Training: l.Curve.Points, Reactions: l.Reactions,
	}
	if len(l.run.Validation) > 0 {
		if err := l.validate(&o); err != nil {
			return Outcome{}, err
		}
	}
	for _, m := range l.run.Plan.Final {
		if b, ok := l.Best[m.Name]; ok {
			o.Best = append(o.Best, b)
		}
	}
	o.Evaluations, o.FLOPs = l.History, l.FLOPs
	l.send(Event{Kind: Finished, Step: l.Next, Members: names(members), Metrics: o.Validation, Temperature: o.Temperature})
	return o, nil
}

func names(members []model.Weights) []string {
	all := make([]string, len(members))
	for i, m := range members {
		all[i] = string(m)
	}
	return all
}

// members resolves the plan's final into weights that the session holds, each once.
func (l *loop) members() ([]model.Weights, error) {
	var all []model.Weights
	for _, m := range l.run.Plan.Final {
		some, err := l.resolve(m)
		if err != nil {
			return nil, err
		}
		for _, w := range some {
			if !slices.Contains(all, w) {
				all = append(all, w)
			}
		}
	}
	return all, nil
}

func (l *loop) resolve(m Member) ([]model.Weights, error) {
	if m.Cycles {
		var all []model.Weights
		for _, s := range l.Cycles {
			all = append(all, kept(s.Name, m.Candidates[0]))
		}
		return append(all, m.Candidates[0]), nil
	}
	if best, ok := l.Best[m.Name]; ok && l.run.Plan.selects() {
		return []model.Weights{kept(m.snapshot(), best.Weights)}, nil
	} else if ok { // chosen at the end, before an interruption
		return []model.Weights{best.Weights}, nil
	}
	if len(m.Candidates) == 1 {
		return m.Candidates, nil
	}
	return l.resolveLast(m)
}

// resolveLast chooses among a member's candidates as they are at the end.
func (l *loop) resolveLast(m Member) ([]model.Weights, error) {
	scores, err := l.score(m.Candidates)
	if err != nil {
		return nil, err
	}
	i := l.choose(m, m.Candidates, scores)
	l.Best[m.Name] = Best{m.Name, m.Candidates[i], l.Next, l.epoch(), scores[i]}
	return []model.Weights{m.Candidates[i]}, nil
}

// validate scores the members together on the validation rows, with the temperature that was fitted there if the plan
// asks for it, and else the usual one.
func (l *loop) validate(o *Outcome) error {
	outputs, err := l.outputs(o.Members)
	if err != nil {
		return err
	}
	if l.run.View.Task == model.Classification {
		if l.run.Plan.FitTemperature {
			o.Temperature = metric.FitTemperature(outputs[0], l.run.View.Classes, l.truth.Labels, o.Temperature)
			l.send(Event{Kind: Calibrated, Step: l.Next, Temperature: o.Temperature})
		}
		metric.ApplyTemperature(outputs[0], l.run.View.Classes, o.Temperature)
	}
	if o.Validation, err = metric.Evaluate(l.run.View, outputs[0], l.truth); err != nil {
		return fmt.Errorf("score the final members: %w", err)
	}
	return nil
}
