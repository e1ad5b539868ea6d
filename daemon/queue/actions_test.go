package queue

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tuned/daemon/attempt"
	"tuned/daemon/store"
)

// handIn submits a job.
func handIn(t *testing.T, q *Queue, key string) (store.Job, error) {
	t.Helper()
	table, err := q.Receive("t.csv", strings.NewReader("a,y\n1,2\n"))
	if err != nil {
		t.Fatal(err)
	}
	return q.Submit(t.Context(), Submission{Key: key, Spec: spec, Data: table})
}

// accepted opens a queue with a job in it.
func accepted(t *testing.T) (*Queue, store.Job) {
	t.Helper()
	q, err := opened(t, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.Close() })
	j, err := handIn(t, q, "one")
	if err != nil {
		t.Fatal(err)
	}
	return q, j
}

// TestNothingRunsThatCannotBeStopped: a job is not seen running before there is something that a pause would stop.
func TestNothingRunsThatCannotBeStopped(t *testing.T) {
	q, j := accepted(t)
	q.Program = attempt.Program{Path: "/bin/false"}
	q.mu.Lock() // an attempt cannot be entered
	started := make(chan error, 1)
	go func() { started <- q.start(context.Background(), j) }()
	time.Sleep(100 * time.Millisecond)
	now, err := q.store.Job(t.Context(), j.ID)
	q.mu.Unlock()
	if err != nil || now.State != store.Queued {
		t.Errorf("the job is %s, and a pause would find no attempt: %v", now.State, err)
	}
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	q.attempts.Wait()
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	if err := q.start(t.Context(), j); err == nil || q.free() != q.Capacity {
		t.Errorf("a start that failed takes something: %v", err)
	}
}

// TestRetryByAnotherVersion: what an older version of tuned began and left unfinished is planned again, since none can go on with
// another's run.
func TestRetryByAnotherVersion(t *testing.T) {
	q, j := accepted(t)
	_, err := q.store.Change(t.Context(), j.ID, "state", func(j *store.Job) error {
		j.State, j.Version = store.Running, "older"
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.Cancel(t.Context(), j.ID); err != nil {
		t.Fatal(err)
	}
	again, err := q.Retry(t.Context(), j.ID)
	if err != nil || again.State != store.Queued || again.Revision != j.Revision+1 {
		t.Errorf("the job is %s, revision %d, and goes on with the older version's run: %v", again.State, again.Revision, err)
	}
	if kept, err := q.Place.readRecord(j.ID); err != nil || kept.Revision != again.Revision {
		t.Errorf("its directory says revision %d: %v", kept.Revision, err)
	}
}

// TestSubmitTwice: who asks again for what was accepted gets it, also where nothing new is accepted by now.
func TestSubmitTwice(t *testing.T) {
	q, j := accepted(t)
	q.Most = 1
	if again, err := handIn(t, q, "one"); err != nil || again.ID != j.ID {
		t.Errorf("the same submission is job %d, not %d: %v", again.ID, j.ID, err)
	}
	if _, err := handIn(t, q, "two"); err != ErrTooMany { // as it is: its words are for people
		t.Errorf("another one gives %v, not %v", err, ErrTooMany)
	}
}

// TestRefusedSubmissionStaysRefused: what was not accepted is no job after the next start.
func TestRefusedSubmissionStaysRefused(t *testing.T) {
	dir := t.TempDir()
	q, err := opened(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	table, err := q.Receive("t.csv", strings.NewReader("a,y\n1,2\n"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(t.Context())
	go func() { // whoever hands it in leaves while it is written
		for ctx.Err() == nil {
			if _, err := os.Stat(filepath.Join(dir, "jobs", "1")); err == nil {
				leave()
			}
		}
	}()
	_, refused := q.Submit(ctx, Submission{Key: "one", Spec: spec, Data: table})
	leave()
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	if q, err = opened(t, dir); err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	jobs, err := q.store.Jobs(t.Context())
	if err != nil || (refused == nil) != (len(jobs) == 1) {
		t.Errorf("a submission that was answered with %v is %d jobs: %v", refused, len(jobs), err)
	}
}
