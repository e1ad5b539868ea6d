package host

import (
	"sync"
	"time"
)

// How often a child is looked at: often enough to end one that grows by a gigabyte a second soon after its limit.
const (
	watchLimited = 25 * time.Millisecond
	watchFree    = 100 * time.Millisecond
)

// watch measures the child, and ends it when it is above its limits. The function that it gives ends the watch.
func (c *child) watch() (stop func()) {
	c.usage.begin(c.cmd.Process.Pid)
	interval := watchFree
	if c.limits.memory > 0 {
		interval = watchLimited
	}
	quit := make(chan struct{})
	var work sync.WaitGroup
	work.Go(func() { c.keepWatch(interval, quit) })
	return func() {
		close(quit)
		work.Wait()
	}
}

func (c *child) keepWatch(interval time.Duration, quit <-chan struct{}) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		if reason, memory := c.limits.exceeded(c.usage.look(), c.usage.share); reason != "" {
			c.endWatched(reason, memory)
		}
		select {
		case <-quit:
			return
		case <-ticker.C:
		}
	}
}

// endWatched ends the child, and what has left its group: a program that multiplies must not get away.
func (c *child) endWatched(reason string, memory bool) {
	c.end(reason, memory)
	killAll(c.stray, 5*time.Second)
}
