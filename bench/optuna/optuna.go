// Package optuna lets Optuna's own samplers and pruners choose trials: the real thing, run by Debian's python3-optuna, asked
// over standard input and output.
package optuna

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

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
	c, err := start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close(err)) }()
	if err := c.say(study); err != nil {
		return err
	}
	for {
		var asked struct {
			Trial    int        `json:"trial"`
			Settings job.Values `json:"settings"`
		}
		if err := c.hear(&asked); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := c.run(ctx, trial, asked.Trial, asked.Settings); err != nil {
			return err
		}
	}
}

// run carries out one trial and tells how it ended.
func (c *conversation) run(ctx context.Context, trial Trial, number int, settings map[string]any) error {
	value, err := trial(ctx, number, settings, c.report)
	switch {
	case errors.Is(err, ErrPruned):
		return c.say(map[string]any{"pruned": true})
	case errors.Is(err, ErrFailed):
		return c.say(map[string]any{"value": nil})
	case err != nil:
		return fmt.Errorf("trial %d: %w", number, err)
	}
	return c.say(map[string]any{"value": value})
}

// report passes an intermediate value on and returns the pruner's verdict.
func (c *conversation) report(step int, value float64) (bool, error) {
	if err := c.say(map[string]any{"step": step, "value": value}); err != nil {
		return false, err
	}
	var verdict struct {
		Prune bool `json:"prune"`
	}
	err := c.hear(&verdict)
	return verdict.Prune, err
}

// conversation is a running study.py.
type conversation struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// python is Debian's interpreter, which sees Debian's packages, or the first one on the path.
func python() string {
	const debian = "/usr/bin/python3"
	if _, err := os.Stat(debian); err == nil {
		return debian
	}
	return "python3"
}

func start(ctx context.Context) (*conversation, error) {
	cmd := exec.CommandContext(ctx, python(), "-c", script)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start Optuna: %w (make bench-peers installs it)", err)
	}
	return &conversation{cmd: cmd, in: in, out: bufio.NewReader(out)}, nil
}

func (c *conversation) say(message any) error {
	line, err := json.Marshal(message)
	if err != nil {
		return err
	}
	_, err = c.in.Write(append(line, '\n'))
	return err
}

func (c *conversation) hear(message any) error {
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, message)
}

// close ends the conversation. After a failure of ours the script may end as it likes.
func (c *conversation) close(failed error) error {
	_ = c.in.Close()
	if failed != nil {
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
		return nil
	}
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("study of Optuna: %w", err)
	}
	return nil
}
