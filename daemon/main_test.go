package daemon_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"

	"tuned/daemon"
	"tuned/daemon/attempt"
	"tuned/daemon/client"
	"tuned/daemon/queue"
	"tuned/daemon/store"
	"tuned/job"
	"tuned/machine"
	"tuned/plugins/builtin"
	"tuned/plugins/host"
)

// TestMain lets the test's own executable be an attempt and an architecture.
func TestMain(m *testing.M) {
	host.Main(builtin.Lookup)
	if len(os.Args) > 1 && os.Args[1] == attempt.Argument {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		err := attempt.Main(ctx, os.Stdin, os.Stdout, attempt.Tools{Version: "test", Architectures: architectures})
		stop()
		if err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) > 1 && os.Args[1] == "sleep" {
		time.Sleep(time.Hour)
	}
	if len(os.Args) > 3 && os.Args[1] == "serve" {
		if err := serve(os.Args[2], os.Args[3], os.Getenv(diskSize), int64(len(os.Args)-4)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// diskSize is the environment's variable with the size of a disk of its own for a served state directory.
const diskSize = "TUNED_TEST_DISK"

// mountDisk mounts such a disk, where the system lets a test do that.
var mountDisk func(dir, size string) error

// itself is the test's own executable with arguments.
func itself(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	path, err := machine.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exec.Command(path, args...)
}

// serve is a daemon in a process of its own, on a disk of its own if asked. Without threads it starts no job.
func serve(state, socket, disk string, threads int64) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if disk != "" {
		if err := mountDisk(state, disk); err != nil {
			return fmt.Errorf("mount a small disk: %w", err)
		}
	}
	return daemon.Serve(ctx, daemon.Config{Socket: socket, Queue: queue.Config{
		Place: queue.Place(state), Capacity: store.Needs{Threads: threads, Memory: 4 << 30}, Assumed: 256 << 20, Version: "test", MinFree: 1 << 20,
	}})
}

// served starts a daemon in a process of its own, and waits until it answers.
func served(t testing.TB, disk string, start func(*exec.Cmd)) (*running, *exec.Cmd) {
	t.Helper()
	r := &running{state: filepath.Join(t.TempDir(), "state")}
	r.Socket = filepath.Join(t.TempDir(), "s")
	if err := errors.Join(os.Mkdir(r.state, 0o700), os.Chmod(filepath.Dir(r.Socket), 0o700)); err != nil {
		t.Fatal(err)
	}
	c := itself(t, "serve", r.state, r.Socket)
	c.Env = append(os.Environ(), diskSize+"="+disk)
	c.Stderr = os.Stderr
	start(c)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	r.client = client.Unix(r.Socket)
	t.Cleanup(func() {
		r.client.Close()
		_ = c.Process.Signal(syscall.SIGTERM)
		if err := c.Wait(); err != nil {
			t.Errorf("the daemon ended with %v", err)
		}
	})
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if _, err := r.client.Info(t.Context()); err == nil {
			return r, c
		}
		if time.Now().After(deadline) {
			t.Fatal("the daemon does not answer")
		}
	}
}

func architectures(log *zap.Logger) (job.Architectures, error) {
	return job.Hosted(host.NewCatalog(os.TempDir(), builtin.Names(), builtin.Lookup), log), nil
}

// running is a daemon that a test started.
type running struct {
	daemon.Addresses
	client *client.Client
	state  string
	stop   func() error
}

// start starts a daemon whose state is in a directory of the test's, or in one that another daemon left. It ends with the
// test.
func start(t testing.TB, state string, change ...func(*daemon.Config)) *running {
	t.Helper()
	if state == "" {
		state = filepath.Join(t.TempDir(), "state")
	}
	ctx, cancel := context.WithCancel(context.Background())
	started := make(chan daemon.Addresses, 1)
	c := daemon.Config{
		Socket: filepath.Join(state, "s"), TCP: "127.0.0.1:0", Started: func(a daemon.Addresses) { started <- a },
		Queue: queue.Config{
			Place: queue.Place(state), Capacity: store.Needs{Threads: 2, Memory: 4 << 30}, Assumed: 256 << 20, Version: "test",
		},
	}
	for _, f := range change {
		f(&c)
	}
	ended := make(chan error, 1)
	go func() { ended <- daemon.Serve(ctx, c) }()
	r := &running{state: state}
	select {
	case r.Addresses = <-started:
	case err := <-ended:
		cancel()
		t.Fatalf("the daemon does not start: %v", err)
	}
	r.client = client.Unix(r.Socket)
	stopped := false
	r.stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		r.client.Close()
		cancel()
		return <-ended
	}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("the daemon ended with %v", err)
		}
	})
	return r
}

// writeTable writes a table that can be learned.
func writeTable(t testing.TB, name string, rows int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := csv.NewWriter(f)
	_ = w.Write([]string{"age", "hours", "group", "income"}) // errors stay with the writer
	r := rand.New(rand.NewPCG(1, 2))
	for range rows {
		age, hours := 20+50*r.Float64(), 10+40*r.Float64()
		group := []string{"north", "south", "east"}[r.IntN(3)]
		high := age*hours+float64(len(group))*20+100*r.NormFloat64() > 1300
		_ = w.Write([]string{fmt.Sprintf("%.1f", age), fmt.Sprintf("%.1f", hours), group, map[bool]string{true: "high", false: "low"}[high]})
	}
	w.Flush()
	if err := w.Error(); err != nil {
		t.Fatal(err)
	}
	return path
}
