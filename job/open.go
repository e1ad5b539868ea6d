package job

import (
	"context"
	"errors"
	"fmt"

	"tuned/durable"
	"tuned/trainer/data"
	"tuned/trainer/model"
)

// opened is the model that is trained, and the data that it sees.
type opened struct {
	view     view
	settings model.Settings
	session  model.Session
	process  Architecture
	order    *data.Order // of the training rows
	// recalibrate are training rows on which averaged or blended weights re-estimate batch-norm statistics; architectures
	// without batch norm do nothing with them.
	recalibrate []int32
}

// recalibrationRows is how many rows statistics are estimated on: enough for two digits, few beside the training.
const recalibrationRows = 2048

// sample takes rows from the first batches of an order, at most an epoch.
func sample(o *data.Order, n int) []int32 {
	var rows []int32
	for step := 0; step < o.StepsPerEpoch() && len(rows) < n; step++ {
		rows = append(rows, o.Batch(int64(step))...)
	}
	return rows
}

// open encodes the data as decided, opens the model on it, and writes the plan: nothing in it changes any more.
func (r *run) open(ctx context.Context) error {
	m := opened{settings: r.plan.Settings()}
	var err error
	if m.view, err = r.viewFor(m.settings); err != nil {
		return err
	}
	if m.view.Target != nil {
		m.view.Target.Threshold, m.view.Target.Lean = numberOf(m.settings, "threshold"), numberOf(m.settings, "lean")
		if textOf(m.settings, "target_range") == "open" {
			m.view.Target.Min, m.view.Target.Max = 0, 0
		}
	}
	batch := int(integerOf(m.settings, "batch_size"))
	m.order = data.NewOrder(m.view.fit, batch, r.options.Seed)
	m.recalibrate = sample(m.order, recalibrationRows)
	m.session, m.process, err = r.session(ctx, r.manifest.Name, model.OpenRequest{
		View: m.view.dir, Settings: m.settings, Seed: r.options.Seed,
		MaxBatch: batch, InitRows: m.view.fit,
	})
	if err != nil {
		return err
	}
	r.model = m
	return r.writePlan(ctx)
}

func (r *run) writePlan(ctx context.Context) error {
	r.plan.ISA, r.plan.Hashes.Architecture = r.model.session.Info().ISA, programHash(r.model.process)
	if err := r.checkReplay(); err != nil {
		return err
	}
	path := r.dir.file(PlanFile)
	if err := writeJSON(path, r.plan); err != nil {
		return err
	}
	hash, _, err := durable.SumFile(path)
	if err != nil {
		return err
	}
	promise, err := r.promise()
	if err != nil {
		return err
	}
	r.tell(Planned{Decisions: len(r.plan.Decisions), SHA256: hash, Promise: promise})
	return errors.Join(r.lost, r.ask(ctx, promise))
}

// ask lets whoever gave the job look at its plan before the training begins.
func (r *run) ask(ctx context.Context, p Promise) error {
	if r.options.Planned == nil {
		return nil
	}
	return r.options.Planned(ctx, p)
}

// checkReplay says where a replayed plan cannot give the same bits.
func (r *run) checkReplay() error {
	p := r.replay
	if p == nil {
		return nil
	}
	if p.Hashes.Architecture != r.plan.Hashes.Architecture {
		return &Error{Path: r.options.Plan, Problem: fmt.Sprintf("the plan was made for another build of %q", r.manifest.Name), Hint: "run the job without --plan"}
	}
	if p.ISA != r.plan.ISA {
		r.tell(Noted{What: fmt.Sprintf("The plan was made on a machine with %s and this one has %s: scores will agree, bits need not.", p.ISA, r.plan.ISA)})
	}
	return nil
}

// programHash identifies an installed program. One that is part of tuned is identified by tuned's version, and has none.
func programHash(a Architecture) string {
	if a.Program().Builtin() {
		return ""
	}
	return a.Hash()
}
