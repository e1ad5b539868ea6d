package queue

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tuned/daemon/store"
	"tuned/job"
)

func TestCleanName(t *testing.T) {
	for name, want := range map[string]string{
		"a.csv": "a.csv", "../../etc/passwd": "passwd", `C:\data\t.csv`: "t.csv", ".hidden": "hidden", "": "table.csv", "..": "table.csv",
		"mit Leerzeichen.csv": "mit-Leerzeichen.csv", "a\x00b.csv": "a-b.csv", "/": "table.csv",
	} {
		if got := CleanName(name); got != want {
			t.Errorf("%q becomes %q, not %q", name, got, want)
		}
	}
	if got := CleanName(strings.Repeat("x", 300) + ".csv.gz"); len(got) != 100 || !strings.HasSuffix(got, ".csv.gz") {
		t.Errorf("a long name becomes %q", got)
	}
}

// A job names a table below a data directory, and no way leads out of there.
func TestRooted(t *testing.T) {
	outside, root := t.TempDir(), t.TempDir()
	for _, path := range []string{filepath.Join(outside, "secret.csv"), filepath.Join(root, "in.csv")} {
		if err := os.WriteFile(path, []byte("a,y\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Symlink(outside, filepath.Join(root, "way")), os.Symlink("in.csv", filepath.Join(root, "also.csv"))); err != nil {
		t.Fatal(err)
	}
	q := &Queue{Config: Config{Roots: []string{filepath.Join(root, "missing"), root}}}
	for path, ok := range map[string]bool{
		"in.csv": true, "also.csv": true, "../secret.csv": false, "way/secret.csv": false, filepath.Join(root, "in.csv"): false, "none.csv": false, "": false,
	} {
		if _, err := q.rooted(path); (err == nil) != ok {
			t.Errorf("%q: %v", path, err)
		}
	}
}

// What is submitted is looked at before it is accepted.
func TestSubmissionsAreExamined(t *testing.T) {
	q, err := opened(t, filepath.Join(t.TempDir(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	q.Config.Architectures = func() []string { return []string{"mlp"} }
	table, err := q.Receive("t.csv", strings.NewReader("a,y\n1,2\n"))
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "images"), 0o700); err != nil {
		t.Fatal(err)
	}
	q.Roots = []string{root}
	for name, c := range map[string]struct {
		spec string
		data store.Data
		ok   bool
	}{
		"a good one":               {spec, table, true},
		"no TOML":                  {"[data", table, false},
		"an unknown key":           {spec + "speed = 3\n", table, false},
		"an unknown architecture":  {spec + "[model]\narchitecture = \"/bin/sh\"\n", table, false},
		"an upload never made":     {spec, store.Data{Name: "t.csv", SHA256: strings.Repeat("0", 64)}, false},
		"a path for an upload":     {spec, store.Data{Name: "../t.csv", SHA256: table.SHA256}, false},
		"a hash that is a path":    {spec, store.Data{Name: "t.csv", SHA256: strings.Repeat("../", 21) + "."}, false},
		"a table where no root is": {spec, store.Data{Rooted: "t.csv"}, false},
		"a table without a target": {"[data]\npath = \"t.csv\"\n", table, false},
		"images without a target":  {"[data]\npath = \"images\"\n", store.Data{Rooted: "images"}, true},
	} {
		_, err := q.Submit(t.Context(), Submission{Key: name, Spec: c.spec, Data: c.data})
		if (err == nil) != c.ok || err != nil && !job.BadInput(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A queue that is full, or a disk, takes nothing new in and loses nothing.
func TestFullQueueAndDisk(t *testing.T) {
	q, err := opened(t, filepath.Join(t.TempDir(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	before := len(fill(t, q))
	again := Submission{Key: "one more", Spec: spec, Data: store.Data{Name: "t.csv", SHA256: jobsData(t, q)}}
	q.Most = 1
	if _, err := q.Submit(t.Context(), again); !errors.Is(err, ErrTooMany) {
		t.Errorf("a full queue: %v", err)
	}
	q.Most, q.MinFree = 100, 1<<62
	if _, err := q.Submit(t.Context(), again); !errors.Is(err, ErrFull) {
		t.Errorf("a full disk: %v", err)
	}
	if err := q.Ready(t.Context()); !errors.Is(err, ErrFull) {
		t.Errorf("ready: %v", err)
	}
	q.MinFree = 0
	if _, err := q.Submit(t.Context(), again); err != nil || len(jobsOf(t, q)) != before+1 {
		t.Errorf("with room again: %v", err)
	}
}

func jobsOf(t *testing.T, q *Queue) []store.Job {
	t.Helper()
	jobs, err := q.store.Jobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return jobs
}

func jobsData(t *testing.T, q *Queue) string { return jobsOf(t, q)[0].Data.SHA256 }
