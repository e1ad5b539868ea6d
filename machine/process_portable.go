//go:build !linux || portable

package machine

import (
	"errors"
	"slices"
	"time"

	"github.com/shirou/gopsutil/v4/process"
	"golang.org/x/sys/unix"
)

// Processes lists the process ids of the machine.
func Processes() []int {
	found, _ := process.Pids()
	pids := make([]int, len(found))
	for i, pid := range found {
		pids[i] = int(pid)
	}
	return pids
}

// lookEvery is how long a list of the processes is taken for true.
const lookEvery = 100 * time.Millisecond

// LastProcess changes every so often: nothing tells cheaply whether a process has been started.
func LastProcess() string { return time.Now().Truncate(lookEvery).String() }

// of names a process without asking whether it is there.
func of(pid int) *process.Process { return &process.Process{Pid: int32(pid)} }

// LineageOf tells where a process belongs.
func LineageOf(pid int) (Lineage, bool) {
	parent, err := of(pid).Ppid()
	if err != nil {
		return Lineage{}, false
	}
	group, err := unix.Getpgid(pid)
	return Lineage{int(parent), group}, err == nil
}

// Environment is what a process was given, as NAME=value; empty for one that has ended, that is another user's, or that macOS
// protects, as it does its own programs.
func Environment(pid int) []string {
	env, _ := of(pid).Environ()
	return slices.DeleteFunc(env, func(variable string) bool { return variable == "" })
}

// BetweenPrograms reports whether a process is about to become another program: for that moment Linux shows neither arguments nor
// an environment, though the process has memory. macOS does not tell such a process from one that has ended.
func BetweenPrograms(pid int) bool {
	env, err := of(pid).Environ()
	if err != nil || len(env) > 0 {
		return false
	}
	args, err := of(pid).CmdlineSlice()
	if err != nil || len(args) > 0 {
		return false
	}
	_, ok := MemoryOf(pid)
	return ok
}

// KillIf kills a process that is ours, and reports whether it was. The system gives ids in turn: one that was looked at a moment
// ago is not yet another's.
func KillIf(pid int, ours func(pid int) bool) bool {
	return ours(pid) && !errors.Is(unix.Kill(pid, unix.SIGKILL), unix.ESRCH)
}

// MemoryOf tells what a process holds.
func MemoryOf(pid int) (Memory, bool) {
	info, err := of(pid).MemoryInfo()
	if err != nil || info.RSS == 0 { // one that has ended, but was not waited for, holds nothing
		return Memory{}, false
	}
	resident := int64(info.RSS)
	return Memory{Peak: resident, Resident: resident, Held: held(pid, resident)}, true
}

// ShareOf is what a process holds. Pages that it shares with others count in full.
func ShareOf(pid int) int64 {
	m, _ := MemoryOf(pid)
	return m.Held
}

// CPUOf is the time that a running process has spent on processors.
func CPUOf(pid int) (time.Duration, bool) {
	times, err := of(pid).Times()
	if err != nil {
		return 0, false
	}
	return time.Duration((times.User + times.System) * float64(time.Second)), true
}
