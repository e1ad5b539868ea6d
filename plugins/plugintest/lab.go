package plugintest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"tuned/plugins/host"
	"tuned/trainer/model"
)

// lab is where one architecture is checked, on a sample of one task once it has one.
type lab struct {
	program  host.Program
	options  Options
	dir      string // for files
	sockets  string
	manifest model.Manifest
	sample   *sample
	poisoned *sample // differs in its held-out rows
}

// forTask is the same lab with samples of a task.
func (l *lab) forTask(task model.Task) (*lab, error) {
	bench := *l
	bench.dir = filepath.Join(l.dir, string(task))
	var err, errPoison error
	bench.sample, err = newSample(filepath.Join(bench.dir, "view"), task, l.manifest.Inputs, false)
	bench.poisoned, errPoison = newSample(filepath.Join(bench.dir, "poisoned"), task, l.manifest.Inputs, true)
	return &bench, errors.Join(err, errPoison)
}

func (l *lab) launch(ctx context.Context, memory int64) (*host.Process, error) {
	return host.Launch(ctx, l.program, host.Options{Dir: l.sockets, MemoryBytes: memory, Logger: l.options.Logger})
}

func (l *lab) describe(ctx context.Context) error {
	p, err := l.launch(ctx, 0)
	if err != nil {
		return err
	}
	l.manifest, err = p.Describe(ctx)
	return errors.Join(err, p.Close())
}

// maxBatch is the largest batch of a session, but for the checks that say otherwise.
const maxBatch = 64

// request asks for a session on the sample, as a host would.
func (l *lab) request() model.OpenRequest {
	settings := model.Settings{
		"architecture": l.manifest.Name, "batch_size": int64(32), "epochs": int64(10), "optimizer": "adamw", "lr": 0.01,
		"schedule": "flat-cos", "selection": "last", "averages": "", "weight_decay": 0.0, "dropout": 0.0,
	}
	if l.manifest.Averages {
		settings["averages"] = "0.9"
	}
	for _, s := range l.manifest.Settings {
		settings[s.Name] = middle(s)
	}
	for name, v := range l.options.Settings {
		settings[name] = v
	}
	return model.OpenRequest{
		View: l.sample.dir, Settings: settings, Seed: 1, Threads: l.options.Threads, MaxBatch: maxBatch, InitRows: train(),
	}
}

// subject is an open session, and its process.
type subject struct {
	model.Session
	process   *host.Process
	tolerance float64 // between what should be the same; 0 where the session calls itself deterministic
}

// open opens a session in a new process; change may change the request.
func (l *lab) open(ctx context.Context, change func(*model.OpenRequest)) (*subject, error) {
	req := l.request()
	if change != nil {
		change(&req)
	}
	p, err := l.launch(ctx, 0)
	if err != nil {
		return nil, err
	}
	s, err := p.Open(ctx, req)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open: %w", err), p.Close())
	}
	sub := &subject{Session: s, process: p}
	if !s.Info().Deterministic {
		sub.tolerance = l.options.Tolerance
	}
	return sub, nil
}

// with uses a session, and closes it.
func (l *lab) with(ctx context.Context, change func(*model.OpenRequest), use func(*subject) error) error {
	s, err := l.open(ctx, change)
	if err != nil {
		return err
	}
	return errors.Join(use(s), s.Close())
}

// do runs operations and waits for them.
func (s *subject) do(ctx context.Context, ops ...model.Op) ([]model.Result, error) {
	results, err := s.Submit(ctx, ops...).Wait(ctx)
	if err == nil && len(results) != len(ops) {
		err = fmt.Errorf("%d results for %d operations", len(results), len(ops))
	}
	return results, err
}

// step is an update from rows, at a rate.
func step(rows []int32, rate float64) model.Step {
	return model.Step{Rows: rows, LR: rate, Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8}
}

// batch is the i-th batch of 32 of the training rows.
func batch(i int) []int32 {
	from := 32 * (i % (sampleTrain / 32))
	return rowsBetween(from, from+32)
}

// walk are n steps over the training rows.
func walk(from, n int, rate float64) []model.Op {
	ops := make([]model.Op, n)
	for i := range ops {
		ops[i] = step(batch(from+i), rate)
	}
	return ops
}

// evaluate gives the mean loss over rows.
func (s *subject) evaluate(ctx context.Context, rows []int32, weights ...model.Weights) (float64, error) {
	results, err := s.do(ctx, model.Evaluate{Rows: rows, Weights: weights})
	if err != nil {
		return 0, err
	}
	if !results[0].Finite {
		return 0, fmt.Errorf("the loss of an evaluation is not finite: %g", results[0].Loss)
	}
	return results[0].Loss, nil
}

// predict gives the outputs for rows, empty for all.
func (s *subject) predict(ctx context.Context, rows []int32, weights ...model.Weights) (outputs []float32, width int, err error) {
	dir, err := os.MkdirTemp("", "outputs-")
	if err != nil {
		return nil, 0, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "outputs.npy")
	if _, err := s.do(ctx, model.Evaluate{Rows: rows, Weights: weights, Out: path}); err != nil {
		return nil, 0, err
	}
	n := len(rows)
	if n == 0 {
		n = sampleRows
	}
	return readOutputs(path, n)
}

// sameResults reports where two runs of the same operations differ.
func (s *subject) sameResults(a, b []model.Result) error {
	for i := range a {
		if !near(a[i].Loss, b[i].Loss, s.tolerance) || !near(a[i].GradNorm, b[i].GradNorm, s.tolerance) {
			return fmt.Errorf("operation %d of %d: loss %v and gradient norm %v, where they were %v and %v before",
				i+1, len(a), b[i].Loss, b[i].GradNorm, a[i].Loss, a[i].GradNorm)
		}
	}
	return nil
}

// sameOutputs compares within the tolerance of the largest output: one near zero is a difference of larger numbers, and carries
// their rounding.
func sameOutputs(a, b []float32, tolerance float64) error {
	if len(a) != len(b) {
		return fmt.Errorf("%d outputs, where there were %d", len(b), len(a))
	}
	scale := 0.0
	for _, v := range a {
		scale = max(scale, math.Abs(float64(v)))
	}
	for i := range a {
		if a[i] != b[i] && !(math.Abs(float64(a[i])-float64(b[i])) <= tolerance*scale) {
			return fmt.Errorf("output %d is %v, where it was %v", i, b[i], a[i])
		}
	}
	return nil
}

// near reports whether two numbers are the same, up to a relative tolerance.
func near(a, b, tolerance float64) bool {
	return a == b || math.Abs(a-b) <= tolerance*max(math.Abs(a), math.Abs(b), 1e-3)
}

// want reports an error that is not the one that it should be.
func want(what string, err, kind error) error {
	if err == nil {
		return fmt.Errorf("%s was accepted", what)
	}
	if !errors.Is(err, kind) {
		return fmt.Errorf("%s is not refused as %q but with: %s", what, kind, strings.TrimSpace(err.Error()))
	}
	return nil
}

// attempts are how often a check that measures time is tried: a machine with much else to do is late by itself.
const attempts = 3

// once gives the last error of as many attempts, and none where one succeeds.
func once(try func() error) (err error) {
	for range attempts {
		if err = try(); err == nil {
			return nil
		}
	}
	return err
}
