//go:build !portable

package machine

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Processes lists the process ids of the machine.
func Processes() []int {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	pids := make([]int, 0, len(names))
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// LastProcess is the id that was given last: as long as it stays, nothing has been started.
func LastProcess() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	text := strings.TrimSpace(string(b))
	return text[strings.LastIndexByte(text, ' ')+1:]
}

// stat are the fields of /proc/PID/stat behind the name, from the state on.
func stat(pid int) ([]string, bool) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil, false
	}
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	return fields, len(fields) > 14
}

// LineageOf tells where a process belongs.
func LineageOf(pid int) (Lineage, bool) {
	fields, ok := stat(pid)
	if !ok {
		return Lineage{}, false
	}
	parent, _ := strconv.Atoi(fields[1])
	group, _ := strconv.Atoi(fields[2])
	return Lineage{parent, group}, true
}

// Environment is what a process was given, as NAME=value; empty for one that has ended, or that is another user's.
func Environment(pid int) []string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if err != nil || len(text) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00")
}

// BetweenPrograms reports whether a process is about to become another program: for that moment it shows neither arguments
// nor an environment, though it has memory. A thread of the kernel has none, a process that has ended neither.
func BetweenPrograms(pid int) bool {
	for _, file := range []string{"environ", "cmdline"} {
		if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file)); err != nil || len(b) > 0 {
			return false
		}
	}
	_, ok := MemoryOf(pid)
	return ok
}

// KillIf kills a process that is ours, and reports whether it was. It holds on to the process while it looks, so that it never
// kills another that was given the same id.
func KillIf(pid int, ours func(pid int) bool) bool {
	if !ours(pid) {
		return false
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return !errors.Is(err, unix.ESRCH) && ours(pid)
	}
	defer unix.Close(fd)
	if !ours(pid) {
		return false
	}
	_ = unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0)
	return true
}

// MemoryOf tells what a process holds.
func MemoryOf(pid int) (Memory, bool) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return Memory{}, false
	}
	kilobytes := statusFields(b)
	m := Memory{
		Peak:     kilobytes["VmHWM"] << 10,
		Resident: kilobytes["VmRSS"] << 10,
		Held:     (kilobytes["RssAnon"] + kilobytes["RssShmem"]) << 10,
	}
	return m, m.Peak > 0 // a process that has ended keeps its status until it is waited for, without these lines
}

// statusFields are the numbers of the lines that name a size.
func statusFields(status []byte) map[string]int64 {
	out := make(map[string]int64, 4)
	lines := bufio.NewScanner(bytes.NewReader(status))
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		switch name {
		case "VmHWM", "VmRSS", "RssAnon", "RssShmem":
			out[name], _ = strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(value, "kB")), 10, 64)
		}
	}
	return out
}

// ShareOf is what a process holds with pages that several processes share counted in parts; slow on large processes.
func ShareOf(pid int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0
	}
	var sum int64
	for line := range strings.SplitSeq(string(b), "\n") {
		name, value, _ := strings.Cut(line, ":")
		if name == "Pss_Anon" || name == "Pss_Shmem" {
			n, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(value, "kB")), 10, 64)
			sum += n << 10
		}
	}
	return sum
}

// CPUOf is the time that a running process has spent on processors: its own to the nanosecond, and that of its children
// that it has waited for to the tick.
func CPUOf(pid int) (time.Duration, bool) {
	var own unix.Timespec
	// The clock of a process is its id, inverted, over three bits that say "scheduler".
	clock := int32(^pid)<<3 | 2
	if err := unix.ClockGettime(clock, &own); err != nil {
		return 0, false
	}
	return time.Duration(own.Nano()) + childrenCPU(pid), true
}

// tick is the unit of times in /proc/PID/stat: the kernel reports them at 100 Hz on every machine that Go runs on.
const tick = 10 * time.Millisecond

func childrenCPU(pid int) time.Duration {
	fields, ok := stat(pid)
	if !ok {
		return 0
	}
	user, _ := strconv.ParseInt(fields[13], 10, 64)
	system, _ := strconv.ParseInt(fields[14], 10, 64)
	return time.Duration(user+system) * tick
}
