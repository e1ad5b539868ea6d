package job

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"

	"tuned/trainer/data"
	"tuned/trainer/nn/kernel"
)

// read turns the file into raw columns and row sets, under the run's directory, and measures the columns.
func (r *run) read(ctx context.Context) error {
	return r.phase(PhaseRead, func() (int64, error) {
		progress := func(done, total int64) { r.tell(Progress{Phase: PhaseRead, Done: done, Total: total}) }
		d, err := data.Read(ctx, r.job.Spec(), r.dir.file(filepath.Join(workDir, "columns")), progress)
		if err != nil {
			return 0, r.job.blame(asked(err))
		}
		r.table = d
		if err := r.checkMetric(); err != nil {
			return 0, err
		}
		r.learn(Measured{Source: "job", Facts: r.jobFacts()})
		r.learn(Measured{Source: "machine", Facts: Values{"machine.bf16": kernel.Halves()}})
		err = r.scan(ctx)
		return r.table.TextFLOPs(), err
	})
}

// scan measures the columns, or takes the facts of an earlier attempt.
func (r *run) scan(ctx context.Context) error {
	if _, ok := r.past.measured["scan"]; ok {
		r.learn(Measured{Source: "scan"})
		return nil
	}
	s, err := r.table.Scan(ctx)
	if err != nil {
		return err
	}
	r.tell(Columns{
		Rows: r.table.Rows, Columns: s.Columns, Image: shapeOf(r.table.Picture), Target: r.table.Target.Name, Classes: r.table.Classes, Counts: s.Classes,
		Notes: r.table.Notes, FirstRow: r.table.FirstRow,
	})
	r.learn(Measured{Source: "scan", Facts: s.Facts})
	return nil
}

// shapeOf is height, width and channels of images; nil where there are none.
func shapeOf(p *data.Picture) []int {
	if p == nil {
		return nil
	}
	return []int{p.Height, p.Width, p.Channels}
}

// Spec is the part of the job that the reader of the data needs.
func (j *Job) Spec() data.Spec {
	d := j.Data
	return data.Spec{
		Path: d.Path, Sheet: d.Sheet, Target: d.Target, Task: d.Task, Types: d.Types, Ignore: d.Ignore, Holdout: d.Holdout,
		SplitSeed: d.SplitSeed, SplitColumn: d.Split, Group: d.Group, Time: d.Time, Slices: d.Slices, MaxRows: int(d.MaxRows),
		ImageColumn: d.ImageColumn, ImageSize: d.ImageSize,
	}
}

// checkMetric compares the job's metric with the task that the target turned out to be.
func (r *run) checkMetric() error {
	name := r.job.Data.Metric
	if task, _ := taskOf(name); name != "" && task != r.table.Task {
		return r.job.at([]string{"data", "metric"}, fmt.Sprintf("%q does not measure %s", name, r.table.Task), hints["data.metric"])
	}
	return nil
}

// jobFacts are what the job file says.
func (r *run) jobFacts() Values {
	return Values{
		"job.metric":          r.metric(),
		"job.architecture":    r.job.Model.Architecture,
		"limits.memory_bytes": int64(r.job.Limits.Memory),
		"limits.time_seconds": r.job.Limits.Time.Seconds(),
		"limits.threads":      r.threads,
	}
}

// learn adds facts under the name of their source and journals them. What an earlier attempt measured stands.
func (r *run) learn(m Measured) {
	if before, ok := r.past.measured[m.Source]; ok {
		maps.Copy(r.facts, before.Facts)
		return
	}
	maps.Copy(r.facts, m.Facts)
	r.tell(m)
}
