package job

import (
	"context"

	"go.uber.org/zap"

	"tuned/plugins/host"
)

// Programs finds architectures' programs by name.
type Programs interface {
	Names() []string
	Lookup(name string) (host.Program, error)
}

// Hosted starts each architecture in a process of its own. What it prints goes to the log.
func Hosted(programs Programs, log *zap.Logger) Architectures {
	return hosted{Programs: programs, log: log}
}

type hosted struct {
	Programs
	log *zap.Logger
}

// Start launches the program of that name.
func (h hosted) Start(ctx context.Context, name string, memoryBytes int64) (Architecture, error) {
	p, err := h.Lookup(name)
	if err != nil {
		return nil, err
	}
	process, err := host.Launch(ctx, p, host.Options{MemoryBytes: memoryBytes, Logger: h.log})
	if err != nil {
		return nil, err
	}
	return process, nil
}
