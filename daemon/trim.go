package daemon

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"
)

const (
	trimEvery = 2 * time.Second
	trimStep  = 4 << 20 // bytes that the heap may grow by before it is trimmed
)

// trim gives memory back soon that a burst of work took, until ctx ends: the daemon sits beside jobs that need it, and the
// runtime by itself would keep it for minutes.
func trim(ctx context.Context) {
	tick := time.NewTicker(trimEvery)
	defer tick.Stop()
	for kept := uint64(0); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := held()
		if now > kept+trimStep {
			debug.FreeOSMemory()
			forget()
			now = held()
			kept = now
		}
		kept = min(kept, now)
	}
}

// held is what the heap takes of the machine, in bytes.
func held() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapSys - m.HeapReleased
}
