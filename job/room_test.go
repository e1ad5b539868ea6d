package job

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
)

// TestFullDisksAreToldOnce: several writes may fail of one full disk, and some of them in a process that says so in words.
func TestFullDisksAreToldOnce(t *testing.T) {
	spool := fmt.Errorf("write spool: %w", syscall.ENOSPC)
	for _, err := range []error{spool, errors.Join(errors.New("gone"), fmt.Errorf("view: %w", errors.Join(spool, spool))), errors.New("rpc: " + syscall.EDQUOT.Error())} {
		told := noRoom("runs/x", elsewhere, err)
		if !DiskFull(told) || !BadInput(told) || !strings.HasPrefix(told.Error(), "runs/x: the disk is full: ") || !strings.Contains(told.Error(), "\n | make room") {
			t.Errorf("%q becomes %q", err, told)
		}
		if n := strings.Count(told.Error(), "write spool"); n > 1 {
			t.Errorf("%q says it %d times", told, n)
		}
	}
	if other := syscall.EACCES; noRoom("runs/x", elsewhere, other) != error(other) || DiskFull(nil) {
		t.Error("another cause is taken for a full disk")
	}
}
