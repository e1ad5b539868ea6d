package chaos

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"tuned/daemon/failpoint"
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
	v.cmd = exec.Command("/proc/self/exe", "serve", v.state)
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
func children(parent int) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var all []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if ppid, state := statOf(pid); ppid == parent && state != "Z" {
			all = append(all, pid)
		}
	}
	return all
}

// statOf reads a process's parent and state.
func statOf(pid int) (parent int, state string) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, ""
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	parent, _ = strconv.Atoi(fields[1])
	return parent, fields[0]
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
