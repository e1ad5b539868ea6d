// Package machine is what the operating system tells and does that no standard call gives: which processes there are, what each
// holds and has spent, how much memory the machine has, and how the running program is started again.
//
// Whatever it asks about may end meanwhile: then it answers "not there", which is true.
//
// Linux has its own implementation, on /proc. The other one, for macOS, is portable: with the tag "portable" it is built on Linux
// too, where its tests run.
package machine

import (
	"runtime"
	"syscall"
)

// Lineage is where a process belongs.
type Lineage struct{ Parent, Group int }

// Memory is what a process holds, in bytes.
type Memory struct {
	Peak     int64 // the highest that resident was; where the system does not tell, what it is now
	Resident int64 // anonymous, shared and file pages
	Held     int64 // what the kernel cannot take back: not the pages of mapped files, where the system tells them apart
}

// PeakOf is the most memory, in bytes, that was resident at one time, of the kernel's account of a process.
func PeakOf(r *syscall.Rusage) int64 {
	if runtime.GOOS == "darwin" {
		return int64(r.Maxrss)
	}
	return int64(r.Maxrss) << 10
}
