package session

import (
	"fmt"

	"tuned/trainer/model"
)

// processBytes is what a process holds besides its session: the Go runtime, the program's pages, gRPC's buffers.
const processBytes = 24 << 20

// budget counts what was allocated against a limit in bytes; 0 is no limit.
type budget struct{ limit, used int64 }

// take reserves n bytes, or says what did not fit.
func (b *budget) take(n int64, what string) error {
	if b.limit > 0 && n > b.limit-b.used {
		return fmt.Errorf("%w: %s needs %d bytes, and %d of %d are free", model.ErrOutOfMemory, what, n, b.limit-b.used, b.limit)
	}
	b.used += n
	return nil
}

func (b *budget) give(n int64) { b.used -= n }

// free is what can still be taken; 0 when there is no limit, at least 1 otherwise.
func (b *budget) free() int64 {
	if b.limit == 0 {
		return 0
	}
	return max(b.limit-b.used, 1)
}
