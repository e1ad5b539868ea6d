package probe

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"tuned/heuristics"
	"tuned/trainer/model"
)

// Parameters of the memory probe.
const (
	memoryShare = 0.875 // of the limit that a batch may use, so that the run itself stays below it
	memorySteps = 3     // the first allocates what the others find, of which one goes undisturbed
	memoryReads = 2     // batches that the evaluation reads
)

// memory finds the largest batch that a training runs with: steps, an evaluation and the snapshots that the plan keeps.
// It tries batch_cap and the powers of two below, from the largest down, each in a process of its own and announced in
// the journal before; one that the session's exact memory plan already rules out costs no step. Only a size that ran counts.
// Where the process ends while it opens a model, for a single row a batch too, smaller batches are no cure, and none is tried.
func memory(ctx context.Context, e Env, s settings) (Report, error) {
	t := trial{env: e, settings: s, failed: errEarlier}
	for batch := s.batchCap(e); batch >= 1; batch = floorPower(batch - 1) {
		if slices.Contains(e.Failed, batch) {
			continue
		}
		ran, err := t.try(ctx, batch)
		if err != nil {
			return t.spent, err
		}
		if ran {
			return t.report(batch), nil
		}
	}
	return t.spent, t.nothingRan()
}

var errEarlier = errors.New("an earlier attempt died with each")

// nothingRan is the error where no size ran. Where that was for no want of memory, it is what ended the last one.
func (t *trial) nothingRan() error {
	if t.env.MemoryBytes == 0 || !errors.Is(t.failed, model.ErrOutOfMemory) {
		return fmt.Errorf("not even a batch of one row ran: %w", t.failed)
	}
	return fmt.Errorf("%w: not even a batch of one row fits into %d bytes; last: %w", model.ErrOutOfMemory, t.env.MemoryBytes, t.failed)
}

// batchCap is the largest batch that is tried: of a batch_cap far above the rows that there are, no more than all of them.
func (s settings) batchCap(e Env) int {
	if decided := int(s.number("batch_cap", 0)); decided > 0 {
		return min(decided, max(defaultBatch, 2*floorPower(len(e.Train))))
	}
	return floorPower(min(e.MaxBatch, len(e.Train)))
}

// trial is what the tries have shown so far.
type trial struct {
	env      Env
	settings settings
	spent    Report // the costs alone
	info     model.Info
	used     int64 // bytes of the last size, measured where the host can, else planned
	failed   error // why the last size did not run
	opened   bool  // whether a process has opened a model, of whatever size
	measured Curve
}

// try runs one size. Failing for lack of memory, or by a process that died, is an answer and no error, unless no size can be opened.
func (t *trial) try(ctx context.Context, batch int) (bool, error) {
	t.env.Journal("probe.memory.trying", map[string]any{"batch": int64(batch)})
	err := t.run(ctx, batch)
	var never error
	if errors.Is(err, model.ErrExited) && ctx.Err() == nil {
		if never = t.openOne(ctx); never == nil {
			err = t.run(ctx, batch) // once may be somebody's kill; what memory ends, it ends again
		}
	}
	if err != nil && !errors.Is(err, model.ErrOutOfMemory) && !errors.Is(err, model.ErrExited) || ctx.Err() != nil {
		return false, errors.Join(err, ctx.Err())
	}
	fields := map[string]any{"batch": int64(batch), "ran": err == nil, "bytes": t.used}
	if err != nil {
		t.failed = err
		fields["why"] = err.Error()
	}
	t.env.Journal("probe.memory.tried", fields)
	if never != nil {
		t.failed = never
		return false, t.nothingRan()
	}
	return err == nil, nil
}

// openOne fails where not even a model for a single row can be opened. It is worth a process only as long as none was opened.
func (t *trial) openOne(ctx context.Context) error {
	if t.opened {
		return nil
	}
	session, err := t.open(ctx, 1)
	if err != nil {
		return err
	}
	t.spent.spend(lend(ctx, session).spent)
	_ = session.Close() // the size's own try tells how it ends
	return nil
}

func (t *trial) open(ctx context.Context, batch int) (model.Session, error) {
	session, err := t.env.Open(ctx, Request{Settings: model.Settings(t.settings), MaxBatch: batch, Seed: t.env.Seed, Fresh: true})
	t.opened = t.opened || err == nil
	return session, err
}

func (t *trial) run(ctx context.Context, batch int) (err error) {
	t.used = 0
	session, err := t.open(ctx, batch)
	if err != nil {
		return err
	}
	defer func() {
		if closed := session.Close(); err == nil {
			err = closed
		}
	}()
	t.info = session.Info()
	b := lend(ctx, session)
	defer func() { t.spent.spend(b.spent) }()
	t.used = t.plan(batch)
	if err := t.check("is planned to use"); err != nil {
		return err
	}
	if err := t.work(b, batch); err != nil {
		return err
	}
	return t.measure(session, batch)
}

// plan is what the session says a size needs, without snapshots: those are taken, to see.
func (t *trial) plan(batch int) int64 { return t.info.BytesFixed + t.info.BytesRow*int64(batch) }

func (t *trial) check(verb string) error {
	limit := t.env.MemoryBytes
	if limit == 0 || float64(t.used) <= memoryShare*float64(limit) {
		return nil
	}
	return fmt.Errorf("%w: it %s %d of %d bytes", model.ErrOutOfMemory, verb, t.used, limit)
}

// repeat makes as many rows as are asked for out of those that there are.
func repeat(rows []int32, n int) []int32 {
	all := make([]int32, n)
	for i := range all {
		all[i] = rows[i%len(rows)]
	}
	return all
}

// measure compares the process's peak with the limit.
func (t *trial) measure(session model.Session, batch int) error {
	if t.env.Peak == nil {
		return nil
	}
	peak := t.env.Peak(session)
	if peak == 0 {
		return nil
	}
	t.used = peak
	t.measured.X, t.measured.Y = append(t.measured.X, float64(batch)), append(t.measured.Y, float64(peak))
	return t.check("used")
}

// work does what a training does that takes memory.
func (t *trial) work(b *bench, batch int) error {
	lr := t.settings.number("lr", 1e-3)
	steps, ops := make([]model.Op, memorySteps), []model.Op(nil)
	for i := range steps {
		steps[i] = t.settings.step(repeat(t.env.nextBatch(batch, t.env.Seed, i), batch), lr)
	}
	if err := b.walk(steps); err != nil {
		return err
	}
	for i := range t.env.Snapshots {
		ops = append(ops, model.Keep{Name: fmt.Sprintf("memory-%d", i)})
	}
	_, err := b.do(append(ops, model.Evaluate{Rows: sample(t.env.Train, memoryReads*batch, t.env.Seed, streamRows)})...)
	return err
}

func (t *trial) report(batch int) Report {
	planned := Curve{Name: "planned"}
	for b := 1; b <= max(batch, t.settings.batchCap(t.env)); b *= 2 {
		planned.X, planned.Y = append(planned.X, float64(b)), append(planned.Y, float64(t.plan(b)))
	}
	plot := Plot{Title: "Memory by batch size", XLabel: "rows", YLabel: "bytes", LogX: true, Curves: []Curve{planned}}
	if len(t.measured.X) > 0 {
		t.measured.Name = "measured"
		plot.Curves = append(plot.Curves, t.measured)
	}
	enforcement := t.env.Enforcement
	if enforcement == "" {
		enforcement = "none"
	}
	report := t.spent
	report.Plots, report.Facts = []Plot{plot}, heuristics.Facts{
		"memory.max_batch": int64(batch), "memory.bytes_at_max": t.used, "memory.enforcement": enforcement,
	}
	return report
}

// floorPower is the largest power of two that is not above n; 0 for 0.
func floorPower(n int) int {
	if n < 1 {
		return 0
	}
	return 1 << (bits.Len(uint(n)) - 1)
}
