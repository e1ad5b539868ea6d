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

	"tuned/plugins/host"
	"tuned/trainer/model"
)

// hostVariable has this executable be a host, in a process that a test may kill: it launches an echo beneath the directory that the
// variable names, prints the echo's process id, and at an interrupt has it work once more.
const hostVariable = "TUNED_TEST_HOST"

func actAsHost(dir string) {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	ctx := context.Background()
	p, err := host.Launch(ctx, host.Self("echo"), host.Options{Dir: dir})
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
	cmd := exec.Command("/proc/self/exe")
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
	dir := t.TempDir()
	cmd, _, pid := startHost(t, dir)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	for deadline := time.Now().Add(time.Minute); alive(pid); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the architecture outlived its host")
		}
	}
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

func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
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
	env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", p.PID()))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(env), "secret") {
		t.Error("the architecture got a variable of the host's")
	}
	for _, want := range []string{"LC_ALL=C", "PATH=", "GOMEMLIMIT=966367642", "TMPDIR="} {
		if !strings.Contains(string(env), want) {
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
