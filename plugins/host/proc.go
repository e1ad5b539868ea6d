package host

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

// This file reads /proc. Whatever it asks about may end meanwhile: then it answers "not there", which is true.

// processes lists the process ids of the machine.
func processes() []int {
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

// lastProcess is the id that was given last: as long as it stays, nothing has been started.
func lastProcess() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	text := strings.TrimSpace(string(b))
	return text[strings.LastIndexByte(text, ' ')+1:]
}

// lineage is where a process belongs.
type lineage struct{ parent, group int }

// stat are the fields of /proc/PID/stat behind the name, from the state on.
func stat(pid int) ([]string, bool) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil, false
	}
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	return fields, len(fields) > 14
}

func lineageOf(pid int) (lineage, bool) {
	fields, ok := stat(pid)
	if !ok {
		return lineage{}, false
	}
	parent, _ := strconv.Atoi(fields[1])
	group, _ := strconv.Atoi(fields[2])
	return lineage{parent, group}, true
}

// markVariable names, in the environment of everything that descends from a child, which child that is.
const markVariable = "TUNED_PROCESS"

// marked reports whether a process carries the mark.
func marked(pid int, mark string) bool {
	env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if err != nil {
		return false
	}
	want := []byte(markVariable + "=" + mark)
	for kv := range bytes.SplitSeq(env, []byte{0}) {
		if bytes.Equal(kv, want) {
			return true
		}
	}
	return false
}

// betweenPrograms reports whether a process is about to become another program: for that moment it shows neither arguments
// nor an environment, though it has memory. A thread of the kernel has none, a process that has ended neither.
func betweenPrograms(pid int) bool {
	for _, file := range []string{"environ", "cmdline"} {
		if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file)); err != nil || len(b) > 0 {
			return false
		}
	}
	_, ok := memoryOf(pid)
	return ok
}

// execTime is how long a process is given to show what it carries; one that never does hides its environment, and is nobody's here.
const execTime = 200 * time.Millisecond

// killMarked kills all processes that carry the mark, until none is left or time is up; it gives how many are left.
func killMarked(mark string, within time.Duration) int {
	begun := time.Now()
	for deadline := begun.Add(within); ; time.Sleep(time.Millisecond) {
		left, early := 0, time.Since(begun) < execTime
		for _, pid := range processes() {
			if killIfMarked(pid, mark) || early && betweenPrograms(pid) {
				left++
			}
		}
		if left == 0 || time.Now().After(deadline) {
			return left
		}
	}
}

// killIfMarked holds on to the process while it looks, so that it never kills another that was given the same id.
func killIfMarked(pid int, mark string) bool {
	if !marked(pid, mark) {
		return false
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return !errors.Is(err, unix.ESRCH) && marked(pid, mark)
	}
	defer unix.Close(fd)
	if !marked(pid, mark) {
		return false
	}
	_ = unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0)
	return true
}

// memory is what a process holds, in bytes.
type memory struct {
	peak     int64 // the highest that resident was (VmHWM)
	resident int64 // anonymous, shared and file pages
	held     int64 // anonymous and shared pages: what the kernel cannot take back
}

func memoryOf(pid int) (memory, bool) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return memory{}, false
	}
	kilobytes := statusFields(b)
	m := memory{
		peak:     kilobytes["VmHWM"] << 10,
		resident: kilobytes["VmRSS"] << 10,
		held:     (kilobytes["RssAnon"] + kilobytes["RssShmem"]) << 10,
	}
	return m, m.peak > 0 // a process that has ended keeps its status until it is waited for, without these lines
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

// shareOf is what a process holds with pages that several processes share counted in parts; slow on large processes.
func shareOf(pid int) int64 {
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

// cpuOf is the time that a running process has spent on processors: its own to the nanosecond, and that of its children
// that it has waited for to the tick.
func cpuOf(pid int) (time.Duration, bool) {
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
