// Package modeltest has a small, exact model.Session for tests: a linear model in float64, trained by AdamW in plain Go.
// It keeps the whole contract: the same operations give the same bits, Keep, Use, Save and Load included.
package modeltest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tuned/trainer/model"
)

// Options is how a Session behaves.
type Options struct {
	Seed     int64
	Averages []string // decays, "0.99"
	MaxBatch int      // 0: any batch
	// BytesFixed and BytesRow are what Info tells.
	BytesFixed, BytesRow int64
	// Poison makes a step's loss not-a-number. done is the number of steps that the weights have taken.
	Poison func(s model.Step, done int64) bool
	// Before sees each op that is about to run; an error ends the conversation with it.
	Before func(op model.Op) error
}

// Session is a linear model: softmax or identity over x W + b.
type Session struct {
	data    Data
	options Options
	now     weights
	kept    map[string]weights
	closed  bool
}

var _ model.Session = (*Session)(nil)

// weights is everything that a snapshot holds.
type weights struct {
	Step     int64                `json:"step"`
	W        []float64            `json:"w"` // outputs × (columns + 1), the bias last
	First    []float64            `json:"first"`
	Second   []float64            `json:"second"`
	Averages map[string][]float64 `json:"averages"`
}

func (w weights) clone() weights {
	c := weights{w.Step, slices.Clone(w.W), slices.Clone(w.First), slices.Clone(w.Second), map[string][]float64{}}
	for name, a := range w.Averages {
		c.Averages[name] = slices.Clone(a)
	}
	return c
}

// New opens a session on data.
func New(d Data, o Options) *Session {
	n := d.outputs() * (d.Columns + 1)
	s := &Session{data: d, options: o, kept: map[string]weights{}}
	s.now = weights{0, make([]float64, n), make([]float64, n), make([]float64, n), map[string][]float64{}}
	for i := range s.now.W {
		s.now.W[i] = 0.1 * noise(o.Seed, int64(i))
	}
	for _, a := range o.Averages {
		s.now.Averages[a] = slices.Clone(s.now.W)
	}
	return s
}

// Info implements model.Session.
func (s *Session) Info() model.Info {
	n := int64(len(s.now.W))
	return model.Info{
		Parameters: n, FLOPsRow: 6 * n, FLOPsRowEval: 2 * n, FLOPsStep: 12 * n,
		BytesFixed: s.options.BytesFixed, BytesRow: s.options.BytesRow, Deterministic: true, ISA: "go",
	}
}

// Weights returns the raw weights.
func (s *Session) Weights() []float64 { return slices.Clone(s.now.W) }

// Steps is the number of steps that the weights have taken.
func (s *Session) Steps() int64 { return s.now.Step }

// Closed tells whether Close was called.
func (s *Session) Closed() bool { return s.closed }

// Kept lists the names of the snapshots.
func (s *Session) Kept() []string { return slices.Sorted(maps.Keys(s.kept)) }

// done are results that are already known.
type done struct {
	results []model.Result
	err     error
}

func (d done) Wait(context.Context) ([]model.Result, error) { return d.results, d.err }

// Submit implements model.Session; the ops have run when it returns.
func (s *Session) Submit(ctx context.Context, ops ...model.Op) model.Pending {
	var d done
	for _, op := range ops {
		if d.err = ctx.Err(); d.err != nil {
			return d
		}
		if s.options.Before != nil {
			if d.err = s.options.Before(op); d.err != nil {
				return d
			}
		}
		r, err := s.run(op)
		if err != nil {
			d.err = err
			return d
		}
		d.results = append(d.results, r)
	}
	return d
}

func (s *Session) run(op model.Op) (model.Result, error) {
	switch op := op.(type) {
	case model.Step:
		return s.step(op)
	case model.Evaluate:
		return s.evaluate(op)
	case model.Keep:
		s.kept[op.Name] = s.now.clone()
		return model.Result{Finite: true}, nil
	case model.Use:
		w, ok := s.kept[op.Name]
		if !ok {
			return model.Result{}, fmt.Errorf("%w: no snapshot %q", model.ErrInvalid, op.Name)
		}
		s.now = w.clone()
		if op.Drop {
			delete(s.kept, op.Name)
		}
		return model.Result{Finite: true}, nil
	}
	return model.Result{}, errors.ErrUnsupported
}

// set finds weights by their name.
func (s *Session) set(name model.Weights) ([]float64, error) {
	from, inner := s.now, string(name)
	if rest, ok := strings.CutPrefix(inner, "kept:"); ok {
		snapshot, weights, _ := strings.Cut(rest, "/")
		if from, ok = s.kept[snapshot]; !ok {
			return nil, fmt.Errorf("%w: no snapshot %q", model.ErrInvalid, snapshot)
		}
		inner = weights
	}
	if inner == "" || inner == string(model.Raw) {
		return from.W, nil
	}
	if a, ok := from.Averages[strings.TrimPrefix(inner, "average:")]; ok {
		return a, nil
	}
	return nil, fmt.Errorf("%w: no weights %q", model.ErrInvalid, name)
}

// Close implements model.Session.
func (s *Session) Close() error {
	s.closed = true
	return nil
}
