package nn

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// spinFor is how long a worker waits awake before it parks: longer than the host takes between two steps.
const spinFor = 40 * time.Microsecond

// barrier lets n goroutines wait for each other: briefly awake, then parked.
type barrier struct {
	n       int32
	spin    time.Duration
	arrived atomic.Int32
	phase   atomic.Uint32
	mu      sync.Mutex
	turned  sync.Cond
}

func newBarrier(n int) *barrier {
	b := &barrier{n: int32(n), spin: spinFor}
	if runtime.GOMAXPROCS(0) < n {
		b.spin = 0
	}
	b.turned.L = &b.mu
	return b
}

// wait returns once all n have called it.
func (b *barrier) wait() {
	if b.n == 1 {
		return
	}
	phase := b.phase.Load()
	if b.arrived.Add(1) == b.n {
		b.arrived.Store(0)
		b.mu.Lock()
		b.phase.Add(1)
		b.mu.Unlock()
		b.turned.Broadcast()
		return
	}
	if b.spun(phase) {
		return
	}
	b.mu.Lock()
	for b.phase.Load() == phase {
		b.turned.Wait()
	}
	b.mu.Unlock()
}

// spun reports whether the phase turned while it waited awake.
func (b *barrier) spun(phase uint32) bool {
	if b.spin == 0 {
		return false
	}
	for end := time.Now().Add(b.spin); time.Now().Before(end); {
		for range 64 {
			if b.phase.Load() != phase {
				return true
			}
		}
	}
	return false
}

// team runs one task at a time on all workers: worker 0 on the caller's goroutine, each other on its own.
type team struct {
	workers []*worker
	gate    *barrier // opens and ends tasks
	task    func(*worker)
	done    sync.WaitGroup
	closed  bool
}

func newTeam(workers []*worker) *team {
	t := &team{workers: workers, gate: newBarrier(len(workers))}
	for _, w := range workers[1:] {
		t.done.Go(func() { t.serve(w) })
	}
	return t
}

// serve runs tasks until the team is closed.
func (t *team) serve(w *worker) {
	for {
		t.gate.wait()
		if t.task == nil {
			return
		}
		t.task(w)
		t.gate.wait()
	}
}

// run has every worker do the task, and returns when all have.
func (t *team) run(task func(*worker)) {
	t.task = task
	t.gate.wait()
	task(t.workers[0])
	t.gate.wait()
}

// close ends the goroutines.
func (t *team) close() {
	if t.closed {
		return
	}
	t.closed, t.task = true, nil
	t.gate.wait()
	t.done.Wait()
}
