// Package failpoint ends the process at a named place, as if the power went, so that a test can find out what is left.
// Nothing happens unless the environment asks for it.
package failpoint

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// Variable is the environment's variable that names a place, and after a colon how often it is passed before:
// "settle.before:2".
const Variable = "TUNED_FAILPOINT"

// Names lists the places.
var Names = []string{
	"submit.before-commit", "submit.committed", "attempt.before", "plan.judged", "attempt.after", "settle.before", "attempt.settled",
	"approve.committed", "recover.before",
}

var (
	place, passes = parse(os.Getenv(Variable))
	passed        atomic.Int64
)

func parse(text string) (string, int64) {
	name, count, _ := strings.Cut(text, ":")
	n, _ := strconv.ParseInt(count, 10, 64) // without a number: the first time
	return name, n
}

// Hit ends the process if this is the place.
func Hit(name string) {
	if name == place && passed.Add(1) > passes {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // the signal is on its way
	}
}
