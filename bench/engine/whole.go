package engine

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"tuned/job"
)

// Whole is where the processor time of a whole small run went, in seconds.
type Whole struct {
	Job string `json:"job"`
	// CPU is that of all processes of the command, from its start to its end.
	CPU float64 `json:"cpu_seconds"`
	// Counted is what the run's ledger counts for training, evaluation, weighing columns, trying their values and probes; Read what it counts for reading the table.
	Counted float64 `json:"counted_cpu_seconds"`
	Read    float64 `json:"read_cpu_seconds"`
}

// Share is the part of the processor time that went into training, evaluation, weighing columns, trying their values and probes.
func (w Whole) Share() float64 { return w.Counted / w.CPU }

// whole builds the command and runs a job with it, as a user would.
func whole(ctx context.Context, file string) (*Whole, error) {
	dir, err := os.MkdirTemp("", "tuned-whole-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	program, out := filepath.Join(dir, "tuned"), filepath.Join(dir, "run")
	if _, err := command(ctx, "go", "build", "-o", program, "tuned/cmd/tuned"); err != nil {
		return nil, err
	}
	used, err := command(ctx, program, "run", file, "--quiet", "--out", out)
	if err != nil {
		return nil, err
	}
	r, err := job.ReadResult(out)
	if err != nil {
		return nil, err
	}
	w := &Whole{Job: file, CPU: used.UserTime().Seconds() + used.SystemTime().Seconds()}
	w.count(r.Ledger)
	return w, nil
}

// count adds up a ledger.
func (w *Whole) count(l job.Ledger) {
	for _, p := range l.Phases {
		switch p.Phase {
		case job.PhaseRead:
			w.Read += p.CPUSeconds
		case job.PhaseWords: // does none of the arithmetic
		default:
			w.Counted += p.CPUSeconds
		}
	}
}

// command runs a program; what it and its children used is in the state.
func command(ctx context.Context, name string, args ...string) (*os.ProcessState, error) {
	c := exec.CommandContext(ctx, name, args...)
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, bytes.TrimSpace(said.Bytes()))
	}
	return c.ProcessState, nil
}
