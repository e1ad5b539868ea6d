package plugintest_test

import (
	"context"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tuned/plugins/host"
	"tuned/plugins/plugintest"
	"tuned/trainer/model"
)

// flawed is the tiny net with one flaw: the suite must find it.
type flawed struct {
	model.Architecture
	flaw string
}

func newFlawed(name string) (model.Architecture, bool) {
	flaw, ok := strings.CutPrefix(name, "flawed-")
	return flawed{tiny(), flaw}, ok
}

func (f flawed) Describe(ctx context.Context) (model.Manifest, error) {
	m, err := f.Architecture.Describe(ctx)
	if f.flaw == "no-help" {
		m.Settings[0].Help = ""
	}
	return m, err
}

func (f flawed) Open(ctx context.Context, req model.OpenRequest) (model.Session, error) {
	switch f.flaw {
	case "ignores-seed":
		req.Seed = time.Now().UnixNano()
	case "reads-everything":
		if len(req.InitRows) > 0 {
			req.InitRows = append(req.InitRows, 399)
		}
		s, err := f.Architecture.Open(ctx, req)
		return peeking{s}, err
	case "ignores-limit":
		if req.MaxBatch > 1<<20 {
			return nil, errors.New("too large for me")
		}
	}
	s, err := f.Architecture.Open(ctx, req)
	return &flawedSession{Session: s, flaw: f.flaw}, err
}

// peeking trains on a row that was held out, before anything else.
type peeking struct{ model.Session }

func (p peeking) Submit(ctx context.Context, ops ...model.Op) model.Pending {
	_, err := p.Session.Submit(ctx, step(399, 0.01)).Wait(ctx)
	if err != nil {
		return failed{err}
	}
	return p.Session.Submit(ctx, ops...)
}

func step(row int32, rate float64) model.Step {
	return model.Step{Rows: []int32{row}, LR: rate, Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8}
}

type failed struct{ err error }

func (f failed) Wait(context.Context) ([]model.Result, error) { return nil, f.err }

// flawedSession changes what goes in, or what comes out.
type flawedSession struct {
	model.Session
	flaw    string
	steps   int
	ballast [][]byte
}

func (s *flawedSession) Info() model.Info {
	i := s.Session.Info()
	switch s.flaw {
	case "groups-short":
		i.Groups = nil
	case "forgets-bytes":
		i.BytesRow = 1
	}
	return i
}

func (s *flawedSession) Submit(ctx context.Context, ops ...model.Op) model.Pending {
	in := make([]model.Op, len(ops))
	for i, op := range ops {
		in[i] = s.change(op)
	}
	return changed{s, s.Session.Submit(ctx, in...), ops}
}

func (s *flawedSession) change(op model.Op) model.Op {
	switch o := op.(type) {
	case model.Step:
		s.steps++
		switch s.flaw {
		case "always-updates":
			o.NoUpdate, o.Parts = false, 0
		case "never-updates":
			o.LR = 0
		case "drifts":
			o.LR *= 1 + 1e-3*float64(s.steps)
		case "one-rate":
			o.LR = 1e-9
		case "grows":
			s.ballast = append(s.ballast, touched(len(o.Rows)<<12))
		}
		return o
	case model.Use:
		if s.flaw == "forgets-to-use" {
			return model.Keep{Name: "elsewhere"}
		}
	case model.Evaluate:
		switch s.flaw {
		case "one-weight":
			o.Weights = nil
			return o
		case "first-of-a-blend":
			o.Weights = o.Weights[:min(1, len(o.Weights))]
			return o
		case "learns-from-evaluations":
			return step(0, 0.01)
		}
	}
	return op
}

// touched is memory that is in use.
func touched(n int) []byte {
	b := make([]byte, n)
	for i := 0; i < n; i += 4096 {
		b[i] = 1
	}
	return b
}

type changed struct {
	session *flawedSession
	model.Pending
	ops []model.Op
}

func (c changed) Wait(ctx context.Context) ([]model.Result, error) {
	if c.session.flaw == "slow" && c.session.steps > 100 {
		time.Sleep(1200 * time.Millisecond)
	}
	results, err := c.Pending.Wait(ctx)
	for i := range results {
		switch c.session.flaw {
		case "wrong-loss":
			if _, ok := c.ops[i].(model.Evaluate); ok {
				results[i].Loss *= 1.1
			}
		case "wrong-loss-of-blends":
			if op, ok := c.ops[i].(model.Evaluate); ok && len(op.Weights) > 1 {
				results[i].Loss *= 1.1
			}
		case "always-updates":
			if op, ok := c.ops[i].(model.Step); ok {
				results[i].PartNorms = make([]float64, op.Parts)
				for j := range results[i].PartNorms {
					results[i].PartNorms[j] = math.MaxFloat64 / 8
				}
			}
		}
	}
	if err != nil && c.session.flaw == "vague-errors" {
		err = errors.New("something went wrong")
	}
	return results, err
}

func (s *flawedSession) Load(ctx context.Context, f model.File) error {
	if s.flaw != "trusts-files" {
		return s.Session.Load(ctx, f)
	}
	if err := s.Session.Load(ctx, f); !errors.Is(err, model.ErrCorrupt) {
		return err
	}
	return nil
}

func (s *flawedSession) Close() error {
	if s.flaw == "bad-exit" {
		os.Exit(7)
	}
	return s.Session.Close()
}

// TestFlawsAreFound: each flaw fails the check that is there for it.
func TestFlawsAreFound(t *testing.T) {
	flaws := map[string]string{
		"no-help":                 "manifest",
		"ignores-seed":            "classification/determinism",
		"reads-everything":        "classification/training-rows-only",
		"ignores-limit":           "classification/memory-limit",
		"groups-short":            "classification/facts",
		"forgets-bytes":           "classification/memory-facts",
		"grows":                   "classification/memory-facts",
		"always-updates":          "classification/no-update",
		"never-updates":           "classification/overfits",
		"one-rate":                "classification/learns",
		"drifts":                  "classification/keep-use",
		"forgets-to-use":          "classification/keep-use",
		"learns-from-evaluations": "classification/evaluation-is-pure",
		"one-weight":              "classification/averages",
		"first-of-a-blend":        "classification/averages",
		"wrong-loss-of-blends":    "classification/averages",
		"slow":                    "classification/cancel",
		"wrong-loss":              "classification/outputs",
		"vague-errors":            "classification/refusals",
		"trusts-files":            "classification/corrupt-file",
	}
	for flaw, name := range flaws {
		t.Run(flaw, func(t *testing.T) {
			suite, err := plugintest.Open(t.Context(), host.Self("flawed-"+flaw), plugintest.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer suite.Close()
			i := slices.IndexFunc(suite.Checks, func(c plugintest.Check) bool { return c.Name == name })
			if i < 0 {
				t.Fatalf("there is no check %s", name)
			}
			if suite.Checks[i].Run(t.Context()) == nil {
				t.Errorf("check %s did not find it", name)
			}
		})
	}
}
