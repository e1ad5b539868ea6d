package plugintest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"testing"
	"time"

	"go.uber.org/zap"

	"tuned/plugins/host"
	"tuned/trainer/model"
)

// Options are what the suite cannot know of an architecture. The zero value suits most.
type Options struct {
	// Settings are values for some of the declared settings. The others get one from the middle of their range.
	Settings model.Settings
	// Tolerance is how far, relatively, two runs of a session that calls itself not deterministic may be apart; 0: 1e-3.
	Tolerance float64
	// Threads that a session may use; 0: 1.
	Threads int
	// Timeout is for each check; 0: two minutes.
	Timeout time.Duration
	// Logger gets what the architecture prints.
	Logger *zap.Logger
}

func (o Options) withDefaults() Options {
	if o.Tolerance == 0 {
		o.Tolerance = 1e-3
	}
	if o.Threads == 0 {
		o.Threads = 1
	}
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Minute
	}
	return o
}

// Suite is the conformance suite for one architecture.
type Suite struct {
	Manifest model.Manifest
	Checks   []Check

	dirs []string
}

// Check is one thing that an architecture must do.
type Check struct {
	Name string // "classification/learns"
	What string // what it must do, as a sentence

	timeout time.Duration
	sockets string
	run     func(ctx context.Context) error
}

// Run checks it, in processes of its own, none of which may be left. The error says what the architecture did instead.
func (c Check) Run(ctx context.Context) error {
	late := fmt.Errorf("it was not done after %s", c.timeout)
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, late)
	defer cancel()
	return errors.Join(c.run(ctx), residue(c.sockets))
}

// Open launches the architecture once, for its manifest, and gives the checks that it declares itself fit for. A program that
// cannot be launched, or described, has failed them all: the error says why. Close the suite afterwards.
func Open(ctx context.Context, p host.Program, o Options) (*Suite, error) {
	o = o.withDefaults()
	files, err := os.MkdirTemp("", "conform-")
	sockets, err2 := os.MkdirTemp("/tmp", "conform-") // a short path: the host passes over one that has no room for a socket's
	s := &Suite{dirs: []string{files, sockets}}
	l := &lab{program: p, options: o, dir: files, sockets: sockets}
	if err := cmp.Or(err, err2); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := l.describe(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.Manifest = l.manifest
	s.add(l, "", architectureChecks)
	for _, task := range l.manifest.Tasks {
		bench, err := l.forTask(task)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		s.add(bench, string(task)+"/", taskChecks)
	}
	return s, nil
}

func (s *Suite) add(l *lab, prefix string, checks []check) {
	for _, c := range checks {
		s.Checks = append(s.Checks, Check{
			Name: prefix + c.name, What: c.what, timeout: l.options.Timeout, sockets: l.sockets,
			run: func(ctx context.Context) error { return c.run(ctx, l) },
		})
	}
}

// Close removes the suite's files.
func (s *Suite) Close() error {
	var failed error
	for _, dir := range s.dirs {
		failed = errors.Join(failed, os.RemoveAll(dir))
	}
	return failed
}

// check is a Check before it knows what it checks.
type check struct {
	name, what string
	run        func(context.Context, *lab) error
}

// Run runs the suite as a test, each check as a subtest.
func Run(t *testing.T, p host.Program, o Options) {
	t.Helper()
	s, err := Open(t.Context(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, c := range s.Checks {
		t.Run(c.Name, func(t *testing.T) {
			if err := c.Run(t.Context()); err != nil {
				t.Errorf("an architecture must: %s\n%v", c.What, err)
			}
		})
	}
}

// middle is a value for a declared setting: from the middle of its range, by magnitude where all of it is positive.
func middle(s model.Setting) any {
	switch s.Type {
	case model.Bool:
		return false
	case model.Choice:
		return s.Choices[0]
	}
	x := middleNumber(s.Min, s.Max)
	if s.Type == model.Int {
		return int64(math.Round(x))
	}
	return x
}

func middleNumber(low, high float64) float64 {
	switch {
	case low == 0 && high == 0:
		return 8
	case low > 0:
		return math.Sqrt(low * high)
	case low <= 1 && high >= 1:
		return 1
	}
	return (low + high) / 2
}
