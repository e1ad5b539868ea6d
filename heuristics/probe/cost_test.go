package probe

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"tuned/trainer/model/modeltest"
)

// patience is a context that is cancelled once it was asked so often whether it is.
type patience struct {
	context.Context
	left atomic.Int64
}

func (p *patience) Err() error {
	if p.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// TestAStoppedClosedFormTellsItsCost: whenever it is stopped, what was worked out until then is told, and nothing twice.
func TestAStoppedClosedFormTellsItsCost(t *testing.T) {
	for name, rows := range map[string]int{"kernel": 600, "shape": shapePart*shapeSmooth + shapePart} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, modeltest.Plane(rows))
			whole, before, stops := l.measure(t, name).FLOPs, int64(0), 0
			for patient := int64(0); ; patient = patient*3/2 + 1 {
				ctx := &patience{Context: t.Context()}
				ctx.left.Store(patient)
				r, err := Run(ctx, name, l.Env, under())
				if err == nil {
					break
				}
				if !errors.Is(err, context.Canceled) || r.FLOPs < before || r.FLOPs > whole || r.Facts != nil {
					t.Errorf("asked %d times: %v, %d FLOPs after %d of %d, facts %v", patient, err, r.FLOPs, before, whole, r.Facts)
				}
				before = r.FLOPs
				stops++
			}
			if stops < 10 || before < whole*3/4 {
				t.Errorf("%d stops, the last after %d of %d FLOPs", stops, before, whole)
			}
		})
	}
}
