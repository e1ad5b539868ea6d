package chaos

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.uber.org/zap"

	"tuned/job"
	"tuned/trainer"
)

// short is a job whose run takes a moment, with checkpoints.
const short = `name = "short"
[data]
path = "table.csv"
target = "y"
[model]
architecture = "mlp"
[limits]
threads = 1
[pin]
epochs = 15
batch_size = 32
checkpoint_every = 40
`

// TestDamagedRunGoesOn damages each kind of file of a run that was interrupted between two checkpoints, and goes on with
// it: the damage is refused with a reason, or the weights have the bits of an undisturbed run. A run is short, but two
// thousand of them take ten minutes: that is the long form.
func TestDamagedRunGoesOn(t *testing.T) {
	offsets := 1
	if os.Getenv("CHAOS") == "long" {
		offsets = 100
	}
	table := writeTable(t)
	torn, calm := filepath.Join(t.TempDir(), "torn"), filepath.Join(t.TempDir(), "calm")
	if err := run(t, table, torn, 2); !errors.Is(err, job.ErrInterrupted) {
		t.Fatalf("the run was not interrupted: %v", err)
	}
	if err := run(t, table, calm, 0); err != nil {
		t.Fatal(err)
	}
	want := hashOf(t, filepath.Join(calm, job.ModelFile))
	for _, name := range kindsIn(t, torn) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := damaging{T: t, table: table, torn: torn, name: name, want: want}
			content, err := os.ReadFile(filepath.Join(torn, name))
			if err != nil {
				t.Fatal(err)
			}
			for what, damaged := range Damaged(content, offsets) {
				d.try(what, damaged)
			}
			t.Logf("%d damages, %d refused, all others without an effect", d.tried, d.refused)
		})
	}
}

// damaging goes on with copies of a run in which one file is damaged.
type damaging struct {
	*testing.T
	table, torn, name string
	want              string // sha256 of the weights
	tried, refused    int
}

func (d *damaging) try(what string, content []byte) {
	d.Helper()
	dir := filepath.Join(d.TempDir(), "run")
	if err := os.CopyFS(dir, os.DirFS(d.torn)); err != nil {
		d.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, d.name), content, 0o600); err != nil {
		d.Fatal(err)
	}
	d.tried++
	switch err := run(d.T, d.table, dir, 0); {
	case err != nil && d.name != job.RunFile:
		d.Errorf("%s: %v", what, err)
	case err != nil:
		d.refused++ // the daemon sets such a run aside and begins again
	case hashOf(d.T, filepath.Join(dir, job.ModelFile)) != d.want:
		d.Errorf("%s: the weights are others", what)
	}
}

// run runs the short job in a directory, and interrupts it at a checkpoint if asked.
func run(t *testing.T, table, dir string, checkpoint int) error {
	t.Helper()
	a, err := architectures(zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	j, err := job.Parse("job.toml", short)
	if err != nil {
		t.Fatal(err)
	}
	j.Data.Path = table
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	seen := 0
	observe := func(e job.Entry) {
		if trained, ok := e.Event.(job.Trained); ok && trained.Event.Kind == trainer.Saved {
			if seen++; seen == checkpoint {
				stop()
			}
		}
	}
	_, err = job.Run(ctx, j, job.Options{Out: dir, Version: version, Architectures: a, Observe: observe, Pause: often})
	return err
}

// kindsIn gives one file of each kind below a directory, and the newest checkpoint's.
func kindsIn(t *testing.T, dir string) []string {
	t.Helper()
	kinds := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if info, err := d.Info(); err != nil || info.Size() == 0 {
			return err
		}
		kind := filepath.Base(path)
		if filepath.Ext(kind) == ".npy" {
			kind = filepath.Dir(path) // raw columns, and the view's arrays
		}
		kinds[kind] = path
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{job.RunFile, job.JournalFile, job.PlanFile, job.JobFile, "session.safetensors", "state.json", "manifest.json", "view.json"} {
		if kinds[name] == "" {
			t.Errorf("there is no %s among %v", name, kinds)
		}
	}
	return slices.Sorted(maps.Values(kinds))
}
