// Package study runs the trials of one arm on one split of a data set, resumable to the same lines.
package study

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"slices"

	"tuned/bench/arms"
	"tuned/bench/optuna"
	"tuned/bench/pool"
	"tuned/bench/sets"
	"tuned/bench/trial"
	"tuned/job"
)

// Line is one trial. Errors are made small: 1 - accuracy, or RMSE over the target's standard deviation.
type Line struct {
	Arm        string          `json:"arm"`
	Set        string          `json:"set"`
	Rows       int             `json:"rows"`
	Split      int             `json:"split"`
	Trial      int             `json:"trial"`
	Seed       int64           `json:"seed"`
	Settings   job.Values      `json:"settings,omitempty"` // what was chosen
	Validation *float64        `json:"validation"`         // error; null: not measured
	Test       *float64        `json:"test"`
	FLOPs      int64           `json:"flops"`
	ProbeFLOPs int64           `json:"probe_flops,omitempty"`
	CPUSeconds float64         `json:"cpu_s"`
	Steps      map[int]float64 `json:"steps,omitempty"` // validation error by epoch, where a pruner asked
	Pruned     bool            `json:"pruned,omitempty"`
	Refit      bool            `json:"refit,omitempty"` // of the trial of this number, on all training rows; judged by Test alone
	Problem    string          `json:"problem,omitempty"`
	Machine    string          `json:"machine"`
	Commit     string          `json:"commit"`
}

// String is a line for a person who watches.
func (l Line) String() string {
	return fmt.Sprintf("%s %s split %d trial %d: validation %s, test %s, %.1f s CPU %s", l.Arm, l.Set, l.Split, l.Trial, show(l.Validation), show(l.Test), l.CPUSeconds, l.Problem)
}

func show(v *float64) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf("%.5f", *v)
}

// Study is one arm on one split.
type Study struct {
	Arm     arms.Arm
	Set     sets.Set
	Data    string
	Split   int
	Rows    int
	Trials  int
	Rules   string // a file
	Machine string
	Commit  string
}

// Holds tells whether a line belongs to this study.
func (s Study) Holds(l Line) bool {
	return l.Arm == s.Arm.Name && l.Set == s.Set.Name && l.Split == s.Split && l.Rows == s.Rows
}

// seed is the study's own, the same wherever and whenever it runs.
func (s Study) seed() int64 {
	h := fnv.New32a()
	fmt.Fprintf(h, "%s/%d/%d", s.Set.Name, s.Rows, s.Split)
	return int64(h.Sum32())
}

// Run carries out the trials that past does not hold, and then refits the best of them.
func (s Study) Run(ctx context.Context, w *pool.Worker, past []Line, keep func(Line) error) (err error) {
	if s.done(past) {
		return nil
	}
	r, err := s.runner(ctx, w)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	if s.Arm.Sampler == "" {
		return s.only(r, keep)
	}
	all := past
	err = optuna.Run(ctx, s.question(past), func(_ context.Context, number int, chosen map[string]any, report func(int, float64) (bool, error)) (float64, error) {
		return s.trial(r, s.line(number, chosen), report, func(l Line) error {
			all = append(all, l)
			return keep(l)
		})
	})
	if err != nil {
		return err
	}
	return s.refit(r, all, keep)
}

// only runs the one trial of an arm that searches nothing.
func (s Study) only(r runner, keep func(Line) error) error {
	l := s.line(0, nil)
	if err := r.run(&l, nil); err != nil {
		return fmt.Errorf("%s, split %d: %w", s.Set.Name, s.Split, err)
	}
	return keep(l)
}

// done reports whether nothing is left to do.
func (s Study) done(past []Line) bool {
	if s.Arm.Sampler == "" {
		return len(past) > 0
	}
	return len(Trials(past)) >= s.Trials && !slices.ContainsFunc(best(past, Refits), func(l Line) bool { return !refitted(past, l.Trial) })
}

// trial runs one trial, keeps its line and says what Optuna is told.
func (s Study) trial(r runner, l Line, report report, keep func(Line) error) (float64, error) {
	if err := r.run(&l, report); err != nil {
		return 0, fmt.Errorf("%s, split %d, trial %d: %w", s.Set.Name, s.Split, l.Trial, err)
	}
	return l.verdict(keep(l))
}

// verdict is what Optuna is told of a trial.
func (l Line) verdict(err error) (float64, error) {
	switch {
	case err != nil:
		return 0, err
	case l.Pruned:
		return 0, optuna.ErrPruned
	case l.Validation == nil:
		return 0, optuna.ErrFailed
	}
	return *l.Validation, nil
}

func (s Study) question(past []Line) optuna.Study {
	q := optuna.Study{
		Sampler: s.Arm.Sampler, Pruner: s.Arm.Pruner, Seed: s.seed(), Trials: s.Trials, Space: s.Arm.Space(s.Set.Task), MinResource: 4,
	}
	for _, l := range Trials(past) {
		q.Done = append(q.Done, optuna.Done{Number: l.Trial, Settings: l.Settings, Value: l.Validation, Steps: l.Steps})
	}
	return q
}

// Seed is a trial's. It moves with the trial's number: search sees seed noise as anyone's search does.
func Seed(split, number int) int64 { return int64(split*1000 + number) }

// line is a trial that is yet to run.
func (s Study) line(number int, chosen map[string]any) Line {
	return Line{
		Arm: s.Arm.Name, Set: s.Set.Name, Rows: s.Rows, Split: s.Split, Trial: number, Seed: Seed(s.Split, number),
		Settings: chosen, Machine: s.Machine, Commit: s.Commit,
	}
}

func (l *Line) fill(r trial.Result) {
	l.FLOPs, l.ProbeFLOPs, l.CPUSeconds = r.FLOPs, r.ProbeFLOPs, r.CPUSeconds
	l.Pruned, l.Problem = r.Pruned, r.Problem
	l.Validation, l.Test = measured(trial.Error(r.Validation, r.Metric)), measured(trial.Error(r.Test, r.Metric))
}

// measured is nil for what was not.
func measured(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
