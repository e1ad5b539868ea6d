package machine_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tuned/machine"
)

// TestMain lets the test's own executable be another process, which says where it can be started again each time it is asked.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 || os.Args[1] != "other" {
		os.Exit(m.Run())
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Println(machine.Executable())
	}
}

// other starts another process from a path; it answers what it is asked, until the test ends.
func other(t *testing.T, path string) (cmd *exec.Cmd, ask func() string) {
	t.Helper()
	cmd = exec.Command(path, "other")
	cmd.Env = []string{"COLOUR=green", "EMPTY="}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() }) // a test may have ended it before
	lines := bufio.NewScanner(out)
	return cmd, func() string {
		if _, err := fmt.Fprintln(in); err != nil || !lines.Scan() {
			t.Fatalf("it does not answer: %v", err)
		}
		return lines.Text()
	}
}

func executable(t *testing.T) string {
	t.Helper()
	path, err := machine.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLineage(t *testing.T) {
	before := machine.LastProcess()
	cmd, _ := other(t, executable(t))
	for deadline := time.Now().Add(time.Minute); machine.LastProcess() == before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a start goes unnoticed")
		}
	}
	if !slices.Contains(machine.Processes(), cmd.Process.Pid) {
		t.Error("a process is not on the list")
	}
	line, ok := machine.LineageOf(cmd.Process.Pid)
	if want := (machine.Lineage{Parent: os.Getpid(), Group: syscall.Getpgrp()}); !ok || line != want {
		t.Errorf("it belongs to %+v, %v; want %+v", line, ok, want)
	}
}

func TestEnvironment(t *testing.T) {
	cmd, ask := other(t, executable(t))
	ask() // now it is the program that it should be
	if env := machine.Environment(cmd.Process.Pid); !slices.Equal(env, cmd.Env) {
		t.Errorf("it was given %q, want %q", env, cmd.Env)
	}
	if machine.BetweenPrograms(cmd.Process.Pid) {
		t.Error("it counts as about to become another program")
	}
}

func TestKillIf(t *testing.T) {
	cmd, ask := other(t, executable(t))
	pid := cmd.Process.Pid
	if machine.KillIf(pid, func(int) bool { return false }) {
		t.Error("what is not ours was killed")
	}
	ask()
	if !machine.KillIf(pid, func(asked int) bool { return asked == pid }) {
		t.Error("what is ours was not killed")
	}
	_ = cmd.Wait() // it was killed
	if status := cmd.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGKILL {
		t.Errorf("it ended with %v", cmd.ProcessState)
	}
	_, belongs := machine.LineageOf(pid)
	_, holds := machine.MemoryOf(pid)
	if env := machine.Environment(pid); belongs || holds || len(env) > 0 {
		t.Errorf("after its end it belongs somewhere: %v, holds memory: %v, and has the environment %q", belongs, holds, env)
	}
}

func TestWhatAProcessHoldsAndSpends(t *testing.T) {
	const size = 256 << 20
	self := os.Getpid()
	debug.FreeOSMemory()
	before, _ := machine.MemoryOf(self)
	spent, _ := machine.CPUOf(self)
	block := []byte(strings.Repeat("x", size))
	after, ok := machine.MemoryOf(self)
	for name, grown := range map[string]int64{"resident": after.Resident - before.Resident, "held": after.Held - before.Held} {
		if !ok || grown < size/2 {
			t.Errorf("with %d bytes more, %d are %s", size, grown, name)
		}
	}
	if after.Peak < after.Resident {
		t.Errorf("at most %d bytes were resident, now %d are", after.Peak, after.Resident)
	}
	if share := machine.ShareOf(self); share < size || share > machine.TotalMemory() || block[size-1] != 'x' {
		t.Errorf("its share is %d of %d bytes", share, machine.TotalMemory())
	}
	for deadline := time.Now().Add(time.Minute); ; {
		if now, ok := machine.CPUOf(self); ok && now > spent {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("work takes no time")
		}
	}
}
