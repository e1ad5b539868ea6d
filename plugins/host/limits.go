package host

import "fmt"

// What holds a process to its memory limit, from the strictest.
const (
	// ControlGroup: the kernel holds all processes together to the limit (cgroup v2).
	ControlGroup = "cgroup"
	// DataLimit: the kernel refuses a process much more data than the limit (RLIMIT_DATA), and the host ends the
	// architecture when all its processes together hold more than the limit.
	DataLimit = "rlimit"
	// WatchOnly: the host ends the architecture when its processes hold more than the limit.
	WatchOnly = "watch"
	// None: there is no limit.
	None = "none"
)

// maxProcesses is how many processes an architecture may have at a time where Options do not say.
const maxProcesses = 512

// limits hold one child.
type limits struct {
	memory      int64 // bytes, 0 for no limit
	processes   int
	enforcement string
	kernel      kernelLimits
}

// newLimits finds the strictest way to hold p to its memory.
func newLimits(p Program, o Options, mark string) *limits {
	l := &limits{memory: o.MemoryBytes, processes: o.MaxProcesses, enforcement: None}
	if l.memory > 0 {
		l.kernel, l.enforcement = newKernelLimits(p, l.memory, mark)
	}
	return l
}

// exceeded says by how much the child's processes are above a limit; empty when they are not.
func (l *limits) exceeded(now load, share func() int64) (reason string, memory bool) {
	if now.processes > l.processes {
		return fmt.Sprintf("it started more than %d processes", l.processes), false
	}
	if l.memory <= 0 || now.held <= l.memory {
		return "", false
	}
	held := now.held
	if now.processes > 1 { // forked processes share pages, which the sum counts for each
		held = share()
	}
	if held <= l.memory {
		return "", false
	}
	return fmt.Sprintf("it held %s of memory, more than the %s that it was given", bytesText(held), bytesText(l.memory)), true
}

// bytesText is a size as people read it.
func bytesText(n int64) string {
	if n >= 1<<30 {
		return fmt.Sprintf("%.2f GiB", float64(n)/(1<<30))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}
