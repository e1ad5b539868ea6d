package job

import (
	"errors"

	"tuned/plugins"
)

// Died tells whether a run ended because the architecture's process did, for a reason that need not come again: it was
// killed from outside, or crashed. Going on from the last checkpoint may well succeed. A lack of memory that is certain is
// not such a reason.
func Died(err error) bool {
	var e *plugins.ExitError
	return errors.As(err, &e) && !(e.OutOfMemory && e.Known)
}
