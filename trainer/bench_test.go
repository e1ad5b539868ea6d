package trainer

import (
	"context"
	"testing"

	"tuned/heuristics"
	"tuned/trainer/model"
)

// idle is a session that does nothing: what is left is the host's part of a training.
type idle struct {
	model.Session
	results []model.Result
}

func (idle) Info() model.Info { return model.Info{FLOPsRow: 1000, FLOPsStep: 1000} }

func (s *idle) Submit(_ context.Context, ops ...model.Op) model.Pending {
	return &idle{results: s.results[:len(ops)]}
}

func (s *idle) Wait(context.Context) ([]model.Result, error) { return s.results, nil }

// never is a watch that looks and does not fire.
type never struct{}

func (never) Name() string { return "never" }

func (never) Judge(heuristics.Facts, model.Settings) (*Reaction, error) { return nil, nil }

// BenchmarkTheHostsPart is what the host does for each step of 32 rows, with a watch.
func BenchmarkTheHostsPart(b *testing.B) {
	settings := decided()
	for name, v := range map[string]any{"selection": "last", "final": "raw", "temperature": "none"} {
		settings[name] = v
	}
	plan, err := ParsePlan(settings, "accuracy")
	if err != nil {
		b.Fatal(err)
	}
	results := make([]model.Result, segmentSteps+2)
	for i := range results {
		results[i] = model.Result{Loss: 1 + float64(i%7)/100, GradNorm: 1 + float64(i%5)/10, Finite: true}
	}
	order := cyclic{sequence(0, 3200), 32}
	plan.Epochs = max(1, int64(b.N)/int64(order.StepsPerEpoch()))
	run := Run{Session: &idle{results: results}, Plan: plan, Order: order, Watches: []Watch{never{}}, Settings: settings}
	b.ReportAllocs()
	b.ResetTimer()
	if _, err := run.Train(b.Context()); err != nil {
		b.Fatal(err)
	}
}
