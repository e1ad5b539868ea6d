package queue

import (
	"cmp"
	"slices"
	"time"

	"tuned/daemon/store"
)

// How jobs are ordered.
const (
	// ageing is how much waiting weighs against cost: ten seconds in the queue are worth one second of promised work. So
	// short jobs go first among those that came together, and no stream of short ones holds a long one up for ever.
	ageing = 10
	// promotion is the waiting after which a job counts as one priority higher.
	promotion = 24 * time.Hour
	// patience is how long a job that does not fit beside others lets later ones pass. Then the machine is kept free for it.
	patience = 10 * time.Minute
)

// next picks the job to start with what is free, or none. jobs are all that are queued; capacity is the whole machine.
func next(jobs []store.Job, free, capacity store.Needs, now time.Time) (store.Job, bool) {
	slices.SortStableFunc(jobs, func(a, b store.Job) int { return before(a, b, now) })
	for _, j := range jobs {
		if fits(clamp(j.Needs, capacity), free) {
			return j, true
		}
		if now.Sub(j.Submitted) > patience {
			return store.Job{}, false
		}
	}
	return store.Job{}, false
}

// before orders two jobs: the higher priority, then the smaller promise, less for each second of waiting.
func before(a, b store.Job, now time.Time) int {
	return cmp.Or(
		cmp.Compare(rank(b, now), rank(a, now)),
		cmp.Compare(price(a), price(b)),
		cmp.Compare(a.ID, b.ID),
	)
}

func rank(j store.Job, now time.Time) int { return j.Priority + int(now.Sub(j.Submitted)/promotion) }

// price is a job's cost and its age in one number of seconds; the clock moves all alike, so that the order stays.
func price(j store.Job) float64 {
	return cost(j) + float64(j.Submitted.UnixMilli())/1000/ageing
}

// cost is what a job's plan promises, in seconds; before there is one, a guess by the size of its table.
func cost(j store.Job) float64 {
	if j.Promise != nil {
		return j.Promise.Seconds
	}
	return 5 + 10*float64(j.Data.Bytes)/(1<<20)
}

// clamp lets a job that needs more than there is have all there is.
func clamp(n, capacity store.Needs) store.Needs {
	return store.Needs{
		Threads: min(n.Threads, capacity.Threads), Memory: min(n.Memory, capacity.Memory), GPUs: min(n.GPUs, capacity.GPUs),
	}
}

func fits(n, free store.Needs) bool {
	return n.Threads <= free.Threads && n.Memory <= free.Memory && n.GPUs <= free.GPUs
}

func minus(a, b store.Needs) store.Needs {
	return store.Needs{Threads: a.Threads - b.Threads, Memory: a.Memory - b.Memory, GPUs: a.GPUs - b.GPUs}
}
