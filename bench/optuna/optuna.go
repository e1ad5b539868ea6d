// Package optuna lets Optuna's own samplers and pruners choose trials: the real thing, run by Debian's python3-optuna, asked
// over standard input and output.
package optuna

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"

	"tuned/bench/python"
	"tuned/job"
)

//go:embed study.py
var script string

// Dimension is one knob of a search space: a range, a stepped range or choices, perhaps asked for only when an earlier
// knob has a value.
type Dimension struct {
	Name    string     `json:"name"`
	Low     float64    `json:"low,omitempty"`
	High    float64    `json:"high,omitempty"`
	Log     bool       `json:"log,omitempty"`
	Step    int        `json:"step,omitempty"` // not 0: whole numbers
	Choices []any      `json:"choices,omitempty"`
	When    *Condition `json:"when,omitempty"`
}

// Condition asks for a dimension only where an earlier one has a value.
type Condition struct {
	Name string `json:"name"`
	Is   any    `json:"is"`
}

// Study says what to search and how.
type Study struct {
	Sampler     string      `json:"sampler"` // "random" or "tpe"
	Pruner      string      `json:"pruner"`  // "none" or "asha"
	Seed        int64       `json:"seed"`
	Trials      int         `json:"trials"`
	Space       []Dimension `json:"space"`
	MinResource int         `json:"min_resource,omitempty"` // asha: the first rung
	Done        []Done      `json:"done,omitempty"`         // trials of an earlier, interrupted run of this study
}

// Done is a trial that ended: Value is what is made small, nil when it was pruned (Steps tells) or failed.
type Done struct {
	Number   int             `json:"number"`
	Settings job.Values      `json:"settings"`
	Value    *float64        `json:"value"`
	Steps    map[int]float64 `json:"steps,omitempty"`
}

// Trial runs one trial. It may report intermediate values; when report answers true it should stop and return
// ErrPruned. Any other error ends the study.
type Trial func(ctx context.Context, number int, settings map[string]any, report func(step int, value float64) (prune bool, err error)) (float64, error)

// ErrPruned is what a Trial returns when it stopped because it was told to.
var ErrPruned = errors.New("pruned")

// ErrFailed is what a Trial returns when it has no value but the study should go on.
var ErrFailed = errors.New("trial failed")

// Run carries a study through: every trial that Optuna asks for, one after the other.
func Run(ctx context.Context, study Study, trial Trial) (err error) {
	p, err := python.Start(ctx, "study of Optuna", script)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close(err)) }()
	c := conversation{p}
	if err := c.Say(study); err != nil {
		return err
	}
	for {
		var asked struct {
			Trial    int        `json:"trial"`
			Settings job.Values `json:"settings"`
		}
		if err := c.Hear(&asked); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := c.run(ctx, trial, asked.Trial, asked.Settings); err != nil {
			return err
		}
	}
}

// conversation is a running study.py.
type conversation struct{ *python.Conversation }

// run carries out one trial and tells how it ended.
func (c conversation) run(ctx context.Context, trial Trial, number int, settings map[string]any) error {
	value, err := trial(ctx, number, settings, c.report)
	switch {
	case errors.Is(err, ErrPruned):
		return c.Say(map[string]any{"pruned": true})
	case errors.Is(err, ErrFailed):
		return c.Say(map[string]any{"value": nil})
	case err != nil:
		return fmt.Errorf("trial %d: %w", number, err)
	}
	return c.Say(map[string]any{"value": value})
}

// report passes an intermediate value on and returns the pruner's verdict.
func (c conversation) report(step int, value float64) (bool, error) {
	if err := c.Say(map[string]any{"step": step, "value": value}); err != nil {
		return false, err
	}
	var verdict struct {
		Prune bool `json:"prune"`
	}
	err := c.Hear(&verdict)
	return verdict.Prune, err
}
