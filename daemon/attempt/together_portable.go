//go:build !linux || portable

package attempt

import "syscall"

// dieTogether does nothing: an attempt whose daemon ended hears its words end, saves what it did and ends by itself; the next
// daemon ends those that have not yet.
func dieTogether(*syscall.SysProcAttr) {}
