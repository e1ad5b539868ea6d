package session

import (
	"context"
	"fmt"
	"sync"

	"tuned/trainer/model"
)

var errClosed = fmt.Errorf("%w: the session is closed", model.ErrInvalid)

// queue runs jobs one after another, in the order in which they were added, on one goroutine.
type queue struct {
	mu struct {
		sync.Mutex
		jobs   []job
		closed bool
	}
	wake  chan struct{} // holds a token while there may be something to do
	ended chan struct{}
}

type job struct {
	run, drop func()
	done      chan struct{}
}

func newQueue() *queue {
	q := &queue{wake: make(chan struct{}, 1), ended: make(chan struct{})}
	go q.work()
	return q
}

// add queues a job and returns a channel that closes when it has run, or was dropped because the queue closed.
func (q *queue) add(run, drop func()) <-chan struct{} {
	j := job{run, drop, make(chan struct{})}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.mu.closed {
		drop()
		close(j.done)
		return j.done
	}
	q.mu.jobs = append(q.mu.jobs, j)
	q.signal()
	return j.done
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) work() {
	defer close(q.ended)
	for range q.wake {
		for {
			j, closed := q.next()
			if j.run == nil {
				if closed {
					return
				}
				break
			}
			if closed {
				j.drop()
			} else {
				j.run()
			}
			close(j.done)
		}
	}
}

func (q *queue) next() (j job, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.mu.jobs) > 0 {
		j, q.mu.jobs = q.mu.jobs[0], q.mu.jobs[1:]
	}
	return j, q.mu.closed
}

// close drops what has not begun and waits for the rest. It reports whether the queue was open.
func (q *queue) close() bool {
	q.mu.Lock()
	was := !q.mu.closed
	q.mu.closed = true
	q.signal()
	q.mu.Unlock()
	<-q.ended
	return was
}

// call runs f behind everything that was queued, unless ctx ends first, and waits for it.
func (q *queue) call(ctx context.Context, f func() error) error {
	var err error
	<-q.add(func() {
		if err = ctx.Err(); err == nil {
			err = f()
		}
	}, func() { err = errClosed })
	return err
}

// pending are the operations of one Submit. Its results may be read once done is closed.
type pending struct {
	done    <-chan struct{}
	results []model.Result
	err     error
}

func (p *pending) run(ctx context.Context, s *Session, ops []model.Op) {
	for i, op := range ops {
		if p.err = ctx.Err(); p.err != nil {
			return
		}
		r, err := s.do(op)
		if err != nil {
			p.err = fmt.Errorf("operation %d (%T): %w", i, op, err)
			return
		}
		p.results = append(p.results, r)
	}
}

// Wait returns the results once all operations have run, or those before the first error with it.
func (p *pending) Wait(ctx context.Context) ([]model.Result, error) {
	select {
	case <-p.done:
		return p.results, p.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
