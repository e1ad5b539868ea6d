//go:build !portable

package host

import (
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"syscall"
)

// kernelLimits are what the kernel holds a child to.
type kernelLimits struct {
	data        int64 // RLIMIT_DATA, 0 for none
	group       *controlGroup
	killsBefore int64
}

// oomScore makes the kernel, where the machine has no memory left, choose the architecture and not the host.
const oomScore = "700"

// The limit on data lies well above the memory that the watch allows: code and stacks are data too, to the kernel, and runtimes
// crash in odd ways where a small allocation of theirs fails. It is there for a large one, which fails cleanly where the watch
// would come too late. A Python program starts a pool of threads for each processor and maps large libraries.
const (
	dataFactor      = 2
	dataRoom        = 512 << 20
	foreignDataRoom = 2 << 30
)

// newKernelLimits finds what the kernel can do to hold p to memory bytes.
func newKernelLimits(p Program, memory int64, mark string) (k kernelLimits, enforcement string) {
	if group, err := newControlGroup(mark, memory); err == nil {
		return kernelLimits{group: group, killsBefore: group.kills()}, ControlGroup
	}
	switch {
	case !ready || raceBuild():
		return kernelLimits{}, WatchOnly
	case p.builtin:
		return kernelLimits{data: dataFactor*memory + dataRoom}, DataLimit
	default:
		return kernelLimits{data: dataFactor*memory + foreignDataRoom}, DataLimit
	}
}

// raceBuild: whether this executable looks for data races, for which it maps far more than it uses.
var raceBuild = sync.OnceValue(func() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
})

// enter has the process start inside its control group.
func (k *kernelLimits) enter(attr *syscall.SysProcAttr) {
	if k.group != nil {
		attr.UseCgroupFD, attr.CgroupFD = true, int(k.group.dir.Fd())
	}
}

// started marks the process for the kernel's choice. Raising one's own children is always allowed; where it is not, the
// kernel chooses by size.
func (k *kernelLimits) started(pid int) {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", pid), []byte(oomScore), 0)
}

// refuses reports whether the kernel refuses the child more data than some.
func (k *kernelLimits) refuses() bool { return k.data > 0 }

// kill ends whatever is left in the control group.
func (k *kernelLimits) kill() error {
	if k.group == nil {
		return nil
	}
	return k.group.kill()
}

// killed reports whether the kernel ended a process of the group for memory.
func (k *kernelLimits) killed() bool {
	return k.group != nil && k.group.kills() > k.killsBefore
}

func (k *kernelLimits) close() {
	if k.group != nil {
		k.group.remove()
	}
}

// dataFlag limits a process's data (RLIMIT_DATA), in bytes.
const dataFlag = "data"

// steps are the arguments that have the executable limit itself before it becomes the program; none where it need not.
func (k *kernelLimits) steps() []string {
	if k.data <= 0 {
		return nil
	}
	return []string{fmt.Sprintf("-%s=%d", dataFlag, k.data)}
}

// stepFlags defines the flags of these arguments; the function that it gives takes the steps.
func stepFlags(flags *flag.FlagSet) (take func(program string, foreign bool) error) {
	data := flags.Uint64(dataFlag, 0, "most `bytes` of data")
	return func(string, bool) error { return limitData(*data) }
}

func limitData(bytes uint64) error {
	if bytes == 0 {
		return nil
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: bytes, Max: bytes}); err != nil {
		return fmt.Errorf("limit data to %d bytes: %w", bytes, err)
	}
	return nil
}
