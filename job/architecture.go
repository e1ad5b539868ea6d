package job

import (
	"context"

	"tuned/plugins/host"
	"tuned/trainer/model"
)

// Architectures finds architectures by name and starts them. [Hosted] is the one that runs use.
type Architectures interface {
	// Names lists the architectures that can be started, sorted.
	Names() []string
	// Start starts an architecture's process, which may use so much memory (0: no limit).
	Start(ctx context.Context, name string, memoryBytes int64) (Architecture, error)
}

// Architecture is a started one. Its process opens one session; closing the session, or the architecture, ends it.
type Architecture interface {
	model.Architecture
	// Usage is what the process has used so far, or in all once it ended.
	Usage() (cpuSeconds float64, peakBytes int64)
	// Enforcement says how the memory limit is held.
	Enforcement() string
	// Program is what was started, and Hash the sha256 that identifies it.
	Program() host.Program
	Hash() string
	// Close ends the process. Calling it again does nothing.
	Close() error
}
