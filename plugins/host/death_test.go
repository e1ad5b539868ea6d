package host_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"tuned/machine"
	"tuned/plugins/host"
	"tuned/trainer/model"
)

// hostVariable has this executable be a host, in a process that a test may kill: it launches an echo beneath the directory that the
// variable names, prints the echo's process id, and at an interrupt has it work once more.
const hostVariable = "TUNED_TEST_HOST"

// foreignVariable has it launch the echo as any other program.
const foreignVariable = "TUNED_TEST_FOREIGN"

// foreign is an echo in a program that is not the host's own, as far as the host knows.
func foreign() host.Program {
	path, err := machine.Executable()
	if err != nil {
		panic(err)
	}
	return host.Program{Name: "echo", Path: path, Args: []string{"architecture", "echo"}}
}

func actAsHost(dir string) {
	program := host.Self("echo")
	if os.Getenv(foreignVariable) != "" {
		program = foreign()
	}
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	ctx := context.Background()
	p, err := host.Launch(ctx, program, host.Options{Dir: dir})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	s, err := p.Open(ctx, model.OpenRequest{})
	fmt.Println(p.PID(), err)
	<-interrupted
	results, err := s.Submit(ctx, model.Step{Rows: []int32{40, 2}}).Wait(ctx)
	fmt.Println(results, err)
	fmt.Println(s.Close())
	os.Exit(0)
}

// startHost starts such a host as the leader of a group, and gives its output and its architecture's process id.
func startHost(t *testing.T, dir string) (*exec.Cmd, *bufio.Scanner, int) {
	t.Helper()
	path, err := machine.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path)
	cmd.Env = append(os.Environ(), hostVariable+"="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan()
	pid, err := strconv.Atoi(strings.TrimSuffix(lines.Text(), " <nil>"))
	if err != nil {
		t.Fatalf("the host printed %q", lines.Text())
	}
	return cmd, lines, pid
}

func TestArchitectureDiesWithItsHost(t *testing.T) {
	for name, variable := range map[string]string{"its own": "", "another program": "yes"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(foreignVariable, variable)
			dir := shortDir(t)
			cmd, _, pid := startHost(t, dir)
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // it was killed
			for deadline := time.Now().Add(time.Minute); len(group(pid)) > 0; time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("of the architecture's group %d, %v outlived the host", pid, group(pid))
				}
			}
			nextHostRemoves(t, dir)
		})
	}
}

// group are the living processes of a group.
func group(leader int) (members []int) {
	for _, pid := range machine.Processes() {
		line, _ := machine.LineageOf(pid)
		if _, lives := machine.MemoryOf(pid); lives && line.Group == leader {
			members = append(members, pid)
		}
	}
	return members
}

// shortDir is a directory whose path leaves room for sockets, wherever temporary files go.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "tuned-test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// nextHostRemoves checks that what a dead host left in a directory goes when the next one starts.
func nextHostRemoves(t *testing.T, dir string) {
	t.Helper()
	left, _ := filepath.Glob(filepath.Join(dir, "tuned-*"))
	if len(left) != 1 {
		t.Fatalf("the dead host left %v, want one directory", left)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(left[0], old, old); err != nil {
		t.Fatal(err)
	}
	p, err := host.Launch(t.Context(), host.Self("echo"), host.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("the next host left what a dead one left: %v", left)
	}
}

func TestInterruptReachesTheHostAlone(t *testing.T) {
	cmd, lines, _ := startHost(t, t.TempDir())
	// What a terminal does at Ctrl-C: a signal to the whole group in the foreground.
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	lines.Scan()
	if got := lines.Text(); !strings.HasPrefix(got, "[{42 ") || !strings.HasSuffix(got, "<nil>") {
		t.Errorf("after the interrupt, the architecture answered %q", got)
	}
	lines.Scan()
	if got := lines.Text(); got != "<nil>" {
		t.Errorf("closing: %q", got)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func TestOutputIsNotLost(t *testing.T) {
	core, logs := observer.New(zap.DebugLevel)
	p, err := host.Launch(t.Context(), host.Self("echo"), host.Options{Dir: t.TempDir(), Logger: zap.New(core)})
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, p)
	_, err = s.Submit(t.Context(), model.Keep{Name: "print"}, model.Keep{Name: "panic"}).Wait(t.Context())
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for _, line := range []string{"printed to stdout", "printed to stderr"} {
		if logs.FilterMessage(line).Len() != 1 {
			t.Errorf("%q was logged %d times; the session ended with %v", line, logs.FilterMessage(line).Len(), err)
		}
	}
}

func TestSecretsStayWithTheHost(t *testing.T) {
	t.Setenv("API_TOKEN", "secret")
	t.Setenv("LC_ALL", "C")
	p := launch(t, host.Options{MemoryBytes: 1 << 30})
	env := strings.Join(machine.Environment(p.PID()), "\n")
	if strings.Contains(env, "secret") {
		t.Error("the architecture got a variable of the host's")
	}
	for _, want := range []string{"LC_ALL=C", "PATH=", "GOMEMLIMIT=966367642", "TMPDIR="} {
		if !strings.Contains(env, want) {
			t.Errorf("the architecture did not get %s", want)
		}
	}
}

func TestCancelledLaunch(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	began := time.Now()
	_, err := host.Launch(ctx, host.Self("echo"), host.Options{Dir: dir})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("want context.Canceled, got %v", err)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %s", took)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
