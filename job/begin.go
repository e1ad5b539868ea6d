package job

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"

	"tuned"
	"tuned/durable"
	"tuned/heuristics"
)

// begin finds out which run is asked for, takes its directory, and opens its journal.
func begin(ctx context.Context, j *Job, o Options) (*run, error) {
	r := &run{job: j, options: o, facts: heuristics.Facts{}, threads: threadsOf(j)}
	id, err := r.identify(ctx)
	if err != nil {
		return nil, err
	}
	if r.dir, err = claim(ctx, r.place(id), id); err != nil {
		return nil, err
	}
	r.record = Record{Schema: Schema, Name: j.Name, State: StateRunning, Identity: id, Target: j.Data.Target, Data: j.Data.Path}
	if err := r.prepare(); err != nil {
		return nil, errors.Join(noRoom(r.dir.path, elsewhere, err), r.abandon())
	}
	return r, nil
}

// abandon gives the directory back when the attempt did not begin.
func (r *run) abandon() error {
	if r.dir.fresh {
		return r.dir.discard()
	}
	return r.dir.release()
}

// identify reads all that the run depends on.
func (r *run) identify(ctx context.Context) (Identity, error) {
	id := Identity{Seed: r.options.Seed, Version: r.options.Version}
	var err error
	if id.Job, err = r.job.fingerprint(); err != nil {
		return id, err
	}
	if id.Data, err = hashSource(ctx, r.job.Data.Path); err != nil {
		return id, &Error{Path: r.job.Data.Path, Problem: "the data cannot be read", Err: err}
	}
	if id.Beside, err = hashBeside(ctx, r.job.Data.Path, r.job.Data.Sheet, r.job.Data.ImageColumn); err != nil {
		return id, err
	}
	if id.Rules, err = r.readRules(); err != nil {
		return id, err
	}
	id.Plan, err = r.readReplay(id)
	return id, err
}

// readRules reads the user's file, and gives the hash of it and the built-in rules.
func (r *run) readRules() (string, error) {
	var err error
	if r.rules, err = ReadRules(r.options.Rules); err != nil {
		return "", err
	}
	return durable.Hash([]byte(r.rules.Text + "\x00" + tuned.Rules)), nil
}

// readReplay reads the plan that is replayed, and refuses one whose bits other data would change.
func (r *run) readReplay(id Identity) (string, error) {
	path := r.options.Plan
	if path == "" {
		return "", nil
	}
	p, err := readPlan(path)
	if err != nil {
		return "", err
	}
	switch {
	case p.Hashes.Data != id.Data || p.Hashes.Beside != "" && p.Hashes.Beside != id.Beside:
		return "", &Error{Path: path, Problem: "the plan was made for other data than " + r.job.Data.Path, Hint: "run the job without --plan"}
	case p.Threads < 1 || p.Threads > maxThreads:
		return "", &Error{Path: path, Problem: fmt.Sprintf("the plan has %d threads", p.Threads), Hint: "name the plan.json of a run, as the run wrote it"}
	case r.options.Seed != 0 && r.options.Seed != p.Seed:
		return "", &Error{Path: path, Problem: fmt.Sprintf("the plan has seed %d", p.Seed), Hint: "a replay keeps the plan's seed: leave --seed out"}
	}
	r.replay, r.threads, r.options.Seed = p, p.Threads, p.Seed
	hash, _, err := durable.SumFile(path)
	return hash, err
}

// place is the directory of a run.
func (r *run) place(id Identity) string {
	path := r.options.Out
	if path == "" {
		path = filepath.Join(DefaultRoot, r.job.Name+"-"+id.hash())
	}
	if r.options.Again {
		return unfinished(path)
	}
	return path
}

// prepare writes what names the run, and reads what earlier attempts left.
func (r *run) prepare() error {
	if err := r.dir.clear(); err != nil {
		return fmt.Errorf("clear %s: %w", r.dir.path, err)
	}
	if err := r.record.write(r.dir.root); err != nil {
		return err
	}
	if err := writeFile(r.dir.file(JobFile), []byte(r.job.Text)); err != nil {
		return err
	}
	journal, entries, err := openJournal(r.dir.file(JournalFile))
	if err != nil {
		return err
	}
	r.journal, r.past, r.seq = journal, newHistory(entries), int64(len(entries))
	if r.past.threads > 0 {
		r.threads = r.past.threads
	}
	r.tell(Started{
		Name: r.job.Name, Dir: r.dir.path, Version: r.options.Version, Seed: r.options.Seed, Threads: r.threads,
		Machine: runtime.GOOS + "/" + runtime.GOARCH, Resumed: len(entries) > 0, Target: r.job.Data.Target,
	})
	return r.lost
}
