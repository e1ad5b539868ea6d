package host_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"tuned/plugins/host"
	"tuned/trainer/model"
)

func TestMain(m *testing.M) {
	host.Main(builtin)
	if os.Getenv("TUNED_TEST_SLEEP") != "" {
		time.Sleep(time.Hour)
	}
	if dir := os.Getenv(hostVariable); dir != "" {
		actAsHost(dir)
	}
	os.Exit(m.Run())
}

func builtin(name string) (model.Architecture, bool) {
	return echo{name}, strings.HasPrefix(name, "echo")
}

// echo is an architecture whose losses are the sums of the rows that it was given.
type echo struct{ name string }

func (e echo) Describe(context.Context) (model.Manifest, error) {
	return model.Manifest{
		Name: e.name, Version: "1", Summary: "Adds up rows.",
		Tasks: []model.Task{model.Classification}, Inputs: []model.Kind{model.Numeric},
	}, nil
}

func (echo) Open(_ context.Context, req model.OpenRequest) (model.Session, error) {
	if req.MaxBatch == 13 {
		return nil, fmt.Errorf("%w: a batch of 13", model.ErrInvalid)
	}
	return &echoSession{info: model.Info{Parameters: req.Seed, ISA: fmt.Sprint(req.Settings["isa"])}}, nil
}

type echoSession struct{ info model.Info }

type answered struct {
	results []model.Result
	err     error
}

func (a answered) Wait(context.Context) ([]model.Result, error) { return a.results, a.err }

func (s *echoSession) Info() model.Info { return s.info }

func (s *echoSession) Submit(_ context.Context, ops ...model.Op) model.Pending {
	var a answered
	for _, op := range ops {
		switch op := op.(type) {
		case model.Step:
			var sum float64
			for _, r := range op.Rows {
				sum += float64(r)
			}
			a.results = append(a.results, model.Result{Loss: sum, Finite: true})
		case model.Use:
			a.err = fmt.Errorf("%w: no snapshot %q", model.ErrInvalid, op.Name)
			return a
		case model.Keep:
			switch op.Name {
			case "panic":
				panic("a bug of the author's")
			case "print":
				fmt.Println("printed to stdout")
				fmt.Fprintln(os.Stderr, "printed to stderr")
			}
			a.results = append(a.results, model.Result{Finite: true})
		}
	}
	return a
}

func (s *echoSession) Save(_ context.Context, path string) (model.File, error) {
	return model.File{Path: path, SHA256: "wrong"}, os.WriteFile(path, nil, 0o600)
}

func (s *echoSession) Load(context.Context, model.File) error {
	return fmt.Errorf("%w: always", model.ErrCorrupt)
}

func (s *echoSession) Export(context.Context, string, []model.Weights) (model.File, error) {
	return model.File{}, fmt.Errorf("%w: always", model.ErrOutOfMemory)
}

func (s *echoSession) Close() error { return nil }
