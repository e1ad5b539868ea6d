package trial

import (
	"context"
	"fmt"

	"tuned/job"
	"tuned/plugins/builtin"
	"tuned/plugins/host"
	"tuned/trainer/model"
)

// InProcess opens the built-in architectures in this process, so that its CPU time is a trial's whole cost and a trial
// of a second doesn't pay for starting programs. Every arm is measured alike; bits and FLOPs are those of a plugin.
type InProcess struct{}

var _ job.Architectures = InProcess{}

// Names lists the built-in architectures, and Dense.
func (InProcess) Names() []string { return append(builtin.Names(), dense) }

// Start looks one up; Dense is there beside the built-in ones.
func (InProcess) Start(_ context.Context, name string, _ int64) (job.Architecture, error) {
	if name == dense {
		return &hosted{Dense()}, nil
	}
	a, ok := builtin.Lookup(name)
	if !ok {
		return nil, fmt.Errorf("no architecture is called %q", name)
	}
	return &hosted{a}, nil
}

// hosted is an architecture that lives here: this process's meter counts it already.
type hosted struct{ model.Architecture }

// Usage is nothing beyond the host's own.
func (*hosted) Usage() (float64, int64) { return 0, 0 }

// Enforcement is none: trials have no memory limit.
func (*hosted) Enforcement() string { return "none" }

// Program is none.
func (*hosted) Program() host.Program { return host.Program{} }

// Hash is not that of a program.
func (*hosted) Hash() string { return "in process" }

// Close leaves nothing to end.
func (*hosted) Close() error { return nil }
