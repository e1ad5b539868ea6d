package host

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

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

// oomScore makes the kernel, where the machine has no memory left, choose the architecture and not the host.
const oomScore = "700"

// limits hold one child.
type limits struct {
	memory      int64 // bytes, 0 for no limit
	processes   int
	data        int64 // RLIMIT_DATA, 0 for none
	enforcement string
	group       *controlGroup
	killsBefore int64
}

// The limit on data lies well above the memory that the watch allows: code and stacks are data too, to the kernel, and runtimes
// crash in odd ways where a small allocation of theirs fails. It is there for a large one, which fails cleanly where the watch
// would come too late. A Python program starts a pool of threads for each processor and maps large libraries.
const (
	dataFactor      = 2
	dataRoom        = 512 << 20
	foreignDataRoom = 2 << 30
)

// newLimits finds the strictest way to hold p to its memory.
func newLimits(p Program, o Options, mark string) *limits {
	memory := o.MemoryBytes
	l := &limits{memory: memory, processes: o.MaxProcesses, enforcement: None}
	if memory <= 0 {
		return l
	}
	if group, err := newControlGroup(mark, memory); err == nil {
		l.group, l.enforcement = group, ControlGroup
		l.killsBefore = group.kills()
		return l
	}
	l.enforcement = WatchOnly
	if ready && !raceBuild() {
		l.enforcement, l.data = DataLimit, dataFactor*memory+foreignDataRoom
		if p.builtin {
			l.data = dataFactor*memory + dataRoom
		}
	}
	return l
}

// raceBuild: whether this executable looks for data races, for which it maps far more than it uses.
var raceBuild = sync.OnceValue(func() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
})

// enter has the process start inside its control group.
func (l *limits) enter(attr *syscall.SysProcAttr) {
	if l.group != nil {
		attr.UseCgroupFD, attr.CgroupFD = true, int(l.group.dir.Fd())
	}
}

// started marks the process for the kernel's choice. Raising one's own children is always allowed; where it is not, the
// kernel chooses by size.
func (l *limits) started(pid int) {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", pid), []byte(oomScore), 0)
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

// kill ends whatever is left in the control group.
func (l *limits) kill() error {
	if l.group == nil {
		return nil
	}
	return l.group.kill()
}

// killed reports whether the kernel ended a process of the group for memory.
func (l *limits) killed() bool {
	return l.group != nil && l.group.kills() > l.killsBefore
}

func (l *limits) close() {
	if l.group != nil {
		l.group.remove()
	}
}

// bytesText is a size as people read it.
func bytesText(n int64) string {
	if n >= 1<<30 {
		return fmt.Sprintf("%.2f GiB", float64(n)/(1<<30))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}

// controlGroup is a cgroup v2 directory for one child.
type controlGroup struct {
	path string
	dir  *os.File
	seen int64 // the kills before the directory was removed
}

var errNoControlGroup = errors.New("no control group can be made here")

// newControlGroup makes one beneath the host's own, and holds it to memory bytes. It fails wherever the host may not, or the
// memory controller is not handed down.
func newControlGroup(mark string, memory int64) (*controlGroup, error) {
	parent, err := ownControlGroup()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(parent, "tuned-"+mark)
	if err := os.Mkdir(path, 0o755); err != nil {
		return nil, err
	}
	g := &controlGroup{path: path}
	if err := g.limit(memory); err != nil {
		os.Remove(path)
		return nil, err
	}
	g.dir, err = os.Open(path)
	if err != nil {
		os.Remove(path)
	}
	return g, err
}

func (g *controlGroup) limit(memory int64) error {
	if _, err := os.Stat(filepath.Join(g.path, "memory.max")); err != nil {
		return errNoControlGroup
	}
	for file, value := range map[string]string{
		"memory.max": strconv.FormatInt(memory, 10), "memory.swap.max": "0", "memory.oom.group": "1",
	} {
		err := os.WriteFile(filepath.Join(g.path, file), []byte(value), 0)
		if err != nil && (file == "memory.max" || !errors.Is(err, os.ErrNotExist)) {
			return err
		}
	}
	return nil
}

// ownControlGroup is the directory of the host's own control group.
func ownControlGroup() (string, error) {
	b, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(b)) {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			return filepath.Join("/sys/fs/cgroup", path), nil
		}
	}
	return "", errNoControlGroup
}

// kills is how many processes the kernel ended for memory.
func (g *controlGroup) kills() int64 {
	b, err := os.ReadFile(filepath.Join(g.path, "memory.events"))
	if err != nil {
		return g.seen
	}
	for line := range strings.Lines(string(b)) {
		if n, ok := strings.CutPrefix(strings.TrimSpace(line), "oom_kill "); ok {
			g.seen, _ = strconv.ParseInt(n, 10, 64)
		}
	}
	return g.seen
}

func (g *controlGroup) kill() error {
	g.kills()
	return os.WriteFile(filepath.Join(g.path, "cgroup.kill"), []byte("1"), 0)
}

// remove waits a moment for the kernel to let go of the last process.
func (g *controlGroup) remove() {
	g.dir.Close()
	for range 100 {
		if os.Remove(g.path) == nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}
