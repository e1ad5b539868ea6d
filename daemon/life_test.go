package daemon_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tuned/daemon"
	"tuned/daemon/api"
	"tuned/daemon/client"
	"tuned/daemon/queue"
	"tuned/daemon/store"
	"tuned/job"
	"tuned/machine"
	"tuned/trainer"
)

// quick is a job of a second; long one of many.
const (
	quick = "name = \"quick\"\n[data]\npath = \"t.csv\"\ntarget = \"income\"\n[limits]\nthreads = 1\n[pin]\nepochs = 5\n"
	long  = "name = \"long\"\n[data]\npath = \"t.csv\"\ntarget = \"income\"\n[limits]\nthreads = 1\n[pin]\nepochs = 3000\ncheckpoint_every = 20\n"
)

// submit hands in a job for a table.
func (r *running) submit(t testing.TB, spec, table string) api.Job {
	t.Helper()
	data, err := r.client.Upload(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	j, err := r.client.Submit(t.Context(), rand.Text(), api.Submission{Spec: spec, Data: data})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// until waits until a job is in a state.
func (r *running) until(t testing.TB, id int64, want store.State) api.Job {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		j, err := r.client.Job(t.Context(), fmt.Sprint(id))
		if err != nil {
			t.Fatal(err)
		}
		if j.State == want {
			return j
		}
		if j.State.Settled() || time.Now().After(deadline) {
			t.Fatalf("job %d is %s and not %s: %s", id, j.State, want, j.Reason)
		}
	}
}

// training waits until a job's training tells something of a kind.
func (r *running) training(t testing.TB, id int64, kind trainer.EventKind) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	err := r.client.Follow(ctx, fmt.Sprint(id), func(e job.Entry) {
		if trained, ok := e.Event.(job.Trained); ok && trained.Event.Kind == kind {
			stop()
		}
	}, func(api.Job) bool { return false })
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("job %d does not tell %s: %v", id, kind, err)
	}
}

// idle waits until no attempt is left, not even one that is ending.
func (r *running) idle(t testing.TB) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if _, text := r.get(t, "/metrics"); strings.Contains(text, `tuned_reserved{resource="threads"} 0`) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("an attempt does not end")
		}
	}
}

// get asks the daemon over TCP, with its token.
func (r *running) get(t testing.TB, path string) (int, string) {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+r.Token.Reveal())
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// A daemon that is told to stop lets running jobs save what they did, and the next one goes on from there.
func TestDrain(t *testing.T) {
	d := start(t, "")
	j := d.submit(t, long, writeTable(t, "t.csv", 2000))
	d.training(t, j.ID, trainer.Progress)
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	again := start(t, d.state)
	again.training(t, j.ID, trainer.Resumed)
	if _, err := again.client.Act(t.Context(), "1", "cancel"); err != nil {
		t.Fatal(err)
	}
	entries, err := job.ReadJournal(filepath.Join(d.state, "jobs", "1", "run-1", job.JournalFile))
	if err != nil {
		t.Fatal(err)
	}
	var saved, resumed int64
	for _, e := range entries {
		if trained, ok := e.Event.(job.Trained); ok {
			switch trained.Event.Kind {
			case trainer.Saved:
				saved = max(saved, trained.Step)
			case trainer.Resumed:
				resumed = trained.Step
			}
		}
	}
	if resumed == 0 || resumed > saved {
		t.Errorf("it was saved at step %d, and went on from step %d", saved, resumed)
	}
}

// What an earlier daemon left running is ended before anything else.
func TestOrphansAreEnded(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	c := itself(t, "sleep")
	c.Env = []string{"TUNED_ATTEMPT_OF=" + state}
	other := itself(t, "sleep")
	other.Env = []string{"TUNED_ATTEMPT_OF=" + state + "-of-another"}
	for _, c := range []*exec.Cmd{c, other} {
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = errors.Join(other.Process.Kill(), other.Wait()) })
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for len(machine.Environment(c.Process.Pid)) == 0 || len(machine.Environment(other.Process.Pid)) == 0 {
		time.Sleep(time.Millisecond) // until both are the programs that they are to be
	}
	start(t, state)
	select {
	case err := <-ended:
		if err == nil || !strings.Contains(err.Error(), "killed") {
			t.Errorf("the orphan ended with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the orphan lives on")
		_ = c.Process.Kill()
	}
	if len(machine.Environment(other.Process.Pid)) == 0 {
		t.Error("another daemon's attempt was ended")
	}
}

// What a person should look at soon is in the journal, on the page and with the operator's webhook: a rule of one's own that
// alerts, a column that gives the target away, drift, a slice that fares much worse.
func TestAlertsReachPeople(t *testing.T) {
	var mu sync.Mutex
	heard := map[string]string{}
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var n struct{ Alert store.Alert }
		if err := json.NewDecoder(r.Body).Decode(&n); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		heard[n.Alert.Rule] = n.Alert.Text
	}))
	defer hook.Close()
	d := start(t, "", func(c *daemon.Config) { c.Queue.Alarm = queue.Webhook(hook.URL) })
	path := filepath.Join(t.TempDir(), "t.csv")
	if err := os.WriteFile(path, []byte(troubled()), 0o600); err != nil {
		t.Fatal(err)
	}
	data, err := d.client.Upload(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	j, err := d.client.Submit(t.Context(), "k", api.Submission{
		Data: data, Spec: "[data]\npath = \"t.csv\"\ntarget = \"y\"\nsplit = \"part\"\nslices = [\"group\"]\n[limits]\nthreads = 1\n[pin]\nepochs = 20\n",
		Rules: "[[watch]]\nid = \"half-way\"\nwhen = \"train.progress > 0.5\"\ndo = \"alert\"\nlimit = 1\nwhy = \"Half of it is done.\"\nsource = \"a test\"\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	d.until(t, j.ID, store.Finished)
	_, page := d.get(t, "/jobs/1")
	_, journal := d.get(t, "/v1/jobs/1/events")
	for _, rule := range []string{"half-way", "leak.one-column", "split.drift", "slice.worse"} {
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			mu.Lock()
			text := heard[rule]
			mu.Unlock()
			if text != "" {
				if !strings.Contains(page, rule) {
					t.Errorf("%s is not on the page", rule)
				}
				break
			}
			if time.Now().After(deadline) {
				mu.Lock()
				t.Fatalf("the webhook did not hear of %s, but of %v", rule, heard)
			}
		}
		if rule != "slice.worse" && !strings.Contains(journal, rule) { // that one is drawn from the scores in it
			t.Errorf("%s is not in the journal", rule)
		}
	}
}

// troubled is a table with a column that gives the target away but for one group, and a holdout of another kind.
func troubled() string {
	var b strings.Builder
	b.WriteString("x,given,where,group,part,y\n")
	for i := range 900 {
		y := (i*7919 + i/13) % 2
		group, given := "most", y
		part, where := "train", i%50
		if i%3 == 0 {
			part, where = "test", 100+i%50
			if i%9 == 0 { // in the test alone, so that the column looks as if it gave all away
				group, given = "few", 1-y
			}
		}
		fmt.Fprintf(&b, "%d,%d,%d,%s,%s,%s\n", (i*31)%97, given*10+i%3, where, group, part, []string{"no", "yes"}[y])
	}
	return b.String()
}

func TestMetricsAndHealth(t *testing.T) {
	d := start(t, "")
	j := d.submit(t, quick, writeTable(t, "t.csv", 600))
	d.until(t, j.ID, store.Finished)
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
		if status, text := d.get(t, path); status != http.StatusOK || text != want {
			t.Errorf("%s: %d %q", path, status, text)
		}
	}
	_, text := d.get(t, "/metrics")
	for _, line := range []string{
		`tuned_jobs{state="finished"} 1`, `tuned_jobs{state="queued"} 0`, `tuned_attempts_total{end="finished"} 1`, `tuned_phase_seconds_total{phase="train"} `,
		`tuned_phase_seconds_total{phase="probe"} `, `tuned_phase_flops_total{phase="train"} `, `tuned_job_peak_bytes `, `tuned_disk_free_bytes `,
		`tuned_reserved{resource="threads"} 0`, `process_resident_memory_bytes `, `tuned_attempts_total{end="died"} 0`,
	} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("there is no %s in\n%s", line, text)
		}
	}
}

// What a daemon refuses to begin with.
func TestServeRefuses(t *testing.T) {
	config := func(change func(*daemon.Config)) daemon.Config {
		state := filepath.Join(t.TempDir(), "state")
		c := daemon.Config{Socket: filepath.Join(state, "s"), Queue: queue.Config{Place: queue.Place(state), Capacity: store.Needs{Threads: 1, Memory: 1}}}
		change(&c)
		return c
	}
	open := t.TempDir()
	if err := os.Chmod(open, 0o755); err != nil {
		t.Fatal(err)
	}
	taken := start(t, "")
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	kept := filepath.Join(t.TempDir(), "notes.txt")
	if err := errors.Join(os.Chmod(filepath.Dir(kept), 0o700), os.WriteFile(kept, []byte("mine"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		config daemon.Config
		want   string
	}{
		"the network without TLS":   {config(func(c *daemon.Config) { c.TCP = "0.0.0.0:0" }), "TLS"},
		"all addresses without TLS": {config(func(c *daemon.Config) { c.TCP = ":0" }), "TLS"},
		"a port beyond all":         {config(func(c *daemon.Config) { c.TCP = "127.0.0.1:99999" }), "--tcp 127.0.0.1:99999 cannot be listened on"},
		"a port in use":             {config(func(c *daemon.Config) { c.TCP = busy.Addr().String() }), "choose another port"},
		"a socket's path too long":  {config(func(c *daemon.Config) { c.Socket += strings.Repeat("s", 120) }), "path is too long"},
		"a socket's name too long":  {config(func(c *daemon.Config) { c.Socket += strings.Repeat("s", 300) }), "path is too long"},
		"a file for a socket":       {config(func(c *daemon.Config) { c.Socket = kept }), "cannot be made"},
		"a file for a directory":    {config(func(c *daemon.Config) { c.Queue.Place = queue.Place(kept) }), "the state directory cannot be made"},
		"no address":                {config(func(c *daemon.Config) { c.TCP = "here" }), "--tcp"},
		"half of TLS":               {config(func(c *daemon.Config) { c.TCP, c.Cert = "127.0.0.1:0", "x.pem" }), "both"},
		"no certificate":            {config(func(c *daemon.Config) { c.TCP, c.Cert, c.Key = "127.0.0.1:0", "x.pem", "x.key" }), "x.pem"},
		"a state directory for all": {config(func(c *daemon.Config) { c.Queue.Place = queue.Place(open) }), "open to others"},
		"a socket's place for all":  {config(func(c *daemon.Config) { c.Socket = filepath.Join(open, "s") }), "open to others"},
		"a state directory in use":  {config(func(c *daemon.Config) { c.Queue.Place = queue.Place(taken.state) }), "another daemon"},
		"a socket in use":           {config(func(c *daemon.Config) { c.Socket = taken.Socket }), "another daemon"},
		"a token that others can read": {config(func(c *daemon.Config) {
			dir := string(c.Queue.Place)
			if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, daemon.TokenFile), []byte(strings.Repeat("a", 64)), 0o644)); err != nil {
				t.Fatal(err)
			}
		}), "others can read"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		err := daemon.Serve(ctx, c.config)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if asked := c.want != "another daemon" && c.want != "others can read"; job.BadInput(err) != asked {
			t.Errorf("%s: that it is for whoever asked to put right is %t", name, !asked)
		}
		cancel()
	}
	if text, err := os.ReadFile(kept); err != nil || string(text) != "mine" {
		t.Errorf("what stood where a socket should be is %q, %v", text, err)
	}
	info, err := os.Stat(taken.Socket)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket's mode is %v, %v", info.Mode(), err)
	}
}

// An operator's bound on tables holds however they come.
func TestLargerTablesAreRefused(t *testing.T) {
	d := start(t, "", func(c *daemon.Config) { c.API.MaxUpload, c.Queue.Capacity.Threads = 4000, 0 })
	if _, err := d.client.Upload(t.Context(), writeTable(t, "small.csv", 50)); err != nil {
		t.Error(err)
	}
	large := writeTable(t, "large.csv", 1000)
	var refused *client.Problem
	if _, err := d.client.Upload(t.Context(), large); !errors.As(err, &refused) || refused.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("sent by a program: %v", err)
	}
	table, err := os.ReadFile(large)
	if err != nil {
		t.Fatal(err)
	}
	if status, page := d.fillIn(t, "/new", table, "data.target", "income"); status != http.StatusUnprocessableEntity || !strings.Contains(page, "too large") {
		t.Errorf("sent by a form: %d: %s", status, page)
	}
	left, err := os.ReadDir(queue.Place(d.state).Temporary())
	left = slices.DeleteFunc(left, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), ".reserve") }) // it may be in the making
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Over TLS the same token lets in, and a session's cookie travels over TLS alone.
func TestTLS(t *testing.T) {
	cert, key := selfSigned(t)
	d := start(t, "", func(c *daemon.Config) { c.Cert, c.Key = cert, key })
	if !strings.HasPrefix(d.URL, "https://") {
		t.Fatalf("it listens on %s", d.URL)
	}
	trusting := trust(t, cert)
	form := strings.NewReader("token=" + d.Token.Reveal())
	answer, err := trusting.Post(d.URL+"/login", "application/x-www-form-urlencoded", form)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusSeeOther || len(answer.Cookies()) != 1 || !answer.Cookies()[0].Secure || !answer.Cookies()[0].HttpOnly {
		t.Errorf("%d with %v", answer.StatusCode, answer.Cookies())
	}
	if _, err := client.TCP(d.URL, d.Token).Info(t.Context()); !errors.Is(err, client.ErrAbsent) {
		t.Errorf("a certificate that nobody vouches for is taken: %v", err)
	}
}
