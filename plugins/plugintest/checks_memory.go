package plugintest

import (
	"context"
	"errors"
	"fmt"

	"tuned/trainer/model"
)

const (
	// largeBytes is how much the activations of a large batch should take, by the architecture's own facts.
	largeBytes = 64 << 20
	// largeRows is the most rows of that batch.
	largeRows = 1 << 18
	// slackBytes is what a process may use beside: its runtime's buffers, messages.
	slackBytes = 24 << 20
)

// memoryFacts compares the peaks of a small and a large batch with what the session declared.
func memoryFacts(ctx context.Context, l *lab) error {
	small, err := l.peak(ctx, maxBatch)
	if err != nil {
		return err
	}
	perRow := small.declared.BytesRow
	rows := int(min(max(largeBytes/max(perRow, 1), maxBatch), largeRows))
	large, err := l.peak(ctx, rows)
	if err != nil {
		return err
	}
	declared := int64(rows-maxBatch) * perRow
	if grown := large.bytes - small.bytes; grown > allowedBytes(declared) {
		return fmt.Errorf("a batch of %d rows took %d bytes more than one of %d, and %d were declared", rows, grown, maxBatch, declared)
	}
	return nil
}

// allowedBytes is what a process may grow by that declared so many bytes.
func allowedBytes(declared int64) int64 {
	return int64(1.25*(1+shadow)*float64(declared)) + slackBytes
}

// measured is a session's peak, and what it said of itself.
type measured struct {
	bytes    int64
	declared model.Info
}

// peak measures one step of a batch in a process of its own.
func (l *lab) peak(ctx context.Context, rows int) (m measured, err error) {
	many := make([]int32, rows)
	for i := range many {
		many[i] = int32(i % sampleTrain)
	}
	err = l.with(ctx, func(r *model.OpenRequest) { r.MaxBatch = rows }, func(s *subject) error {
		_, err := s.do(ctx, step(many, 1e-3))
		_, m.bytes = s.process.Usage()
		m.declared = s.Info()
		return err
	})
	return m, err
}

const (
	// tightMemory is enough to start, and to open a small model.
	tightMemory = 256 << 20
	// hugeBatch needs more than that, whatever the model.
	hugeBatch = 1 << 24
)

// memoryLimit asks for a batch that cannot fit.
func memoryLimit(ctx context.Context, l *lab) error {
	p, err := l.launch(ctx, tightMemory)
	if err != nil {
		return want("a process with little memory", err, model.ErrOutOfMemory)
	}
	req := l.request()
	req.MaxBatch, req.MemoryBytes = hugeBatch, tightMemory
	s, err := p.Open(ctx, req)
	if err != nil {
		return errors.Join(want("a batch that cannot fit", err, model.ErrOutOfMemory), p.Close())
	}
	rows := make([]int32, hugeBatch/2)
	_, err = s.Submit(ctx, step(rows, 1e-3)).Wait(ctx)
	return errors.Join(want("a batch that cannot fit", err, model.ErrOutOfMemory), s.Close())
}
