package daemon

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/sys/unix"
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

// forget lets go of the program's own pages, most of which only the start needed. What is needed again is found in the
// system's cache.
func forget() {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer maps.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to uintptr
		var mode string
		if !strings.HasSuffix(lines.Text(), program) {
			continue
		}
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &mode); err != nil || strings.Contains(mode, "w") {
			continue
		}
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED) // if not, they stay
	}
}
