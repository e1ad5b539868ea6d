package host

import (
	"os"
	"sync"
	"syscall"
	"time"

	"tuned/machine"
)

// usage is what a process and its descendants have cost so far.
type usage struct {
	cpu  time.Duration // of all their threads
	peak int64         // bytes: the most that was resident, mapped files included
}

// meter measures a child's processes. The watch feeds it; anyone may read it.
type meter struct {
	mark string

	mu      sync.Mutex
	leader  int
	members map[int]bool // every process that was looked at: whether it belongs to the child
	last    string       // the machine's last process id at the latest look
	usage   usage
	polled  bool // the peak was read at least once while the process ran
	final   bool
}

func newMeter(mark string) *meter {
	return &meter{mark: mark, members: make(map[int]bool)}
}

func (m *meter) begin(leader int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.leader = leader
}

// load is what the child's processes hold at one moment.
type load struct {
	processes int
	held      int64 // bytes that the kernel cannot take back
}

// look measures. It lists the machine's processes only where one was started since the last look, and looks at each once.
func (m *meter) look() load {
	m.mu.Lock()
	defer m.mu.Unlock()
	if last := machine.LastProcess(); last != m.last || last == "" {
		m.last = last
		m.find()
	}
	return m.measure()
}

func (m *meter) find() {
	now := make(map[int]bool, len(m.members))
	for _, pid := range machine.Processes() {
		belongs, known := m.members[pid]
		if !known {
			belongs = m.belongs(pid)
		}
		now[pid] = belongs
	}
	m.members = now
}

func (m *meter) belongs(pid int) bool {
	line, ok := machine.LineageOf(pid)
	return ok && (pid == m.leader || line.Group == m.leader || m.members[line.Parent] || marked(pid, m.mark))
}

func (m *meter) measure() load {
	var sum load
	var peak int64
	var cpu time.Duration
	for pid, belongs := range m.members {
		if !belongs {
			continue
		}
		held, ok := machine.MemoryOf(pid)
		if !ok {
			continue
		}
		sum.processes++
		sum.held += held.Held
		if pid == m.leader {
			peak += held.Peak
			m.polled = true
		} else {
			peak += held.Resident
		}
		if spent, ok := machine.CPUOf(pid); ok {
			cpu += spent
		}
	}
	m.usage.peak = max(m.usage.peak, peak)
	m.usage.cpu = max(m.usage.cpu, cpu)
	return sum
}

// share is what the processes hold, with shared pages counted once.
func (m *meter) share() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	var sum int64
	for pid, belongs := range m.members {
		if belongs {
			sum += machine.ShareOf(pid)
		}
	}
	return sum
}

// ended takes the kernel's own account of a process that has been waited for. Its peak is used only where none was read in
// time: between fork and exec a child borrows its parent's memory, and the kernel counts that.
func (m *meter) ended(state *os.ProcessState) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.final = true
	if state == nil {
		return
	}
	m.usage.cpu = max(m.usage.cpu, state.UserTime()+state.SystemTime())
	if r, ok := state.SysUsage().(*syscall.Rusage); ok && !m.polled {
		m.usage.peak = max(m.usage.peak, machine.PeakOf(r))
	}
}

// read gives the usage up to now.
func (m *meter) read() usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.final && m.leader != 0 {
		m.measure()
	}
	return m.usage
}
