//go:build !linux || portable

package host

import (
	"flag"
	"io"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"

	"tuned/machine"
)

// leash is the reading end of a pipe, in an architecture's process, whose other end its host alone has: no signal tells a process
// here that its parent has died, but the pipe ends with the host, however that ended.
const leash = 3

// bind has the process that cmd will start end with this one, by a leash. The function that it gives is for when the process has
// ended.
func bind(cmd *exec.Cmd) (release func(), err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return func() {}, err
	}
	cmd.ExtraFiles = []*os.File{leash - 3: r}
	return func() { r.Close(); w.Close() }, nil
}

const (
	// leashFlag has a process end, with its group, when its host ends.
	leashFlag = "leash"
	// guardFlag has it do nothing else.
	guardFlag = "guard"
)

// steps are the arguments that have the executable hold on to its leash.
func (kernelLimits) steps() []string { return []string{"-" + leashFlag} }

// stepFlags defines the flags of these arguments; the function that it gives takes the steps. An architecture of ours heeds the
// leash itself. Any other program is not asked to: a guard in its group does.
func stepFlags(flags *flag.FlagSet) (take func(program string, foreign bool) error) {
	leashed := flags.Bool(leashFlag, false, "end with the host")
	guard := flags.Bool(guardFlag, false, "do nothing else")
	return func(program string, foreign bool) error {
		switch {
		case *guard:
			endWithHost()
		case *leashed && foreign:
			return startGuard(program)
		case *leashed:
			syscall.CloseOnExec(leash)
			go endWithHost()
		}
		return nil
	}
}

// startGuard starts this executable once more, beside what this process will become.
func startGuard(program string) error {
	path, err := machine.Executable()
	if err != nil {
		return err
	}
	guard := exec.Command(path, command, "-"+guardFlag, program)
	guard.ExtraFiles = []*os.File{leash - 3: os.NewFile(leash, leashFlag)}
	if err := guard.Start(); err != nil {
		return err
	}
	syscall.CloseOnExec(leash)
	return nil
}

// endWithHost waits for the end of the host, and ends the group. Without a leash it does nothing.
func endWithHost() {
	if _, err := io.Copy(io.Discard, os.NewFile(leash, leashFlag)); err == nil {
		_ = unix.Kill(0, unix.SIGKILL)
	}
}

// stray tells what of a child may run on when its group is killed: what carries its mark, and what the watch knows to descend from
// it, since macOS hides the environment of its own programs.
func (c *child) stray(pid int) bool {
	return marked(pid, c.mark) || c.usage.knows(pid)
}

// knows reports whether a living process, other than the child's first, descends from the child.
func (m *meter) knows(pid int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	belongs, seen := m.members[pid]
	if !seen {
		belongs = m.belongs(pid)
		m.members[pid] = belongs
	}
	if !belongs || pid == m.leader {
		return false
	}
	_, lives := machine.MemoryOf(pid)
	return lives
}
