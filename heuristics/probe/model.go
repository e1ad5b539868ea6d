package probe

import (
	"context"

	"tuned/heuristics"
	"tuned/trainer/model"
)

// facts opens a session for what it knows about itself.
func facts(ctx context.Context, e Env, s settings) (Report, error) {
	session, err := e.Open(ctx, Request{Settings: model.Settings(s), MaxBatch: s.batch(e), Seed: e.Seed})
	if err != nil {
		return Report{}, err
	}
	info := session.Info()
	return Report{FLOPs: info.InitialFLOPs, Facts: heuristics.Facts{
		"model.parameters": info.Parameters, "model.flops_row": info.FLOPsRow, "model.flops_step": info.FLOPsStep,
		"model.bytes_fixed": info.BytesFixed, "model.bytes_row": info.BytesRow,
	}}, session.Close()
}
