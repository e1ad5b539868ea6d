// Package queue decides which job runs when, runs each attempt in a process of its own, and sees to it that no accepted
// job is lost and none is run twice, whoever is killed when.
//
// The database is the truth: a job is moved from one state to the next by one commit, and what is in memory can be made
// again from it and from the run directories. An attempt works on a directory that it locks; where it gets to is found
// there, so that the next one goes on from the last checkpoint to the same bits.
package queue

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"tuned/daemon/attempt"
	"tuned/daemon/store"
)

// Config is how a queue works.
type Config struct {
	Place    Place
	Capacity store.Needs // what all running jobs may take together
	// Assumed is the memory that a job is taken to need which neither limits it nor has a plan yet.
	Assumed int64
	MinFree int64 // bytes that the disk must have left for a job to start
	Most    int   // jobs that may be queued; 0: 10,000
	Deaths  int   // attempts that may die in a row without getting further; 0: 5
	// Roots are directories whose files jobs may name.
	Roots []string
	// Architectures names what jobs may name; nil: whatever they name is found out when they run.
	Architectures func() []string
	// GPUArchitectures are the architectures that take a GPU.
	GPUArchitectures []string
	Version          string
	Program          attempt.Program
	Log              *zap.Logger
	Alarm            Alarm // is told of alerts; nil: nobody is
}

func (c Config) withDefaults() Config {
	if c.Most == 0 {
		c.Most = 10_000
	}
	if c.Deaths == 0 {
		c.Deaths = 5
	}
	if c.Log == nil {
		c.Log = zap.NewNop()
	}
	if c.Program.Mark == "" {
		c.Program.Mark = string(c.Place)
	}
	return c
}

// Queue is the daemon's queue.
type Queue struct {
	Config
	store *store.Store
	stats *stats

	wake chan struct{} // something changed that scheduling depends on
	bell chan struct{} // there is an alert to deliver

	outbox outbox // of the goroutine that delivers

	uploads sync.RWMutex // locked while some are removed, read-locked while one is about to be used

	mu struct {
		sync.Mutex
		active   map[int64]*active
		told     map[int64]chan struct{} // closed when a job's journal grows
		draining bool
	}
	attempts sync.WaitGroup
}

// active is an attempt in progress.
type active struct {
	needs store.Needs
	gpu   int // index; -1: none
	stop  context.CancelFunc
}

// Open opens the state directory and brings every job back to where it was.
func Open(ctx context.Context, c Config) (*Queue, error) {
	q := &Queue{Config: c.withDefaults(), wake: make(chan struct{}, 1), bell: make(chan struct{}, 1), stats: newStats(), outbox: outbox{}}
	q.mu.active, q.mu.told = map[int64]*active{}, map[int64]chan struct{}{}
	if err := q.Place.prepare(); err != nil {
		return nil, err
	}
	if err := q.recover(ctx); err != nil {
		return nil, fmt.Errorf("recover: %w", err)
	}
	return q, nil
}

// Close closes the database. Run must have returned.
func (q *Queue) Close() error { return q.store.Close() }

// Store is what the queue is kept in, for reading.
func (q *Queue) Store() *store.Store { return q.store }

// Run schedules until ctx ends; then running attempts save what they did, and their jobs stay queued.
func (q *Queue) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var beside sync.WaitGroup
	beside.Go(func() { q.deliver(ctx) })
	beside.Go(func() { q.tidy(ctx) })
	defer beside.Wait()
	for {
		if err := q.schedule(ctx); err != nil && ctx.Err() == nil {
			q.Log.Error("schedule", zap.Error(err))
		}
		select {
		case <-ctx.Done():
			q.drain()
			return nil
		case <-q.wake:
		case <-tick.C:
		}
	}
}

// drain asks all attempts to stop and waits for them.
func (q *Queue) drain() {
	q.mu.Lock()
	q.mu.draining = true
	n := len(q.mu.active)
	for _, a := range q.mu.active {
		a.stop()
	}
	q.mu.Unlock()
	q.Log.Info("draining", zap.Int("attempts", n))
	q.attempts.Wait()
}

// poke has the queue look for work.
func (q *Queue) poke() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// schedule starts what fits.
func (q *Queue) schedule(ctx context.Context) error {
	if !q.roomy() {
		return nil
	}
	if err := q.Place.saveUp(); err != nil {
		return err
	}
	for ctx.Err() == nil {
		free := q.free()
		if free.Threads <= 0 || free.Memory <= 0 || !q.roomy() {
			return nil
		}
		jobs, err := q.idle(ctx)
		if err != nil {
			return err
		}
		j, ok := next(jobs, free, q.Capacity, time.Now())
		if !ok {
			return nil
		}
		if err := q.start(ctx, j); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// idle are the queued jobs that no attempt is still ending for.
func (q *Queue) idle(ctx context.Context) ([]store.Job, error) {
	all, err := q.store.Jobs(ctx, store.Queued)
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	jobs := all[:0]
	for _, j := range all {
		if q.mu.active[j.ID] == nil {
			jobs = append(jobs, j)
		}
	}
	return jobs, nil
}

// free is what no attempt takes.
func (q *Queue) free() store.Needs {
	q.mu.Lock()
	defer q.mu.Unlock()
	free := q.Capacity
	for _, a := range q.mu.active {
		free = minus(free, a.needs)
	}
	return free
}

// roomy tells whether the disk has room for a job to start.
func (q *Queue) roomy() bool {
	free, err := q.Place.Free()
	return err == nil && free >= q.MinFree
}

// Ready says why no job could be accepted or started now, if so.
func (q *Queue) Ready(ctx context.Context) error {
	if _, err := q.store.Counts(ctx); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.mu.draining:
		return errors.New("the daemon is stopping")
	case !q.roomy():
		return ErrFull
	}
	return nil
}

// start moves a job to running and begins an attempt, which is entered before: who sees a job run finds what would stop it.
func (q *Queue) start(ctx context.Context, j store.Job) error {
	attemptCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	a := &active{needs: clamp(j.Needs, q.Capacity), gpu: -1, stop: stop}
	q.enter(j.ID, a)
	begun, err := q.store.Change(ctx, j.ID, "state", q.begin)
	if err != nil {
		stop()
		q.forget(j.ID)
		if errors.Is(err, errElsewhere) {
			return nil
		}
		return fmt.Errorf("start job %d: %w", j.ID, err)
	}
	q.attempts.Go(func() {
		defer stop()
		q.supervise(attemptCtx, begun, a)
		q.leave(j.ID)
	})
	return nil
}

// begin is what an attempt's beginning does to a job.
func (q *Queue) begin(j *store.Job) error {
	if j.State != store.Queued {
		return errElsewhere
	}
	j.State, j.Reason, j.Attempts = store.Running, "", j.Attempts+1
	if j.Started.IsZero() {
		j.Started = time.Now().UTC()
	}
	j.Version = q.Version
	return nil
}

var errElsewhere = errors.New("someone else changed the job")

func (q *Queue) enter(id int64, a *active) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if a.needs.GPUs > 0 {
		a.gpu = q.freeGPU()
	}
	q.mu.active[id] = a
}

// freeGPU is the lowest index that no attempt has. The lock is held.
func (q *Queue) freeGPU() int {
	taken := map[int]bool{}
	for _, a := range q.mu.active {
		taken[a.gpu] = true
	}
	for i := range q.Capacity.GPUs {
		if !taken[i] {
			return i
		}
	}
	return -1
}

func (q *Queue) leave(id int64) {
	q.forget(id)
	q.grown(id)
	q.poke()
}

func (q *Queue) forget(id int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.mu.active, id)
}

// halt asks the attempt at a job to stop, if there is one.
func (q *Queue) halt(id int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if a := q.mu.active[id]; a != nil {
		a.stop()
	}
}

// Grown is closed when the job's journal grows, or an attempt at it ends.
func (q *Queue) Grown(id int64) <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	c, ok := q.mu.told[id]
	if !ok {
		c = make(chan struct{})
		q.mu.told[id] = c
	}
	return c
}

func (q *Queue) grown(id int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if c, ok := q.mu.told[id]; ok {
		close(c)
		delete(q.mu.told, id)
	}
}
