package host

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"syscall"

	"tuned/plugins"
)

// memoryWords are how runtimes and libraries say that there was no memory left.
var memoryWords = regexp.MustCompile(`(?i)out of memory|MemoryError|(cannot|can't|could not) allocate memory|bad_alloc`)

// death is all that is known of how a child ended.
type death struct {
	state  *os.ProcessState
	reason string // the host's, when the host ended it
	memory bool   // whether that reason is memory
	kernel bool   // the kernel reports a kill for memory
	stderr []string
}

// explain tells an end for lack of memory from others, by the surest sign first: what the host did itself, what the program
// said, what the kernel reports. A kill that no one claims counts as one, since a trial that ends like that has failed.
func explain(name string, d death) *plugins.ExitError {
	e := &plugins.ExitError{Name: name, Status: statusText(d.state), Reason: d.reason, Stderr: d.stderr}
	switch {
	case d.reason != "":
		e.OutOfMemory, e.Known = d.memory, true
	case slices.ContainsFunc(d.stderr, memoryWords.MatchString):
		e.OutOfMemory, e.Known, e.Reason = true, true, "it ran out of memory"
	case killed(d.state) && d.kernel:
		e.OutOfMemory, e.Known, e.Reason = true, true, "the kernel ended it for using more memory than it was given"
	case killed(d.state):
		e.OutOfMemory, e.Reason = true, "something killed it, perhaps the kernel for want of memory"
	default:
		e.Known = true
	}
	return e
}

func statusText(state *os.ProcessState) string {
	if state == nil {
		return "never started"
	}
	return state.String()
}

func killed(state *os.ProcessState) bool {
	if state == nil {
		return false
	}
	status, ok := state.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// exit explains the child's end; it must have ended.
func (c *child) exit() *plugins.ExitError {
	c.mu.Lock()
	d := death{state: c.state, reason: c.reason, memory: c.memory}
	c.mu.Unlock()
	d.kernel = c.limits.killed()
	d.stderr = c.tail.telling()
	if d.reason == "" && c.state != nil && c.state.Success() {
		d.reason = fmt.Sprintf("%s stopped serving by itself", c.program.Name)
	}
	return explain(c.program.Name, d)
}
