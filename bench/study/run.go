package study

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"tuned/bench/peers"
	"tuned/bench/pool"
	"tuned/bench/trial"
	"tuned/job"
)

// Refits is how many of a study's best trials are trained once more, on all training rows: of 30 trials drawn from 100,
// the best is among these ten 97 times in 100.
const Refits = 10

// runner fills in a line that says what to run: our own code in a worker, or a peer in a process of its own.
type runner interface {
	run(l *Line, report report) error
	close() error
}

// report passes an intermediate value to Optuna, and its answer back; nil: none are wanted.
type report func(step int, value float64) (stop bool, err error)

func (s Study) runner(ctx context.Context, w *pool.Worker) (runner, error) {
	if s.Arm.Peer == "" {
		return own{s, w}, nil
	}
	split, err := peers.Open(ctx, s.Set, s.Split, s.Rows)
	return peer{s, split}, err
}

// own trains our own code.
type own struct {
	study  Study
	worker *pool.Worker
}

func (own) close() error { return nil }

func (o own) run(l *Line, report report) error {
	s := o.study
	r := trial.Request{Data: s.Data, Set: s.Set.Name, Split: s.Split, Rows: s.Rows, Seed: l.Seed, Rules: s.Rules, Unweighed: s.Arm.Sampler != ""}
	if s.Arm.Pins != nil {
		r.Architecture, r.Pins = "mlp", s.pins(l)
	}
	var failed error
	result, err := o.worker.Run(r, o.reporter(l, report, &failed))
	if err := errors.Join(err, failed); err != nil {
		return err
	}
	l.fill(result)
	return nil
}

func (s Study) pins(l *Line) job.Values {
	if l.Refit {
		return s.Arm.Refitted(l.Settings)
	}
	return s.Arm.Pins(l.Settings)
}

// reporter passes validation errors to a pruner, where the arm has one. One that cannot be asked has pruned nothing: it failed.
func (o own) reporter(l *Line, report report, failed *error) trial.Report {
	if o.study.Arm.Pruner != "asha" || l.Refit {
		return nil
	}
	l.Steps = map[int]float64{}
	return func(epoch int, value float64) bool {
		l.Steps[epoch] = value
		stop, err := report(epoch, value)
		*failed = errors.Join(*failed, err)
		return stop || err != nil
	}
}

// peer fits what users would pick instead.
type peer struct {
	study Study
	split *peers.Split
}

func (p peer) close() error { return p.split.Close() }

func (p peer) run(l *Line, _ report) error {
	result, err := p.split.Run(peers.Request{Model: p.study.Arm.Peer, Settings: l.Settings, Seed: l.Seed, Refit: l.Refit})
	if err != nil {
		return err
	}
	l.Test, l.CPUSeconds = result.Test, result.CPUSeconds
	if !l.Refit {
		l.Validation = result.Validation
	}
	return nil
}

// refit trains the best trials once more on all training rows, in the order of their validation errors.
func (s Study) refit(r runner, all []Line, keep func(Line) error) error {
	for _, l := range best(all, Refits) {
		again := s.line(l.Trial, l.Settings)
		again.Refit = true
		if refitted(all, l.Trial) {
			continue
		}
		if err := r.run(&again, nil); err != nil {
			return fmt.Errorf("%s, split %d, refit of trial %d: %w", s.Set.Name, s.Split, l.Trial, err)
		}
		if err := keep(again); err != nil {
			return err
		}
	}
	return nil
}

// best are the n trials with the least validation errors.
func best(all []Line, n int) []Line {
	ended := slices.DeleteFunc(Trials(all), func(l Line) bool { return l.Validation == nil })
	slices.SortStableFunc(ended, func(a, b Line) int {
		return cmp.Or(cmp.Compare(*a.Validation, *b.Validation), cmp.Compare(a.Trial, b.Trial))
	})
	return ended[:min(n, len(ended))]
}

// refitted reports whether the trial of a number has been trained once more.
func refitted(all []Line, trial int) bool {
	return slices.ContainsFunc(all, func(l Line) bool { return l.Refit && l.Trial == trial })
}

// Trials leaves out refits.
func Trials(all []Line) []Line {
	return slices.DeleteFunc(slices.Clone(all), func(l Line) bool { return l.Refit })
}
