package job

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestClaimTakesANewDirectoryAndDiscardLeavesNothing(t *testing.T) {
	base := t.TempDir()
	d, err := claim(t.Context(), filepath.Join(base, "runs", "a"), Identity{Job: "1"})
	if err != nil {
		t.Fatal(err)
	}
	if !d.fresh {
		t.Error("a new directory is not fresh")
	}
	if err := d.discard(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(base)
	if err != nil || len(left) != 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

func TestClaimRefuses(t *testing.T) {
	id := Identity{Job: "1", Data: "2"}
	for name, c := range map[string]struct {
		prepare func(t *testing.T, dir string)
		want    string
	}{
		"a foreign directory": {
			func(t *testing.T, dir string) { write(t, filepath.Join(dir, "thesis.tex"), "") },
			"this directory holds something else than a run",
		},
		"a finished run": {
			func(t *testing.T, dir string) {
				record(t, dir, Record{Schema: Schema, State: StateFinished, Identity: id})
			},
			"this run is finished",
		},
		"another run": {
			func(t *testing.T, dir string) { record(t, dir, Record{Schema: Schema, Identity: Identity{Job: "1"}}) },
			"this directory holds another run: of other data",
		},
		"a damaged run": {
			func(t *testing.T, dir string) { write(t, filepath.Join(dir, RunFile), "{") },
			"the run cannot be read",
		},
		"a locked run": {
			func(t *testing.T, dir string) {
				d, err := claim(t.Context(), dir, id)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() {
					if err := d.release(); err != nil {
						t.Error(err)
					}
				})
			},
			"another process works on this run",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			c.prepare(t, dir)
			before := listing(t, dir)
			_, err := claim(t.Context(), dir, id)
			if err == nil || !BadInput(err) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if after := listing(t, dir); strings.TrimPrefix(after, lockFile+" ") != strings.TrimPrefix(before, lockFile+" ") {
				t.Errorf("%q became %q", before, after)
			}
		})
	}
}

func TestClaimGoesOnWithTheSameRun(t *testing.T) {
	dir, id := t.TempDir(), Identity{Job: "1"}
	record(t, dir, Record{Schema: Schema, State: StateRunning, Identity: id})
	d, err := claim(t.Context(), dir, id)
	if err != nil {
		t.Fatal(err)
	}
	if d.fresh {
		t.Error("a run that was begun is called fresh")
	}
	if err := d.release(); err != nil {
		t.Error(err)
	}
}

func TestUnfinishedSkipsFinishedSiblings(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "x")
	for _, c := range []struct {
		at    string
		state State
		want  string
	}{
		{dir, StateFailed, dir},
		{dir, StateFinished, dir + "-2"},
		{dir + "-2", StateFinished, dir + "-3"},
		{dir + "-3", StateInterrupted, dir + "-3"},
	} {
		if err := os.MkdirAll(c.at, 0o755); err != nil {
			t.Fatal(err)
		}
		record(t, c.at, Record{Schema: Schema, State: c.state})
		if got := unfinished(dir); got != c.want {
			t.Errorf("with %s %s it is %s, not %s", c.at, c.state, got, c.want)
		}
	}
}

func TestRecordNoticesAChangedFile(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, ModelFile), "weights")
	f, err := describe(dir, ModelFile)
	if err != nil {
		t.Fatal(err)
	}
	r := Record{}
	r.Files = append(r.Files, f)
	if err := r.Check(dir); err != nil {
		t.Error(err)
	}
	write(t, filepath.Join(dir, ModelFile), "weighty")
	if r.Check(dir) == nil {
		t.Error("a changed file is not noticed")
	}
	if err := r.Check(dir, PlanFile); err != nil {
		t.Error(err)
	}
}

func TestLedgerAddsUpAttempts(t *testing.T) {
	joules := 2.0
	l := NewLedger([]Entry{
		{Event: PhaseEnded{Phase: "read", Cost: Cost{WallSeconds: 1, PeakBytes: 5}}},
		{Event: PhaseEnded{Phase: "probe.lr_find", Cost: Cost{FLOPs: 10, CPUSeconds: 1}}},
		{Event: PhaseEnded{Phase: "train", Cut: true, Cost: Cost{FLOPs: 20, CPUSeconds: 2, PeakBytes: 9}}},
		{Event: PhaseEnded{Phase: "train", Cost: Cost{FLOPs: 10, CPUSeconds: 1, Joules: &joules}}},
	})
	if len(l.Phases) != 3 || l.Phases[2].FLOPs != 30 || l.Phases[2].CPUSeconds != 3 {
		t.Errorf("phases are %+v", l.Phases)
	}
	if l.Total.FLOPs != 40 || l.Total.PeakBytes != 9 || l.Total.Joules == nil || *l.Total.Joules != 2 {
		t.Errorf("total is %+v", l.Total)
	}
	if l.ProbeShare != 0.25 {
		t.Errorf("the probes' share is %v", l.ProbeShare)
	}
}

// A flipped bit anywhere in a record is noticed, since predicting trusts it.
func TestRecordNoticesAFlippedBit(t *testing.T) {
	dir := t.TempDir()
	record(t, dir, Record{Schema: Schema, State: StateFinished, Model: &SavedModel{Architecture: "mlp", Temperature: 1.25}})
	if _, err := ReadRecord(dir); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(dir, RunFile))
	if err != nil {
		t.Fatal(err)
	}
	for at := range whole {
		damaged := append([]byte(nil), whole...)
		damaged[at] ^= 4
		write(t, filepath.Join(dir, RunFile), string(damaged))
		if r, err := ReadRecord(dir); err == nil && (r.Model == nil || r.Model.Temperature != 1.25 || r.State != StateFinished) {
			t.Errorf("a flip in byte %d went unnoticed: %+v", at, r)
		}
	}
}

func record(t *testing.T, dir string, r Record) {
	t.Helper()
	if err := r.write(dir); err != nil {
		t.Fatal(err)
	}
}

func listing(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// TestWaitingForARunCanBeInterrupted: whoever asks does not have to wait until it is known that the run is another's.
func TestWaitingForARunCanBeInterrupted(t *testing.T) {
	dir := t.TempDir()
	other, err := claim(t.Context(), dir, Identity{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	if _, err := claim(ctx, dir, Identity{}); !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
	if err := other.release(); err != nil {
		t.Error(err)
	}
}

// TestARunIsWaitedFor: a process that was killed may hold its run for a moment.
func TestARunIsWaitedFor(t *testing.T) {
	dir := t.TempDir()
	killed, err := claim(t.Context(), dir, Identity{})
	if err != nil {
		t.Fatal(err)
	}
	released := make(chan error)
	go func() {
		time.Sleep(dying / 10)
		released <- killed.release()
	}()
	next, err := claim(t.Context(), dir, Identity{})
	if err := errors.Join(err, <-released); err != nil {
		t.Fatal(err)
	}
	if err := next.release(); err != nil {
		t.Error(err)
	}
}

// What a kill leaves of a file that is not in its place yet is of no use to anybody; the files of the run stay.
func TestClearRemovesWhatIsHalfWritten(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"." + ModelFile + "123", "." + RunFile + "4", ModelFile, RunFile, JournalFile, ".notes"} {
		write(t, filepath.Join(dir, name), "")
	}
	if err := os.Mkdir(filepath.Join(dir, workDir), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := (&directory{root: dir}).clear(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if want := []string{".notes", JournalFile, ModelFile, RunFile}; err != nil || !slices.Equal(left, want) {
		t.Errorf("there are %v, %v, want %v", left, err, want)
	}
}
