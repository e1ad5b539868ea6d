package plugins

import (
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"

	"tuned/plugins/protocol"
	"tuned/trainer/model"
)

// encodeOps gives ops as one message, whose rows alias those of ops.
func encodeOps(ops []model.Op) (*protocol.Ops, error) {
	out := &protocol.Ops{Ops: make([]*protocol.Op, len(ops))}
	for i, op := range ops {
		switch op := op.(type) {
		case model.Step:
			out.Ops[i] = &protocol.Op{Op: &protocol.Op_Step{Step: encodeStep(op)}}
		case model.Evaluate:
			out.Ops[i] = &protocol.Op{Op: &protocol.Op_Evaluate{Evaluate: encodeEvaluate(op)}}
		case model.Keep:
			out.Ops[i] = &protocol.Op{Op: &protocol.Op_Keep{Keep: &protocol.Keep{Name: op.Name}}}
		case model.Use:
			out.Ops[i] = &protocol.Op{Op: &protocol.Op_Use{Use: &protocol.Use{Name: op.Name, Drop: op.Drop}}}
		default:
			return nil, fmt.Errorf("%w: unknown operation %T", model.ErrInvalid, op)
		}
	}
	return out, nil
}

func encodeStep(s model.Step) *protocol.Step {
	return &protocol.Step{
		Rows: packRows(s.Rows), Lr: s.LR, WeightDecay: s.WeightDecay, Beta1: s.Beta1, Beta2: s.Beta2, Epsilon: s.Epsilon,
		Dropout: s.Dropout, LabelSmoothing: s.LabelSmoothing, ClipNorm: s.ClipNorm, NoUpdate: s.NoUpdate, Parts: int32(s.Parts),
	}
}

func encodeEvaluate(e model.Evaluate) *protocol.Evaluate {
	return &protocol.Evaluate{
		Rows: packRows(e.Rows), Weights: encodeWeights(e.Weights), RecalibrateRows: packRows(e.Recalibrate), Out: e.Out,
	}
}

func decodeOps(ops *protocol.Ops) ([]model.Op, error) {
	out := make([]model.Op, len(ops.GetOps()))
	for i, op := range ops.GetOps() {
		var err error
		if out[i], err = decodeOp(op); err != nil {
			return nil, fmt.Errorf("operation %d: %w", i, err)
		}
	}
	return out, nil
}

func decodeOp(op *protocol.Op) (model.Op, error) {
	switch op := op.GetOp().(type) {
	case *protocol.Op_Step:
		return decodeStep(op.Step)
	case *protocol.Op_Evaluate:
		return decodeEvaluate(op.Evaluate)
	case *protocol.Op_Keep:
		return model.Keep{Name: op.Keep.GetName()}, nil
	case *protocol.Op_Use:
		return model.Use{Name: op.Use.GetName(), Drop: op.Use.GetDrop()}, nil
	}
	return nil, fmt.Errorf("%w: an operation that protocol version %d does not know", model.ErrInvalid, ProtocolVersion)
}

func decodeStep(s *protocol.Step) (model.Op, error) {
	rows, err := unpackRows(s.GetRows())
	return model.Step{
		Rows: rows, LR: s.GetLr(), WeightDecay: s.GetWeightDecay(), Beta1: s.GetBeta1(), Beta2: s.GetBeta2(),
		Epsilon: s.GetEpsilon(), Dropout: s.GetDropout(), LabelSmoothing: s.GetLabelSmoothing(), ClipNorm: s.GetClipNorm(),
		NoUpdate: s.GetNoUpdate(), Parts: int(s.GetParts()),
	}, err
}

func decodeEvaluate(e *protocol.Evaluate) (model.Op, error) {
	rows, err := unpackRows(e.GetRows())
	if err != nil {
		return nil, err
	}
	recalibrate, err := unpackRows(e.GetRecalibrateRows())
	return model.Evaluate{
		Rows: rows, Weights: decodeWeights(e.GetWeights()), Recalibrate: recalibrate, Out: e.GetOut(),
	}, err
}

// encodeResults answers one Ops message: the results so far, and the failure that ended them.
func encodeResults(results []model.Result, err error) *protocol.Results {
	out := &protocol.Results{Results: make([]*protocol.Result, len(results))}
	for i, r := range results {
		out.Results[i] = &protocol.Result{
			Loss: r.Loss, GradNorm: r.GradNorm, PartNorms: r.PartNorms, Finite: r.Finite, Clipped: r.Clipped,
			Flops: r.FLOPs, Path: r.Path,
		}
	}
	if err != nil {
		out.Failure = &protocol.Failure{Code: int32(codeOf(err)), Message: err.Error()}
	}
	return out
}

// errProtocol: an answer breaks the protocol.
var errProtocol = errors.New("the architecture broke the protocol")

// decodeResults checks an answer against what was asked. An architecture's word that a result is finite counts only
// where its numbers are.
func decodeResults(answer *protocol.Results, ops []model.Op) ([]model.Result, error) {
	failure := answer.GetFailure()
	n := len(answer.GetResults())
	if n > len(ops) || failure == nil && n < len(ops) {
		return nil, fmt.Errorf("%w: %d results for %d operations", errProtocol, n, len(ops))
	}
	results := make([]model.Result, n)
	for i, r := range answer.GetResults() {
		if err := checkResult(r, ops[i]); err != nil {
			return results[:i], err
		}
		results[i] = decodeResult(r)
	}
	if failure != nil {
		return results, fromCode(codes.Code(failure.GetCode()), failure.GetMessage())
	}
	return results, nil
}

func decodeResult(r *protocol.Result) model.Result {
	return model.Result{
		Loss: r.GetLoss(), GradNorm: r.GetGradNorm(), PartNorms: r.GetPartNorms(),
		Finite:  r.GetFinite() && finite(r.GetLoss(), r.GetGradNorm()) && finite(r.GetPartNorms()...),
		Clipped: r.GetClipped(), FLOPs: r.GetFlops(), Path: r.GetPath(),
	}
}

func checkResult(r *protocol.Result, op model.Op) error {
	switch op := op.(type) {
	case model.Step:
		if n := len(r.GetPartNorms()); op.NoUpdate && n != op.Parts {
			return fmt.Errorf("%w: %d part norms for %d parts", errProtocol, n, op.Parts)
		}
	case model.Evaluate:
		if r.GetPath() != op.Out {
			return fmt.Errorf("%w: outputs in %q instead of %q", errProtocol, r.GetPath(), op.Out)
		}
	}
	return nil
}
