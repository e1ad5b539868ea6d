package queue

import (
	"time"

	"tuned/daemon/store"
)

// An alert that could not be delivered is tried again after retryFirst, and each time after twice as long, up to retryMost.
const (
	retryFirst = 30 * time.Second
	retryMost  = 10 * time.Minute
)

// outbox remembers, by alert, the tries that failed. It is not kept: a daemon that starts tries all alerts at once.
type outbox map[int64]failure

// failure is how often an alert could not be delivered, and from when on it is tried again.
type failure struct {
	times int
	again time.Time
}

// next is the alert to be tried now, if one is due: the oldest of those that failed least often. A new one therefore waits for none
// that cannot be delivered, and alerts come in order where all can.
func (o outbox) next(undelivered []store.Alert, now time.Time) (next store.Alert, ok bool) {
	for _, a := range undelivered {
		if now.Before(o[a.ID].again) {
			continue
		}
		if !ok || o[a.ID].times < o[next.ID].times {
			next, ok = a, true
		}
	}
	return next, ok
}

// failed puts an alert off.
func (o outbox) failed(a store.Alert, now time.Time) {
	times := o[a.ID].times
	o[a.ID] = failure{times + 1, now.Add(min(retryFirst<<min(times, 10), retryMost))}
}

// pause is how long to wait for what is due next. It has an end, since reading the store may have failed, and a least, so that
// nothing spins.
func (o outbox) pause(now time.Time) time.Duration {
	pause := retryFirst
	for _, f := range o {
		pause = min(pause, f.again.Sub(now))
	}
	return max(pause, time.Second)
}
