package chaos

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"tuned/daemon/failpoint"
	"tuned/machine"
)

// victim is a daemon that is started again whenever it was killed.
type victim struct {
	t     *testing.T
	state string
	cmd   *exec.Cmd
	ended chan struct{}
	log   *os.File
}

func newVictim(t *testing.T, state string) *victim {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "daemon.log"))
	if err != nil {
		t.Fatal(err)
	}
	v := &victim{t: t, state: state, log: log}
	t.Cleanup(func() {
		v.kill()
		if t.Failed() {
			text, _ := os.ReadFile(log.Name()) // it helps whoever looks for the reason
			t.Logf("the daemon's log ends with:\n%s", text[max(0, len(text)-6000):])
		}
		log.Close()
	})
	return v
}

// start starts a daemon that will end itself at a failpoint, if one is named.
func (v *victim) start(point string) {
	v.t.Helper()
	path, err := machine.Executable()
	if err != nil {
		v.t.Fatal(err)
	}
	v.cmd = exec.Command(path, "serve", v.state)
	v.cmd.Env = append(os.Environ(), failpoint.Variable+"="+point)
	v.cmd.Stdout, v.cmd.Stderr = v.log, v.log
	if err := v.cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	ended := make(chan struct{})
	v.ended = ended
	cmd := v.cmd
	go func() {
		_ = cmd.Wait() // how it ended is the test's doing
		close(ended)
	}()
}

func (v *victim) dead() bool {
	select {
	case <-v.ended:
		return true
	default:
		return false
	}
}

func (v *victim) kill() {
	if v.cmd != nil && !v.dead() {
		_ = v.cmd.Process.Kill()
		<-v.ended
	}
}

// children are the processes that one started, zombies left out.
func children(parent int) (all []int) {
	for _, pid := range machine.Processes() {
		line, _ := machine.LineageOf(pid)
		if _, lives := machine.MemoryOf(pid); lives && line.Parent == parent {
			all = append(all, pid)
		}
	}
	return all
}

// attempts are the daemon's children, architectures theirs.
func (v *victim) attempts() []int { return children(v.cmd.Process.Pid) }

func (v *victim) architectures() []int {
	var all []int
	for _, a := range v.attempts() {
		all = append(all, children(a)...)
	}
	return all
}

func killAll(pids []int) int {
	for _, pid := range pids {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	return len(pids)
}
