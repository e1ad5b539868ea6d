package queue

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tuned/daemon/chaos"
	"tuned/daemon/store"
)

const spec = "[data]\npath = \"t.csv\"\ntarget = \"y\"\n"

// opened opens a queue in a directory; it never runs anything.
func opened(t testing.TB, dir string) (*Queue, error) {
	t.Helper()
	return Open(t.Context(), Config{Place: Place(dir), Capacity: store.Needs{Threads: 1, Memory: 1 << 30}, Version: "test"})
}

// fill accepts a job in each state in which a person left it, and one with files and an alert.
func fill(t testing.TB, q *Queue) []store.Job {
	t.Helper()
	table, err := q.Receive("t.csv", strings.NewReader("a,y\n1,2\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"queued", "cancelled", "finished", "paused", "amended"} {
		j, err := q.Submit(t.Context(), Submission{Key: key, Spec: spec, Rules: "# none of my own\n", Data: table, Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		switch key {
		case "cancelled":
			_, err = q.Cancel(t.Context(), j.ID)
		case "paused":
			_, err = q.Pause(t.Context(), j.ID)
		case "amended":
			_, err = q.Amend(t.Context(), j.ID, map[string]string{"epochs": "3"})
		case "finished":
			_, err = q.store.Change(t.Context(), j.ID, "state", func(j *store.Job) error { j.State = store.Finished; return nil },
				store.Artifact{Job: j.ID, Path: "report.html", Length: 1, SHA256: "x"})
			if err == nil {
				_, _, err = q.store.Alert(t.Context(), store.Alert{Job: j.ID, Source: "here", Rule: "r", Text: "look"})
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	jobs, err := q.store.Jobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return jobs
}

// TestDamagedStateLosesNoJob damages the daemon's own files, one after the other, and starts again: every accepted job is
// there as it was handed in, none came by itself, and what a person ended stays ended.
func TestDamagedStateLosesNoJob(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	q, err := opened(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	jobs := fill(t, q)
	killed := filepath.Join(t.TempDir(), "killed") // as a kill leaves it: with what SQLite had not folded in yet
	if err := os.CopyFS(killed, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, name string }{
		{dir, "queue.db"},
		{killed, "queue.db"},
		{killed, "queue.db-wal"},
		{killed, "queue.db-shm"},
		{dir, "jobs/1/submission.json"},
	} {
		content, err := os.ReadFile(filepath.Join(c.from, c.name))
		if err != nil {
			t.Fatal(err)
		}
		for what, damaged := range chaos.Damaged(content, 100) {
			state := copied(t, c.from)
			if err := os.WriteFile(filepath.Join(state, c.name), damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			if problem := survives(t, state, jobs); problem != nil {
				t.Errorf("%s with %s: %v", c.name, what, problem)
			}
			if err := os.RemoveAll(state); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// copied copies a state directory, into memory where that is possible: hundreds of starts wait for no disk there.
func copied(t *testing.T, from string) string {
	t.Helper()
	above, err := os.MkdirTemp("/dev/shm", "tuned-test-")
	if err != nil {
		above = t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(above) })
	dir := filepath.Join(above, "state")
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func survives(t *testing.T, dir string, want []store.Job) error {
	t.Helper()
	q, err := opened(t, dir)
	if err != nil {
		if strings.Contains(err.Error(), "a newer version of tuned wrote it") {
			return nil // a flip in the tables' version: it is refused, and left alone
		}
		return err
	}
	defer q.Close()
	got, err := q.store.Jobs(t.Context())
	if err != nil || len(got) != len(want) {
		return errors.Join(err, errors.New("there are more or fewer jobs than before"))
	}
	for i, j := range got {
		w := want[i]
		if j.ID != w.ID || j.Key != w.Key || j.Spec != w.Spec || j.Rules != w.Rules || j.Data != w.Data || j.Seed != w.Seed {
			return errors.New("a job is another than was handed in")
		}
		if (j.State == store.Cancelled) != (w.State == store.Cancelled) {
			return errors.New("a job was cancelled, or is no more, by nobody")
		}
	}
	_, events := q.store.Events(t.Context(), 0, 1000)
	_, alerts := q.store.Alerts(t.Context(), 0, 10)
	return errors.Join(events, alerts)
}

// TestOpenOnAFullDisk: what cannot be opened for want of room is tried again in the room that was kept, and not set aside.
func TestOpenOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	place := Place(dir)
	if err := errors.Join(place.prepare(), place.saveUp(), os.Mkdir(place.Database(), 0o700)); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), Config{Place: place, MinFree: 1 << 62, Version: "test"})
	if err == nil || !strings.Contains(err.Error(), "is full") {
		t.Errorf("it ends with %v", err)
	}
	if _, err := os.Stat(place.reserve()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the reserve was not used: %v", err)
	}
	if _, err := os.Stat(place.Database()); err != nil {
		t.Error(err)
	}
}

// TestDamagedTable: an upload that a bad disk changed is noticed wherever, and the same upload again puts it right.
func TestDamagedTable(t *testing.T) {
	q, err := opened(t, filepath.Join(t.TempDir(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	p := q.Place
	text := strings.Repeat("1,2,3\n", 300)
	d, err := q.Receive("t.csv", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for what, damaged := range chaos.Damaged([]byte(text), 100) {
		if err := os.WriteFile(p.upload(d), damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if p.Intact(d) {
			t.Errorf("the table with %s passes", what)
		}
		if again, err := q.Receive("t.csv", strings.NewReader(text)); err != nil || again != d || !p.Intact(d) {
			t.Fatalf("uploading again does not put it right: %v", err)
		}
	}
}
