package trainer

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"tuned/trainer/model"
)

// How reactions work, in steps.
const (
	rollbackBack = 100 // a rollback returns at least so far, if such a snapshot is held
	rewarmSteps  = 50  // over which the rate rises again after a rollback
	quietSteps   = 200 // a watch that lowered or alerted is not judged again for so long
	brokenSteps  = 100 // so many non-finite steps in a row end the run, whatever the watches say
)

// mostRollbacks is how often a watch that names no limit may roll back: each time takes as long as the last, and no run shall be
// endless.
const mostRollbacks = 100

// Why two snapshots, 300 steps apart, suffice. When a step s is judged, its segment and the one in flight reach at most
// 200 steps beyond it. Snapshots that could have been taken between s-100 and s+200 span 300 steps and so hold one
// multiple of 300 at most; the other slot holds the newest one at s-100 or before.

// settle waits for the oldest segment in flight and judges it; a reaction takes hold before it returns.
func (l *loop) settle() error {
	s := &l.Flight[0]
	if err := l.collect(s); err != nil {
		return err
	}
	reaction, err := l.judge(*s)
	if err != nil {
		return err
	}
	l.Flight = l.Flight[1:]
	if reaction != nil {
		return l.react(*reaction, s.To)
	}
	l.progressEvent(s.To)
	return nil
}

// judge observes a segment's steps in order. The first reaction that changes the course ends it: what follows a rollback
// is thrown away, and what follows another is observed without being judged.
func (l *loop) judge(s segment) (*ReactionRecord, error) {
	var reaction *ReactionRecord
	settings := l.settings()
	for i, r := range s.Results {
		step := s.From + int64(i)
		l.observe(step, r.model())
		if l.Monitor.Broken >= brokenSteps {
			return nil, fmt.Errorf("%w: no finite loss in %d steps, up to step %d", ErrDiverged, brokenSteps, step+1)
		}
		if reaction != nil {
			continue
		}
		var err error
		if reaction, err = l.watch(step, settings); err != nil {
			return nil, err
		}
		if reaction != nil && reaction.Do == Rollback {
			return reaction, nil
		}
	}
	return reaction, nil
}

func (l *loop) observe(step int64, r model.Result) {
	l.Monitor.observe(r)
	if finite(r) {
		l.Curve.add(step+1, r.Loss, l.rate(step), r.GradNorm)
	}
}

// settings are all decided ones, with the scalars as reactions left them.
func (l *loop) settings() model.Settings {
	all := maps.Clone(l.run.Settings)
	if all == nil {
		all = model.Settings{}
	}
	maps.Copy(all, l.Scalars.settings())
	return all
}

// watch asks the watches about the step that was observed last. Alerts are told at once.
func (l *loop) watch(step int64, settings model.Settings) (*ReactionRecord, error) {
	if len(l.run.Watches) == 0 {
		return nil, nil
	}
	l.Monitor.fill(l.facts, step+1, l.steps)
	for _, w := range l.run.Watches {
		if step < l.Quiet[w.Name()] {
			continue
		}
		r, err := w.Judge(l.facts, settings)
		if err != nil {
			return nil, err
		}
		if r == nil {
			continue
		}
		record, err := l.count(w.Name(), *r, step)
		if err != nil || record != nil && record.Do != Alert {
			return record, err
		}
	}
	return nil, nil
}

// count records a reaction, or returns nil when the watch has used up its limit.
func (l *loop) count(watch string, r Reaction, step int64) (*ReactionRecord, error) {
	switch limit := r.limit(); {
	case limit == 0 || l.Counts[watch] < limit:
	case r.Do == Rollback:
		return nil, fmt.Errorf("%w: %s (step %d, after %d rollbacks)", ErrDiverged, r.Why, step+1, limit)
	default:
		return nil, nil
	}
	if err := r.validate(); err != nil {
		return nil, fmt.Errorf("watch %s: %w", watch, err)
	}
	l.Counts[watch]++
	record := ReactionRecord{Reaction: r, Watch: watch, Step: step + 1, Count: l.Counts[watch]}
	if r.Do != Rollback {
		l.Quiet[watch] = step + 1 + quietSteps
	}
	if r.Do == Alert {
		l.tell(record)
	}
	return &record, nil
}

// limit is how often a watch may react so; 0: any number.
func (r Reaction) limit() int {
	if r.Do == Rollback {
		return cmp.Or(r.Limit, mostRollbacks)
	}
	return r.Limit
}

func (r Reaction) validate() error {
	if r.Do == Stop && r.Why == "" {
		return errors.New("a training is stopped for a reason, and none is given")
	}
	if !slices.Contains([]Action{Rollback, Lower, Stop, Alert}, r.Do) {
		return fmt.Errorf("unknown action %q", r.Do)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Set)) {
		if _, ok := new(scalars).named()[name]; !ok {
			return fmt.Errorf("%s cannot be set during training", name)
		}
		if v := r.Set[name]; math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
			return fmt.Errorf("%s cannot be set to %v", name, v)
		}
	}
	return nil
}

// react carries out a reaction to a segment that ended at step to, once the segment in flight has ended too.
func (l *loop) react(r ReactionRecord, to int64) error {
	flight := l.Flight
	l.Flight = nil
	for i := range flight {
		if err := l.collect(&flight[i]); err != nil {
			return err
		}
		if r.Do == Rollback {
			continue
		}
		for j, result := range flight[i].Results {
			l.observe(flight[i].From+int64(j), result.model())
		}
	}
	if r.Do == Rollback {
		if err := l.rollback(&r, to); err != nil {
			return err
		}
	}
	if r.Do == Stop {
		l.Stopped = r.Why
	}
	l.Scalars.set(r.Set)
	l.tell(r)
	return nil
}

// rollback restores the newest snapshot that lies far enough back, the oldest if none does, and goes on from there with
// the batches that follow the judged segment.
func (l *loop) rollback(r *ReactionRecord, to int64) error {
	target := l.Rollbacks[0]
	for _, s := range l.Rollbacks {
		old := target.Step > r.Step-rollbackBack
		if fits := s.Step <= r.Step-rollbackBack; fits && (old || s.Step > target.Step) || !fits && old && s.Step < target.Step {
			target = s
		}
	}
	if _, err := l.submitAll(l.work, model.Use{Name: target.Name}); err != nil {
		return fmt.Errorf("roll back to step %d: %w", target.Step, err)
	}
	later := func(s snapshot) bool { return s.Step > target.Step }
	l.Rollbacks, l.Cycles = slices.DeleteFunc(l.Rollbacks, later), slices.DeleteFunc(l.Cycles, later)
	l.Skipped += to - target.Step
	l.Next, l.Rewarm, r.To = target.Step, target.Step, target.Step
	l.Evaluated = min(l.Evaluated, target.Step)
	l.Monitor.forget()
	return nil
}

// tell records a reaction and sends its event.
func (l *loop) tell(r ReactionRecord) {
	l.Reactions = append(l.Reactions, r)
	l.send(Event{Kind: Reacted, Step: r.Step, Reaction: &r})
}
