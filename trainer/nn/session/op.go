package session

import (
	"slices"

	"tuned/trainer/model"
)

// do runs one operation.
func (s *Session) do(op model.Op) (model.Result, error) {
	if e, ok := op.(model.Evaluate); ok {
		return s.evaluate(e)
	}
	if s.exported != nil {
		return model.Result{}, invalid("weights loaded from an export can be evaluated, and nothing else")
	}
	switch op := op.(type) {
	case model.Step:
		return s.step(op)
	case model.Keep:
		return model.Result{Finite: true}, s.keep(op.Name)
	case model.Use:
		return model.Result{Finite: true}, s.use(op)
	}
	return model.Result{}, invalid("unknown operation %T", op)
}

func (s *Session) step(o model.Step) (model.Result, error) {
	if err := s.checkStep(o); err != nil {
		return model.Result{}, err
	}
	r := s.program.Step(o.Rows, o)
	if !o.NoUpdate {
		s.forgetRefitted(isLive)
	}
	return model.Result{
		Loss: r.Loss, GradNorm: r.GradNorm, PartNorms: slices.Clone(r.PartNorms),
		Finite: r.Finite, Clipped: r.Clipped, FLOPs: r.FLOPs,
	}, nil
}

func (s *Session) checkStep(o model.Step) error {
	n := len(o.Rows)
	if n == 0 || n > s.maxBatch {
		return invalid("a step on %d rows, in a session opened for 1 to %d", n, s.maxBatch)
	}
	if s.view.Target == nil {
		return invalid("a step on a view without a target")
	}
	if o.Parts != 0 && (!o.NoUpdate || o.Parts < 0 || n%o.Parts != 0) {
		return invalid("%d parts of %d rows: parts are equal, and measured without an update", o.Parts, n)
	}
	for _, v := range []float64{o.LR, o.WeightDecay, o.Beta1, o.Beta2, o.Epsilon, o.Dropout, o.LabelSmoothing, o.ClipNorm} {
		if !finite(v) || v < 0 {
			return invalid("a scalar of the step is %g", v)
		}
	}
	if o.Dropout >= 1 || o.LabelSmoothing >= 1 || o.Beta1 >= 1 || o.Beta2 >= 1 {
		return invalid("dropout %g, label smoothing %g and betas %g, %g must be below 1", o.Dropout, o.LabelSmoothing, o.Beta1, o.Beta2)
	}
	return s.view.checkRows(o.Rows)
}
