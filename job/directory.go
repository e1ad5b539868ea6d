package job

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// The files of a run's directory.
const (
	RunFile         = "run.json"
	JobFile         = "job.toml"
	PlanFile        = "plan.json"
	JournalFile     = "events.jsonl"
	MetricsFile     = "metrics.json"
	ledgerFile      = "ledger.json"
	ModelFile       = "model.safetensors"
	PreprocessFile  = "preprocess.json"
	PredictionsFile = "predictions.csv"
	mistakesFile    = "mistakes.json"
	ReportFile      = "report.html"
	CheckpointsDir  = "checkpoints"

	lockFile = "lock"
	workDir  = "work" // raw columns and views; removed when the run is finished
)

// directory is a run's directory, locked by this process.
type directory struct {
	path  string
	fresh bool // made, or taken empty, by this process: nothing in it is older

	root  string // path, absolute: the same in an architecture's process
	lock  *flock.Flock
	above string // the highest directory that was made on the way; "" when path existed
}

// claim locks a run's directory, making it when there is none. A directory that holds anything else than a run, a
// finished run, one of another identity, or one that another process works on, is refused with an [*Error] and left alone.
func claim(ctx context.Context, path string, id Identity) (*directory, error) {
	fresh, err := inspect(path)
	if err != nil {
		return nil, err
	}
	if !fresh {
		if err := admit(path, id); err != nil {
			return nil, err
		}
	}
	root, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", path, err)
	}
	d := &directory{path: path, root: root, above: firstMissing(root)}
	if err := d.acquire(ctx); err != nil {
		return nil, err
	}
	if d.fresh, err = inspect(path); err == nil && !d.fresh {
		err = admit(path, id) // again, now that nobody else can change it
	}
	if err != nil {
		return nil, errors.Join(err, d.release())
	}
	return d, nil
}

// inspect tells whether a path is free for a new run, without touching it.
func inspect(path string) (fresh bool, err error) {
	entries, err := os.ReadDir(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true, nil
	case err != nil:
		return false, &Error{Path: path, Problem: "cannot be a run's directory", Hint: "choose another one with --out", Err: err}
	}
	fresh = true
	for _, e := range entries {
		switch {
		case e.Name() == RunFile:
			return false, nil
		case e.Name() != lockFile && !strings.HasPrefix(e.Name(), "."+RunFile):
			fresh = false
		}
	}
	if !fresh {
		return false, &Error{Path: path, Problem: "this directory holds something else than a run", Hint: "choose an empty or a new one with --out"}
	}
	return true, nil
}

// firstMissing is the highest directory of a path that does not exist yet; "" when all do.
func firstMissing(path string) string {
	missing := ""
	for at := filepath.Clean(path); ; at = filepath.Dir(at) {
		if _, err := os.Lstat(at); err == nil || at == filepath.Dir(at) {
			return missing
		}
		missing = at
	}
}

func (d *directory) acquire(ctx context.Context) error {
	if err := os.MkdirAll(d.path, 0o755); err != nil {
		return &Error{Path: d.path, Problem: "the run's directory cannot be made", Hint: "choose another place with --out", Err: err}
	}
	d.lock = flock.New(d.file(lockFile))
	patient, done := context.WithTimeout(ctx, dying)
	defer done()
	switch _, err := d.lock.TryLockContext(patient, dying/100); {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Path: d.path, Problem: "another process works on this run", Hint: "wait for it, or choose another directory with --out"}
	default:
		return &Error{Path: d.path, Problem: "the run's directory cannot be written", Hint: "choose another place with --out", Err: err}
	}
}

// dying is how long a process that was killed may take, on a busy machine, to let go of its run. A daemon that was killed with it and
// started again finds the run taken until then.
const dying = 3 * time.Second

// admit checks that the run in a directory is the one asked for, and unfinished.
func admit(path string, id Identity) error {
	r, err := ReadRecord(path)
	switch {
	case err != nil:
		return &Error{Path: filepath.Join(path, RunFile), Problem: "the run cannot be read", Hint: "choose another directory with --out", Err: err}
	case r.Identity != id:
		return &Error{Path: path, Problem: "this directory holds another run: " + r.Identity.difference(id), Hint: "choose another directory with --out"}
	case r.State == StateFinished:
		return &Error{Path: path, Problem: "this run is finished", Hint: "its report is " + filepath.Join(path, ReportFile) + "; --again makes a new run beside it"}
	}
	return nil
}

// file is the absolute path of a file in the directory.
func (d *directory) file(name string) string { return filepath.Join(d.root, name) }

// release gives the directory back; what is in it stays.
func (d *directory) release() error {
	if err := d.lock.Unlock(); err != nil {
		return fmt.Errorf("unlock %s: %w", d.path, err)
	}
	return nil
}

// discard removes a fresh directory with all that it holds, and those that were made to hold it.
func (d *directory) discard() error {
	err := os.RemoveAll(d.path)
	for at := filepath.Dir(d.root); d.above != "" && len(at) >= len(d.above); at = filepath.Dir(at) {
		if os.Remove(at) != nil {
			break // not empty: someone else uses it by now
		}
	}
	return errors.Join(err, d.release())
}

// clear removes what an attempt that was killed left and nobody reads: what is under work/ has no checksums, and of files that are
// written beside their place, some were not put there.
func (d *directory) clear() error {
	entries, err := os.ReadDir(d.root)
	names := slices.Concat(kept, []string{RunFile})
	for _, e := range entries {
		half := slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(e.Name(), "."+name) })
		if half || e.Name() == workDir {
			err = errors.Join(err, os.RemoveAll(d.file(e.Name())))
		}
	}
	return err
}

// sweep removes what only a run in progress needs.
func (d *directory) sweep() error {
	return errors.Join(os.RemoveAll(d.file(workDir)), os.RemoveAll(d.file(CheckpointsDir)), os.Remove(d.file(lockFile)))
}

// unfinished finds the first of a directory and its numbered siblings, "runs/x", "runs/x-2", …, that holds no finished run.
func unfinished(path string) string {
	candidate := path
	for n := 2; ; n++ {
		if r, err := ReadRecord(candidate); err != nil || r.State != StateFinished {
			return candidate
		}
		candidate = fmt.Sprintf("%s-%d", path, n)
	}
}
