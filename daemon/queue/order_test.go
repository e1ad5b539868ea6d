package queue

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"tuned/daemon/store"
	"tuned/job"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// queued is a job of some seconds that came some time ago and takes threads.
func queued(id int64, seconds float64, ago time.Duration, threads int64, priority int) store.Job {
	return store.Job{
		ID: id, State: store.Queued, Priority: priority, Submitted: noon.Add(-ago), Promise: &job.Promise{Seconds: seconds},
		Needs: store.Needs{Threads: threads, Memory: 1},
	}
}

func TestNext(t *testing.T) {
	whole := store.Needs{Threads: 4, Memory: 10}
	for _, c := range []struct {
		name string
		jobs []store.Job
		free store.Needs
		want int64 // 0: none
	}{
		{"nothing is queued", nil, whole, 0},
		{"the shorter of two", []store.Job{queued(1, 60, 0, 1, 0), queued(2, 5, 0, 1, 0)}, whole, 2},
		{"the first of two alike", []store.Job{queued(1, 5, 0, 1, 0), queued(2, 5, 0, 1, 0)}, whole, 1},
		{"a higher priority before a shorter one", []store.Job{queued(1, 600, 0, 1, 1), queued(2, 5, 0, 1, 0)}, whole, 1},
		{"one that waited long before a shorter one", []store.Job{queued(1, 100, 20*time.Minute, 1, 0), queued(2, 5, 0, 1, 0)}, whole, 1},
		{"a day's waiting counts as a priority", []store.Job{queued(1, 1e6, 25*time.Hour, 1, 0), queued(2, 1, 0, 1, 0)}, whole, 1},
		{"one that fits beside others", []store.Job{queued(1, 5, 0, 4, 0), queued(2, 60, 0, 1, 0)}, store.Needs{Threads: 2, Memory: 5}, 2},
		{"room is kept for one that waited for it", []store.Job{queued(1, 5, 11*time.Minute, 4, 0), queued(2, 60, 0, 1, 0)}, store.Needs{Threads: 2, Memory: 5}, 0},
		{"one that needs more than there is gets all there is", []store.Job{queued(1, 5, 0, 64, 0)}, whole, 1},
	} {
		got, ok := next(c.jobs, c.free, whole, noon)
		if ok != (c.want > 0) || got.ID != c.want {
			t.Errorf("%s: job %d, %v", c.name, got.ID, ok)
		}
	}
}

// However short the jobs are that keep coming, one that is there is next in a bounded time.
func TestNothingStarves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		long := queued(1, rapid.Float64Range(1, 36_000).Draw(t, "seconds"), 0, rapid.Int64Range(1, 8).Draw(t, "threads"), 0)
		whole := store.Needs{Threads: 4, Memory: 10}
		bound := 25 * time.Hour // a day promotes it before all that come later
		for at := time.Duration(0); ; at += 10 * time.Minute {
			if at > bound {
				t.Fatalf("a job of %.0f s still waits after %s", long.Promise.Seconds, at)
			}
			short := queued(2, rapid.Float64Range(0.1, 5).Draw(t, "short"), 0, 1, 0)
			short.Submitted = noon.Add(at)
			if j, ok := next([]store.Job{long, short}, whole, whole, noon.Add(at)); ok && j.ID == 1 {
				return
			}
		}
	})
}

// The order is one: it does not depend on how the jobs are listed.
func TestOrderIsTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var jobs []store.Job
		for i := range rapid.IntRange(2, 8).Draw(t, "jobs") {
			jobs = append(jobs, queued(int64(i+1), rapid.Float64Range(0, 100).Draw(t, "seconds"),
				time.Duration(rapid.IntRange(0, 100_000).Draw(t, "ago"))*time.Second, 1, rapid.IntRange(-1, 1).Draw(t, "priority")))
		}
		shuffled := rapid.Permutation(jobs).Draw(t, "order")
		whole := store.Needs{Threads: 4, Memory: 10}
		a, _ := next(append([]store.Job(nil), jobs...), whole, whole, noon)
		b, _ := next(shuffled, whole, whole, noon)
		if a.ID != b.ID {
			t.Fatalf("job %d or %d", a.ID, b.ID)
		}
	})
}

func TestOvertaken(t *testing.T) {
	long := queued(1, 600, 0, 1, 0)
	for _, c := range []struct {
		name   string
		job    store.Job
		others []store.Job
		want   bool
	}{
		{"nobody waits", long, nil, false},
		{"a much shorter one waits", long, []store.Job{queued(2, 10, 0, 1, 0)}, true},
		{"one hardly shorter waits", long, []store.Job{queued(2, 500, 0, 1, 0)}, false},
		{"a short job is not held back", queued(1, 30, 0, 1, 0), []store.Job{queued(2, 1, 0, 1, 0)}, false},
		{"a more urgent one waits", long, []store.Job{queued(2, 900, 0, 1, 5)}, true},
		{"a less urgent one waits", long, []store.Job{queued(2, 1, 0, 1, -5)}, false},
	} {
		if got := overtaken(c.job, c.others, noon); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
