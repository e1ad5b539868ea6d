package job

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"tuned/trainer/data"
	"tuned/trainer/metric"
	"tuned/trainer/model"
	"tuned/trainer/npy"
)

// show opens the exported model on a view of these blocks, one after the other.
func (r *run) show(ctx context.Context, blocks []data.Block) error {
	dir := r.dir.file(filepath.Join(workDir, "weigh"))
	if _, err := r.table.Blocks(r.model.view.preprocess, r.model.view.dir, r.model.view.View, blocks, dir); err != nil {
		return err
	}
	return r.reopen(ctx, dir)
}

// reopen opens the exported model on another view. The one that was trained makes room for it first: there is memory for one.
func (r *run) reopen(ctx context.Context, view string) (err error) {
	if err := r.closeModel(); err != nil {
		return err
	}
	r.model.session, r.model.process, err = r.session(ctx, r.manifest.Name, model.OpenRequest{
		View: view, Settings: r.model.settings, Seed: r.options.Seed, MaxBatch: int(integerOf(r.model.settings, "batch_size")),
	})
	if err != nil {
		return err
	}
	weights := r.record.Model.Weights
	weights.Path = absolute(r.dir.file(weights.Path))
	if err := r.model.session.Load(ctx, weights); err != nil {
		return fmt.Errorf("load the weights: %w", err)
	}
	return nil
}

// closeModel ends the session of the model and its process.
func (r *run) closeModel() error {
	err := errors.Join(r.model.session.Close(), r.model.process.Close())
	r.live = slices.DeleteFunc(r.live, func(a Architecture) bool { return a == r.model.process })
	r.model.session, r.model.process = nil, nil
	return err
}

// answers are what the model says of some rows of what it was shown.
func (r *run) answers(ctx context.Context, rows []int32) ([]float32, int64, error) {
	outputs, flops, err := r.outputs(ctx, model.Evaluate{
		Rows: rows, Weights: r.outcome.Members, Out: r.dir.file(filepath.Join(workDir, "weigh", "outputs.npy")),
	})
	if err != nil {
		return nil, flops, fmt.Errorf("ask the exported model: %w", err)
	}
	return outputs, flops, nil
}

// outputs gives the members' blended outputs of an evaluation's rows, the temperature applied.
func (r *run) outputs(ctx context.Context, e model.Evaluate) ([]float32, int64, error) {
	results, err := r.model.session.Submit(ctx, e).Wait(ctx)
	if err != nil {
		return nil, 0, err
	}
	width := metric.Width(r.model.view.View)
	outputs, err := npy.Read[float32](results[0].Path, len(e.Rows)*width)
	if err == nil && r.table.Task == model.Classification {
		metric.ApplyTemperature(outputs, width, r.outcome.Temperature)
	}
	return outputs, results[0].FLOPs, err
}

// upTo are the numbers below n.
func upTo[T int | int32](n int) []T {
	all := make([]T, n)
	for i := range all {
		all[i] = T(i)
	}
	return all
}
