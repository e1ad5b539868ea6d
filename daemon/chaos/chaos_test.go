package chaos

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/zap"

	"tuned/daemon/api"
	"tuned/daemon/client"
	"tuned/daemon/failpoint"
	"tuned/daemon/store"
	"tuned/job"
	"tuned/trainer"
)

// spec is a job that takes a second or two, with checkpoints on the way.
const spec = `name = "chaos-%d"
[data]
path = "table.csv"
target = "y"
[limits]
threads = 1
[pin]
epochs = %d
batch_size = 32
checkpoint_every = 100
`

// kinds is how many different jobs there are: each is run undisturbed once, and killed many times.
const kinds = 3

func specOf(kind int) string { return fmt.Sprintf(spec, kind, 150+50*kind) }

func TestChaos(t *testing.T) {
	kills, jobs := 300, 40
	if os.Getenv("CHAOS") != "long" {
		kills, jobs = 16, 4
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d, %d kills, %d jobs", seed, kills, jobs)
	table := writeTable(t)
	want := undisturbed(t, table)
	c := chaos{
		T: t, ctx: t.Context(), random: rand.New(rand.NewPCG(seed, 1)), table: table, state: filepath.Join(t.TempDir(), "state"),
		accepted: map[string]int64{}, by: map[string]int{},
	}
	c.victim = newVictim(t, c.state)
	c.client = client.Unix(filepath.Join(c.state, "tuned.sock"))
	defer c.client.Close()
	c.rampage(kills, jobs)
	c.interruptBehindCheckpoint()
	c.settle()
	c.compare(want)
	t.Logf("%d kills: %v; %d times a run went on from a checkpoint", c.kills, c.by, c.resumed)
}

// chaos is one test's course.
type chaos struct {
	*testing.T
	ctx      context.Context
	random   *rand.Rand
	table    string
	state    string
	victim   *victim
	client   *client.Client
	accepted map[string]int64 // by the submitter's key
	kills    int
	by       map[string]int
	resumed  int // from checkpoints, in runs that finished
}

// rampage submits jobs and kills until both are enough. Each round starts a daemon, half of them with a failpoint in it.
func (c *chaos) rampage(kills, jobs int) {
	next := 0
	for round := 0; c.kills < kills; round++ {
		point := ""
		if round%2 == 1 {
			point = failpoint.Names[(round/2)%len(failpoint.Names)] + fmt.Sprintf(":%d", c.random.IntN(3))
		}
		c.victim.start(point)
		until := time.Now().Add(time.Duration(300+c.random.IntN(2500)) * time.Millisecond)
		for time.Now().Before(until) && c.kills < kills && !c.victim.dead() {
			if next < jobs && c.submit(next, 0) {
				next++
			}
			if c.random.IntN(3) == 0 {
				c.strike()
			}
			time.Sleep(time.Duration(50+c.random.IntN(200)) * time.Millisecond)
		}
		c.end(point)
		if c.open() == 0 && next >= jobs {
			jobs += kinds // everything is done before there were enough kills
		}
	}
}

// interruptBehindCheckpoint strikes once a run has a checkpoint, until one run went on from there: a few random kills may
// never meet such a moment, and a run may end before it is struck.
func (c *chaos) interruptBehindCheckpoint() {
	key := kinds * len(c.accepted) // no other job has it
	for deadline := time.Now().Add(3 * time.Minute); ; key++ {
		dir := c.strikeBehindCheckpoint(key)
		c.victim.start("")
		for !exists(filepath.Join(dir, job.ModelFile)) {
			if time.Now().After(deadline) {
				c.Fatal("no run went on from a checkpoint")
			}
			time.Sleep(20 * time.Millisecond)
		}
		c.victim.kill()
		if resumes(c.T, dir) > 0 {
			return
		}
	}
}

// strikeBehindCheckpoint submits a job, kills everything as soon as the job's run has a checkpoint, and gives its directory.
func (c *chaos) strikeBehindCheckpoint(key int) (dir string) {
	c.victim.start("")
	deadline := time.Now().Add(2 * time.Minute)
	for dir == "" || !checkpointed(dir) {
		if time.Now().After(deadline) {
			c.Fatal("no run leaves a checkpoint")
		}
		if dir == "" && c.submit(key, ahead) {
			dir = c.directory(c.accepted[keyOf(key)])
		}
		time.Sleep(10 * time.Millisecond)
	}
	killAll(append(c.victim.architectures(), c.victim.attempts()...))
	c.victim.kill()
	c.by["behind a checkpoint"]++
	c.kills++
	return dir
}

// checkpointed reports whether a run has a whole checkpoint: one that is being written has a name with a dot.
func checkpointed(dir string) bool {
	whole, _ := filepath.Glob(filepath.Join(dir, job.CheckpointsDir, "[0-9]*")) // the pattern is well-formed
	return len(whole) > 0
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func keyOf(n int) string { return fmt.Sprintf("key-%d", n) }

// directory is where a job runs.
func (c *chaos) directory(id int64) string {
	return filepath.Join(c.state, "jobs", fmt.Sprint(id), "run-1")
}

// ahead is the priority of a job that does not wait for the others.
const ahead = 1

// submit hands in a job, and remembers it if it was accepted. A try without an answer is made again with the same key.
func (c *chaos) submit(n, priority int) bool {
	ctx, cancel := context.WithTimeout(c.ctx, 2*time.Second)
	defer cancel()
	key := keyOf(n)
	data, err := c.client.Upload(ctx, c.table)
	if err != nil {
		return false
	}
	j, err := c.client.Submit(ctx, key, api.Submission{Spec: specOf(n % kinds), Data: data, Priority: priority})
	if err != nil {
		return false
	}
	c.accepted[key] = j.ID
	return true
}

// strike kills an attempt or an architecture, if there is one.
func (c *chaos) strike() {
	name, pids := "attempt", c.victim.attempts()
	if c.random.IntN(2) == 0 {
		name, pids = "architecture", c.victim.architectures()
	}
	if n := killAll(pids); n > 0 {
		c.kills++
		c.by[name]++
	}
}

// end kills the daemon: by itself, or all that it started first.
func (c *chaos) end(point string) {
	switch {
	case c.victim.dead():
		c.by[point]++
	case c.random.IntN(2) == 0:
		killAll(append(c.victim.architectures(), c.victim.attempts()...))
		c.victim.kill()
		c.by["all"]++
	default:
		c.victim.kill()
		c.by["daemon"]++
	}
	c.kills++
}

// open counts the jobs that are not finished, read from the database while no daemon has it.
func (c *chaos) open() int {
	c.Helper()
	s, err := store.Open(c.ctx, filepath.Join(c.state, "queue.db"))
	if err != nil {
		c.Fatal(err)
	}
	defer s.Close()
	jobs, err := s.Jobs(c.ctx)
	if err != nil {
		c.Fatal(err)
	}
	n := 0
	for _, j := range jobs {
		if j.State == store.Failed {
			c.Fatalf("job %d failed: %s", j.ID, j.Reason)
		}
		if j.State != store.Finished {
			n++
		}
	}
	return n
}

// settle lets everything finish undisturbed.
func (c *chaos) settle() {
	c.victim.start("")
	deadline := time.Now().Add(10 * time.Minute)
	for {
		jobs, err := c.client.Jobs(c.ctx, "queued", "running", "waiting", "paused")
		if err == nil && len(jobs) == 0 {
			break
		}
		if err != nil && !errors.Is(err, client.ErrAbsent) || time.Now().After(deadline) {
			c.Fatalf("%d jobs are left: %v", len(jobs), err)
		}
		time.Sleep(100 * time.Millisecond)
	}
	c.victim.kill()
}

// compare holds the promises: every accepted job is there, finished once, with the bits of an undisturbed run.
func (c *chaos) compare(want map[string]string) {
	c.Helper()
	s, err := store.Open(c.ctx, filepath.Join(c.state, "queue.db"))
	if err != nil {
		c.Fatal(err)
	}
	defer s.Close()
	finished := c.finishes(s)
	for key, id := range c.accepted {
		j, err := s.Job(c.ctx, id)
		switch {
		case err != nil:
			c.Errorf("%s was accepted as job %d and is lost: %v", key, id, err)
		case j.Key != key || j.State != store.Finished:
			c.Errorf("job %d of %s is %s of %s: %s", id, key, j.State, j.Key, j.Reason)
		case finished[id] != 1:
			c.Errorf("job %d finished %d times", id, finished[id])
		}
		dir := c.directory(id)
		c.resumed += resumes(c.T, dir)
		got := hashOf(c.T, filepath.Join(dir, job.ModelFile))
		if got != want[j.Name] {
			c.Errorf("job %d (%s): the weights are %s and not %s", id, j.Name, got, want[j.Name])
		}
	}
}

// finishes counts how often each job was told to be finished.
func (c *chaos) finishes(s *store.Store) map[int64]int {
	events, err := s.Events(c.ctx, 0, 1_000_000)
	if err != nil {
		c.Fatal(err)
	}
	n := map[int64]int{}
	for _, e := range events {
		if e.State == store.Finished && e.Kind == "state" {
			n[e.Job]++
		}
	}
	return n
}

// resumes counts how often a run went on from a checkpoint.
func resumes(t *testing.T, dir string) int {
	t.Helper()
	entries, err := job.ReadJournal(filepath.Join(dir, job.JournalFile))
	if err != nil {
		t.Error(err)
	}
	n := 0
	for _, e := range entries {
		if trained, ok := e.Event.(job.Trained); ok && trained.Event.Kind == trainer.Resumed {
			n++
		}
	}
	return n
}

// undisturbed runs each kind of job once, without a daemon, and gives the hashes of the weights by name.
func undisturbed(t *testing.T, table string) map[string]string {
	t.Helper()
	a, err := architectures(zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for kind := range kinds {
		j, err := job.Parse("job.toml", specOf(kind))
		if err != nil {
			t.Fatal(err)
		}
		j.Data.Path = table
		dir := filepath.Join(t.TempDir(), "run")
		if _, err := job.Run(t.Context(), j, job.Options{Out: dir, Version: version, Architectures: a}); err != nil {
			t.Fatal(err)
		}
		want[j.Name] = hashOf(t, filepath.Join(dir, job.ModelFile))
	}
	return want
}

func hashOf(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// writeTable writes a table that can be learned.
func writeTable(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "table.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := csv.NewWriter(f)
	_ = w.Write([]string{"a", "b", "c", "y"}) // errors stay with the writer
	r := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		a, b, c := r.NormFloat64(), r.NormFloat64(), r.NormFloat64()
		_ = w.Write([]string{fmt.Sprint(a), fmt.Sprint(b), fmt.Sprint(c), map[bool]string{true: "yes", false: "no"}[a*a+b > 1]})
	}
	w.Flush()
	if err := w.Error(); err != nil {
		t.Fatal(err)
	}
	return path
}
