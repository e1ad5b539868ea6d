package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"tuned/job"
	"tuned/plugins/builtin"
	"tuned/plugins/host"
	"tuned/trainer/model"
)

// inProcess opens the built-in architectures in the benchmark's process, where its profile sees them.
type inProcess struct{}

func (inProcess) Names() []string { return builtin.Names() }

func (inProcess) Start(_ context.Context, name string, _ int64) (job.Architecture, error) {
	a, ok := builtin.Lookup(name)
	if !ok {
		return nil, fmt.Errorf("no %s", name)
	}
	return &hosted{a}, nil
}

// hosted is an architecture without a process.
type hosted struct{ model.Architecture }

func (*hosted) Usage() (float64, int64) { return 0, 0 }
func (*hosted) Enforcement() string     { return "none" }
func (*hosted) Program() host.Program   { return host.Program{} }
func (*hosted) Hash() string            { return "in process" }
func (*hosted) Close() error            { return nil }

// BenchmarkDigits is a whole small run, for a profile:
//
//	go test -run - -bench Digits -benchtime 1x -cpuprofile cpu.out ./bench/engine
//	go tool pprof -top -cum cpu.out
func BenchmarkDigits(b *testing.B) {
	path := filepath.Join("..", "..", "examples", "digits", "job.toml")
	text, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		j, err := job.Parse(path, string(text))
		if err != nil {
			b.Fatal(err)
		}
		o := job.Options{Out: filepath.Join(b.TempDir(), "out"), Version: "bench", Architectures: inProcess{}}
		if _, err := job.Run(b.Context(), j, o); err != nil {
			b.Fatal(err)
		}
	}
}
