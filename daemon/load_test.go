package daemon_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tuned/daemon/api"
	"tuned/machine"
)

// The load that a daemon bears with ease: as many jobs are queued, as many readers follow what happens.
const (
	loadJobs    = 1000
	loadReaders = 50
	loadMemory  = 40 << 20 // bytes that the daemon may hold with all of that
)

// TestLoad has a daemon in a process of its own hold the load, and looks at what it holds of memory, and at whether all that
// the readers took is given back.
func TestLoad(t *testing.T) {
	if _, err := os.Stat("/dev/shm"); err == nil {
		t.Setenv("TMPDIR", "/dev/shm") // BenchmarkSubmit waits for the disk; here it is about memory
	}
	d, process := served(t, "", func(*exec.Cmd) {})
	before := goroutines(t, d)
	l := load(t, d)
	time.Sleep(3 * time.Second) // idle, with all readers connected
	pages := []time.Duration{timed(t, d, "/"), timed(t, d, "/jobs/500")}
	held := resident(t, process.Process.Pid)
	with := goroutines(t, d)
	l.end()
	after := with
	for deadline := time.Now().Add(20 * time.Second); after > before+2 && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		after = goroutines(t, d)
	}
	t.Logf("%d jobs, %d readers: %.1f MiB resident; submit p50 %s, p99 %s; queue page %s, job page %s; goroutines %d, %d, %d",
		loadJobs, loadReaders, float64(held)/(1<<20), l.percentile(50), l.percentile(99), pages[0], pages[1], before, with, after)
	if held > loadMemory {
		t.Errorf("the daemon holds %d bytes", held)
	}
	if with < before+loadReaders {
		t.Errorf("%d goroutines serve %d readers: they are not connected", with-before, loadReaders)
	}
	if after > before+2 {
		t.Errorf("%d goroutines are left of %d", after, before)
	}
}

// BenchmarkSubmit is a submission's way to the disk and back, while readers listen and a thousand jobs wait.
func BenchmarkSubmit(b *testing.B) {
	d, _ := served(b, "", func(*exec.Cmd) {})
	l := load(b, d)
	defer l.end()
	l.took = nil
	for b.Loop() {
		l.submit(b, d)
	}
	b.ReportMetric(float64(l.percentile(50).Microseconds()), "p50-µs")
	b.ReportMetric(float64(l.percentile(99).Microseconds()), "p99-µs")
}

// BenchmarkPage is the queue's page with a thousand jobs.
func BenchmarkPage(b *testing.B) {
	d, _ := served(b, "", func(*exec.Cmd) {})
	l := load(b, d)
	defer l.end()
	for b.Loop() {
		timed(b, d, "/")
	}
}

// loaded is what keeps a daemon under load.
type loaded struct {
	data    api.Table
	stop    context.CancelFunc
	readers sync.WaitGroup
	took    []time.Duration
}

// load connects the readers and hands in the jobs.
func load(t testing.TB, d *running) *loaded {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	l := &loaded{stop: stop}
	connected := make(chan error, loadReaders)
	for range loadReaders {
		l.readers.Go(func() { read(ctx, d.Socket, connected) })
	}
	for range loadReaders {
		if err := <-connected; err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if l.data, err = d.client.Upload(t.Context(), writeTable(t, "t.csv", 600)); err != nil {
		t.Fatal(err)
	}
	for range loadJobs {
		l.submit(t, d)
	}
	return l
}

func (l *loaded) submit(t testing.TB, d *running) {
	t.Helper()
	began := time.Now()
	if _, err := d.client.Submit(t.Context(), fmt.Sprint("key-", len(l.took), began.UnixNano()), api.Submission{Spec: quick, Data: l.data}); err != nil {
		t.Fatal(err)
	}
	l.took = append(l.took, time.Since(began))
}

// end has the readers leave.
func (l *loaded) end() {
	l.stop()
	l.readers.Wait()
}

func (l *loaded) percentile(p int) time.Duration {
	sorted := slices.Sorted(slices.Values(l.took))
	return sorted[(len(sorted)-1)*p/100].Round(10 * time.Microsecond)
}

// dialled is a client over a socket, with a connection of its own.
func dialled(socket string) *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}}
}

// read follows all jobs until ctx ends.
func read(ctx context.Context, socket string, connected chan<- error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://tuned/v1/events", nil)
	if err == nil {
		var answer *http.Response
		if answer, err = dialled(socket).Do(r); err == nil {
			defer answer.Body.Close()
			lines := bufio.NewScanner(answer.Body)
			lines.Scan() // the greeting
			connected <- nil
			for lines.Scan() {
				runtime.Gosched()
			}
			return
		}
	}
	connected <- err
}

// timed is how long a page takes to its last byte.
func timed(t testing.TB, d *running, path string) time.Duration {
	t.Helper()
	began := time.Now()
	if text := d.local(t, path); !strings.Contains(text, "</html>") {
		t.Fatalf("%s is no page: %.200s", path, text)
	}
	return time.Since(began).Round(100 * time.Microsecond)
}

// local asks over the socket.
func (r *running) local(t testing.TB, path string) string {
	t.Helper()
	answer, err := dialled(r.Socket).Get("http://tuned" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// goroutines are those that the daemon counts.
func goroutines(t testing.TB, d *running) int {
	t.Helper()
	_, rest, _ := strings.Cut(d.local(t, "/metrics"), "\ngo_goroutines ")
	var n int
	if _, err := fmt.Sscan(rest, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// resident is the memory that a process holds.
func resident(t testing.TB, pid int) int64 {
	t.Helper()
	m, ok := machine.MemoryOf(pid)
	if !ok {
		t.Fatalf("there is no process %d", pid)
	}
	return m.Resident
}
