package job

import (
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"tuned/heuristics"
	"tuned/heuristics/probe"
	"tuned/trainer"
	"tuned/trainer/metric"
)

// examples has an event of every kind that is journalled.
var examples = []Event{
	Started{Name: "digits", Dir: "runs/x", Version: "v1", Seed: 3, Threads: 2, Machine: "linux/amd64", Target: "digit"},
	PhaseBegan{Phase: "read"},
	PhaseEnded{Phase: "read", Cost: Cost{FLOPs: 1, CPUSeconds: 0.5, WallSeconds: 1, PeakBytes: 7}},
	Measured{
		Source: "probe.lr_find",
		Facts:  Values{"lr_find.spread": 3.0, "data.rows": int64(3), "data.kind": "table", "train.loss_finite": true, "x": math.Inf(1)},
		Plots:  []probe.Plot{{Title: "t", Curves: []probe.Curve{{Name: "c", X: []float64{1}, Y: []float64{2}}}}},
	},
	Tried{What: "probe.memory.trying", Fields: map[string]any{"batch": 64.0}},
	Columns{Rows: 5, Classes: []string{"a", "b"}},
	Decided{heuristics.Decision{Setting: "lr", Value: 1.0, Rule: "r", Layer: "user", Facts: heuristics.Facts{"n": int64(1)}, Why: "w", Source: "s"}},
	Found{heuristics.Finding{Check: "leak", Do: "warn", Why: "w", Facts: heuristics.Facts{"score": 1.0}}},
	Planned{Decisions: 9},
	Trained{trainer.Event{Kind: trainer.Progress, Step: 3, Steps: 9, Loss: trainer.Number(math.Inf(1))}},
	Noted{What: "something"},
	Evaluated{Rows: "test", N: 9, Metrics: metric.Metrics{"accuracy": 1}},
	Sliced{Column: "sex", Slices: []Slice{{Name: "f", N: 3, Metrics: metric.Metrics{"accuracy": 0.5}}}},
	Finished{},
	Failed{Problem: "p"},
	Interrupted{},
}

func TestJournalGivesBackEveryKindOfEvent(t *testing.T) {
	path := filepath.Join(t.TempDir(), JournalFile)
	fill(t, path, append(examples, Progress{Phase: "read", Done: 1, Total: 2})...)
	entries, err := ReadJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	var got []Event
	for i, e := range entries {
		got = append(got, e.Event)
		if e.Seq != int64(i)+1 {
			t.Errorf("entry %d has number %d", i+1, e.Seq)
		}
	}
	if diff := cmp.Diff(examples, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("events differ (-want +got):\n%s", diff)
	}
	if len(decoders) != len(examples) {
		t.Errorf("%d kinds of events are decoded, %d are tried here", len(decoders), len(examples))
	}
}

func TestJournalToleratesUnknownKinds(t *testing.T) {
	path := filepath.Join(t.TempDir(), JournalFile)
	fill(t, path, Unknown{Name: "from-the-future"}, Finished{})
	entries, err := ReadJournal(path)
	if err != nil || len(entries) != 2 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	if entries[0].Event.Kind() != "from-the-future" {
		t.Errorf("the kind became %q", entries[0].Event.Kind())
	}
}

// A journal that was cut or flipped anywhere is read up to the damage, and goes on from there.
func TestJournalEndsWhereItIsDamaged(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, JournalFile)
	fill(t, path, examples...)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, len(whole)-1).Draw(t, "at")
		damaged := append([]byte(nil), whole...)
		if rapid.Bool().Draw(t, "cut") {
			damaged = damaged[:at]
		} else {
			damaged[at] ^= byte(1) << rapid.IntRange(0, 7).Draw(t, "bit")
		}
		torn := filepath.Join(dir, "torn")
		if err := os.WriteFile(torn, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		j, before, err := openJournal(torn)
		if err != nil {
			t.Fatal(err)
		}
		if len(before) >= len(examples) {
			t.Fatalf("damage at byte %d was not noticed", at)
		}
		if err := j.append(Finished{}); err != nil {
			t.Fatal(err)
		}
		if err := j.close(); err != nil {
			t.Fatal(err)
		}
		after, err := ReadJournal(torn)
		if err != nil || len(after) != len(before)+1 {
			t.Fatalf("%d entries after %d, %v", len(after), len(before), err)
		}
	})
}

// fullDisk is a file on a disk that has room for so many bytes of the next write.
type fullDisk struct {
	*os.File
	room int
}

func (f *fullDisk) Write(p []byte) (int, error) {
	n, err := f.File.Write(p[:min(f.room, len(p))])
	if err == nil && n < len(p) {
		err = syscall.ENOSPC
	}
	return n, err
}

// What did not fit is gone as a whole: a run that fails for it can still say so.
func TestJournalGoesOnBehindWhatDidNotFit(t *testing.T) {
	path := filepath.Join(t.TempDir(), JournalFile)
	fill(t, path, examples[0])
	j, _, err := openJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	disk := &fullDisk{j.file.(*os.File), 20}
	j.file = disk
	if err := j.append(examples[1]); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("the error is %v", err)
	}
	disk.room = 1 << 20
	if err := errors.Join(j.append(Failed{Problem: "the disk is full"}), j.close()); err != nil {
		t.Fatal(err)
	}
	entries, err := ReadJournal(path)
	if err != nil || len(entries) != 2 || entries[1].Event != (Failed{Problem: "the disk is full"}) {
		t.Errorf("read %v, %v", entries, err)
	}
}

func TestValuesKeepTheirTypesAndBits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Values{
			"i": rapid.Int64().Draw(t, "i"), "f": rapid.Float64().Draw(t, "f"), "w": float64(rapid.Int32().Draw(t, "w")),
			"s": rapid.String().Draw(t, "s"), "b": rapid.Bool().Draw(t, "b"),
		}
		text, err := want.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var got Values
		if err := got.UnmarshalJSON(text); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
			t.Fatalf("values differ (-want +got):\n%s", diff)
		}
	})
}

// FuzzJournal: whatever a journal holds, each line of it with its checksum, it is read without a fall, and goes on behind what is valid;
// a run that goes on, a report and a summary take what was read.
func FuzzJournal(f *testing.F) {
	path := filepath.Join(f.TempDir(), JournalFile)
	fill(f, path, examples...)
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(whole))
	f.Add(`{"seq":1,"at":"2024-01-31T00:00:00Z","kind":"decided","event":null}` + "\n" + `{"seq":2,"kind":"measured","event":{"facts":{"x":{"i":9}}}}` + "\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), JournalFile)
		if err := os.WriteFile(path, []byte(summed(text)), 0o600); err != nil {
			t.Fatal(err)
		}
		j, before, err := openJournal(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(j.append(Finished{}), j.close()); err != nil {
			t.Fatal(err)
		}
		after, err := ReadJournal(path)
		if err != nil || len(after) != len(before)+1 {
			t.Fatalf("%d entries after %d, %v", len(after), len(before), err)
		}
		newHistory(after)
		NewLedger(after)
		summariesOf(after)
		for _, e := range after {
			if _, err := e.Encode(); err != nil {
				t.Errorf("%s is read and cannot be written: %v", e.Event.Kind(), err)
			}
		}
	})
}

// summed gives each line of a text the checksum of what stands before its own, as damage would not.
func summed(text string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		open, _, _ := strings.Cut(line, checksumField)
		open = strings.TrimSuffix(open, "}")
		fmt.Fprintf(&b, "%s%s%08x\"}\n", open, checksumField, crc32.ChecksumIEEE([]byte(open)))
	}
	return b.String()
}

func fill(t testing.TB, path string, events ...Event) {
	t.Helper()
	j, _, err := openJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if err := j.append(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
}
