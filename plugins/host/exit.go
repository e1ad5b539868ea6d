package host

import (
	"os"
	"regexp"
	"slices"
	"syscall"

	"tuned/plugins"
)

// memoryWords are how runtimes and libraries say that there was no memory left; a thread that cannot be started has no room
// for its stack.
var memoryWords = regexp.MustCompile(`(?i)out of memory|MemoryError|(cannot|can't|could not) allocate memory|bad_alloc|pthread_create failed|failed to create new OS thread`)

// death is all that is known of how a child ended.
type death struct {
	state  *os.ProcessState
	reason string // the host's, when the host ended it
	memory bool   // whether that reason is memory
	kernel bool   // the kernel reports a kill for memory
	data   bool   // the kernel refused it more data than some
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
	case d.data && faulted(d):
		e.OutOfMemory, e.Reason = true, "it crashed in a way that may come from the limit on its memory"
	default:
		e.Known = true
	}
	return e
}

// faults are how Go says that it, or C code in it, got a signal; its collector does where it is refused memory.
var faults = regexp.MustCompile(`^SIG(SEGV|ABRT|BUS): `)

// faulted reports whether the program ended by touching, or giving up on, memory that it did not get.
func faulted(d death) bool {
	if slices.ContainsFunc(d.stderr, faults.MatchString) {
		return true
	}
	signal, ok := signalOf(d.state)
	return ok && (signal == syscall.SIGSEGV || signal == syscall.SIGABRT || signal == syscall.SIGBUS)
}

func statusText(state *os.ProcessState) string {
	if state == nil {
		return "never started"
	}
	return state.String()
}

func killed(state *os.ProcessState) bool {
	signal, ok := signalOf(state)
	return ok && signal == syscall.SIGKILL
}

// signalOf is the signal that ended a process, if one did.
func signalOf(state *os.ProcessState) (syscall.Signal, bool) {
	if state == nil {
		return 0, false
	}
	status, ok := state.Sys().(syscall.WaitStatus)
	return status.Signal(), ok && status.Signaled()
}

// exit explains the child's end; it must have ended.
func (c *child) exit() *plugins.ExitError {
	c.mu.Lock()
	d := death{state: c.state, reason: c.reason, memory: c.memory}
	c.mu.Unlock()
	d.kernel, d.data = c.limits.kernel.killed(), c.limits.kernel.refuses()
	d.stderr = c.tail.telling()
	if d.reason == "" && c.state != nil && c.state.Success() {
		d.reason = "it stopped serving by itself"
		if !c.handshake.done() {
			d.reason = "it serves nothing"
		}
	}
	return explain(c.program.Name, d)
}
