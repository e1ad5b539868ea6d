package probe

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"

	"tuned/trainer/model"
)

// defaultBatch is the largest batch that is worth asking for where the host does not say.
const defaultBatch = 1024

// defaultSnapshots is what the built-in rules ask for at most: two to roll back to, a cycle's end, the best weights.
const defaultSnapshots = 4

func (e Env) withDefaults() Env {
	if e.MaxBatch == 0 {
		e.MaxBatch = defaultBatch
	}
	if e.Snapshots == 0 {
		e.Snapshots = defaultSnapshots
	}
	if e.Journal == nil {
		e.Journal = func(string, map[string]any) {}
	}
	return e
}

// each does something n times, several at once where there are threads. What each finds must lie in a place of its own.
func each(threads, n int, do func(i int) error) error {
	var open errgroup.Group
	open.SetLimit(max(1, threads))
	for i := range n {
		open.Go(func() error { return do(i) })
	}
	return open.Wait()
}

// settings are what a probe runs under: decided or provisional ones by name.
type settings map[string]any

// number returns a setting, or what to use where no rule has decided it yet.
func (s settings) number(name string, otherwise float64) float64 {
	switch v := s[name].(type) {
	case float64:
		return v
	case int64:
		return float64(v)
	}
	return otherwise
}

// rate is the learning rate, decided or prior; every probe that takes steps needs it.
func (s settings) rate() (float64, error) {
	lr := s.number("lr", 0)
	if lr <= 0 || math.IsInf(lr, 0) || math.IsNaN(lr) {
		return 0, fmt.Errorf("%w: it needs a learning rate to start from, and lr is %v", model.ErrInvalid, s["lr"])
	}
	return lr, nil
}

// batch is the batch size, at most all rows.
func (s settings) batch(e Env) int {
	return max(1, min(int(s.number("batch_size", 128)), len(e.Train)))
}

// steps is the length of the run that is planned; 0 when that is not known.
func (s settings) steps(e Env) float64 {
	if total := s.number("total_steps", 0); total > 0 {
		return total
	}
	return s.number("epochs", 0) * math.Ceil(float64(len(e.Train))/float64(s.batch(e)))
}

// step is a step of the planned run on rows, at a learning rate.
func (s settings) step(rows []int32, lr float64) model.Step {
	return model.Step{
		Rows: rows, LR: lr, Beta1: s.number("beta1", 0.9), Beta2: s.number("beta2", 0.95), Epsilon: s.number("epsilon", 1e-8),
		WeightDecay: s.number("weight_decay", 0), Dropout: s.number("dropout", 0), LabelSmoothing: s.number("label_smoothing", 0),
	}
}

// snapshot is the name under which a probe keeps what it found.
const snapshot = "probe"

// bench is a session that is lent to a probe.
type bench struct {
	ctx     context.Context
	session model.Session
	spent   Report // its costs alone
}

// lend makes a bench of a session that was just opened.
func lend(ctx context.Context, session model.Session) *bench {
	return &bench{ctx, session, Report{FLOPs: session.Info().InitialFLOPs}}
}

// borrow opens a session, keeps everything, lets use work with it, restores everything and closes it. The report has the costs.
func (e Env) borrow(ctx context.Context, s settings, batch int, seed int64, use func(*bench) error) (spent Report, err error) {
	session, err := e.Open(ctx, Request{Settings: model.Settings(s), MaxBatch: batch, Seed: seed})
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	b := lend(ctx, session)
	if _, err := b.do(model.Keep{Name: snapshot}); err != nil {
		return b.spent, err
	}
	used := use(b)
	var done func()
	b.ctx, done = restoring(ctx)
	defer done()
	if _, err := b.do(model.Use{Name: snapshot, Drop: true}); err != nil && used == nil {
		return b.spent, err
	}
	return b.spent, used
}

// restoreTime is for how long a cancelled probe waits for its session, which may be busy with a step that never ends.
const restoreTime = 10 * time.Second

// restoring is the context in which a shared session is given back as it was, cancelled or not.
func restoring(ctx context.Context) (context.Context, func()) {
	if ctx.Err() == nil {
		return context.WithoutCancel(ctx), func() {}
	}
	return context.WithTimeout(context.WithoutCancel(ctx), restoreTime)
}

// do submits ops, waits for them and counts what they cost.
func (b *bench) do(ops ...model.Op) ([]model.Result, error) {
	results, err := b.session.Submit(b.ctx, ops...).Wait(b.ctx)
	for _, r := range results {
		b.spent.FLOPs += r.FLOPs
	}
	if err == nil && len(results) != len(ops) {
		err = fmt.Errorf("%w: %d results for %d operations", model.ErrInvalid, len(results), len(ops))
	}
	return results, err
}

// walk takes steps of the planned run one by one, for the pace of the fastest.
func (b *bench) walk(steps []model.Op) error {
	info := b.session.Info()
	for _, op := range steps {
		start := time.Now()
		if _, err := b.one(op); err != nil {
			return err
		}
		work := info.FLOPsRow*int64(len(op.(model.Step).Rows)) + info.FLOPsStep
		b.spent.Pace = max(b.spent.Pace, float64(work)/max(time.Since(start), time.Nanosecond).Seconds())
	}
	return nil
}

// one submits a single op.
func (b *bench) one(op model.Op) (model.Result, error) {
	results, err := b.do(op)
	if err != nil {
		return model.Result{}, err
	}
	return results[0], nil
}

// sample draws n different rows; all of them when there are no more. It is a function of rows, seed and stream.
func sample(rows []int32, n int, seed int64, stream uint64) []int32 {
	n = min(n, len(rows))
	random := rand.New(rand.NewPCG(uint64(seed), stream))
	chosen := make([]int32, n)
	moved := make(map[int]int32, 2*n) // what a shuffle of rows has moved, without copying them
	at := func(i int) int32 {
		if r, ok := moved[i]; ok {
			return r
		}
		return rows[i]
	}
	for i := range chosen {
		j := i + random.IntN(len(rows)-i)
		chosen[i], moved[j] = at(j), at(i)
	}
	return chosen
}

// Streams keep what probes draw apart.
const (
	streamRows    uint64 = 1 << 32 // rows that are read again and again
	streamBatches uint64 = 2 << 32 // plus the number of the batch
)

// nextBatch draws a batch of its own for each step: resampling keeps the order of the rows out of what is measured.
func (e Env) nextBatch(size int, seed int64, step int) []int32 {
	return sample(e.Train, size, seed, streamBatches+uint64(step))
}

func clamp(v, low, high float64) float64 { return min(max(v, low), high) }
