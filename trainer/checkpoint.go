package trainer

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tuned/durable"
	"tuned/trainer/model"
)

// savedState is the content of a checkpoint's state file.
type savedState struct {
	// Identity is the hash of all that the trainer knows to fix the bits. A checkpoint of another run is refused.
	Identity string `json:"identity"`
	State    state  `json:"state"`
}

// checkpoint saves the session and the loop's state. What is in flight is waited for, and its results are saved unjudged:
// the course of the run does not depend on where it was saved.
func (l *loop) checkpoint(ctx context.Context) error {
	for i := range l.Flight {
		if err := l.collect(&l.Flight[i]); err != nil {
			return err
		}
	}
	start := time.Now()
	text, err := json.Marshal(savedState{l.identity, l.state})
	if err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	save := func(path string) (model.File, error) { return l.run.Session.Save(ctx, path) }
	if err := l.store.write(l.Next, text, save); err != nil {
		return err
	}
	l.saved = l.Next
	l.pause(time.Since(start))
	l.send(Event{Kind: Saved, Step: l.Next})
	return nil
}

// restore goes back to the newest checkpoint that is whole, or starts from the beginning.
func (l *loop) restore() (err error) {
	if l.store == nil {
		l.send(Event{Kind: Started})
		return nil
	}
	if l.identity, err = l.identify(); err != nil {
		return err
	}
	found, err := l.store.newest(l.take, func(name string) { l.send(Event{Kind: Rejected, Checkpoint: name}) })
	switch {
	case err != nil && l.ctx.Err() != nil:
		return fmt.Errorf("%w before it went on: %w", ErrSuspended, err)
	case err != nil:
		return err
	}
	l.saved, l.told = l.Next, l.Next
	if found {
		l.send(Event{Kind: Resumed, Step: l.Next})
		return nil
	}
	l.send(Event{Kind: Started})
	return nil
}

// take goes on from a checkpoint's state and session.
func (l *loop) take(text []byte, session model.File) error {
	var s savedState
	if err := strict(text, &s); err != nil {
		return err
	}
	if s.Identity != l.identity {
		return fmt.Errorf("%w: it belongs to another plan, data set or version", model.ErrInvalid)
	}
	if err := l.run.Session.Load(l.ctx, session); err != nil {
		return err
	}
	l.state = s.State
	return nil
}

// identify hashes what fixes the bits, as far as the trainer knows it.
func (l *loop) identify() (string, error) {
	info := l.run.Session.Info()
	watches := make([]string, len(l.run.Watches))
	for i, w := range l.run.Watches {
		watches[i] = w.Name()
	}
	text, err := json.Marshal(map[string]any{
		"plan": l.run.Plan, "steps": l.steps, "segment": l.segment, "watches": watches, "isa": info.ISA,
		"parameters": info.Parameters, "validation": l.run.Validation, "first": l.run.Order.Batch(0), "last": l.run.Order.Batch(l.steps - 1),
	})
	if err != nil {
		return "", fmt.Errorf("identify the run: %w", err)
	}
	return durable.Hash(text), nil
}
