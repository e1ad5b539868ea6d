package engine

import (
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tuned/trainer/nn/kernel"
)

// round is about how long a call is measured at once: long beside the clock, short beside the scheduler's slices.
const round = 300 * time.Microsecond

// best is the shortest time that a call takes, over a budget: by the thread's processor time on one thread, by the clock
// where calls run on several at the same time.
func best(budget time.Duration, calls ...func()) time.Duration {
	if len(calls) == 1 {
		return bestAlone(budget, calls[0])
	}
	return bestTogether(budget, calls)
}

func bestAlone(budget time.Duration, call func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	call()
	shortest, n := time.Duration(1<<62), 1
	for end := time.Now().Add(budget); ; {
		start := threadTime()
		for range n {
			call()
		}
		took := (threadTime() - start) / time.Duration(n)
		shortest = min(shortest, took)
		n = repeats(took)
		if time.Now().After(end) {
			return shortest
		}
	}
}

// repeats is how many calls fill a round.
func repeats(took time.Duration) int { return max(1, int(round/max(took, 1))) }

// bestTogether starts all calls at once, each on its own thread, again and again; the last one to end counts.
func bestTogether(budget time.Duration, calls []func()) time.Duration {
	r := rounds{calls: calls, n: repeats(bestAlone(budget/8, calls[0])), ends: make([]time.Time, len(calls)), shortest: 1 << 62}
	r.until = time.Now().Add(budget)
	var all sync.WaitGroup
	for i := range calls {
		all.Go(func() { r.run(i) })
	}
	all.Wait()
	return r.shortest / time.Duration(r.n)
}

// rounds are calls that several threads make at the same time.
type rounds struct {
	calls    []func()
	n        int // calls a round
	there    atomic.Int64
	done     atomic.Int64
	judged   atomic.Int64
	ends     []time.Time
	until    time.Time
	over     bool
	shortest time.Duration
}

// run is one thread's part. The first thread keeps the time, from when the last one is there.
func (r *rounds) run(i int) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	r.calls[i]()
	for all := int64(len(r.calls)); !r.over; all += int64(len(r.calls)) {
		r.there.Add(1)
		meet(&r.there, all)
		start := time.Now()
		for range r.n {
			r.calls[i]()
		}
		r.ends[i] = time.Now()
		r.done.Add(1)
		meet(&r.done, all)
		if i == 0 {
			r.shortest = min(r.shortest, slices.MaxFunc(r.ends, time.Time.Compare).Sub(start))
			r.over = time.Now().After(r.until)
		}
		r.judged.Add(1)
		meet(&r.judged, all)
	}
}

// meet waits, awake, until all have come; without a processor for each it lets the others run.
func meet(there *atomic.Int64, all int64) {
	for i := 1; there.Load() < all; i++ {
		if i%(1<<14) == 0 {
			runtime.Gosched()
		}
	}
}

// peak measures the machine's multiply-add units on a number of threads with the instruction set in use, in GFLOP/s.
func peak(threads int) float64 {
	const loops = 20_000
	var calls []func()
	for range threads {
		calls = append(calls, func() { kernel.MultiplyAdds(loops) })
	}
	took := best(100*time.Millisecond, calls...)
	return float64(int64(threads)*kernel.MultiplyAdds(loops)) / float64(took.Nanoseconds())
}

// loadAverage is what the system says of its load; "" where it does not.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(string(text))[:1], " ")
}
