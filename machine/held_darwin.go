package machine

import (
	"sync"

	"github.com/ebitengine/purego"
)

// rusageInfo is rusage_info_v0 of sys/resource.h.
type rusageInfo struct {
	_             [16]byte  // ri_uuid
	_             [7]uint64 // up to ri_resident_size
	physFootprint uint64
	_             [2]uint64
}

// procPidRusage is libSystem's function of that name.
var procPidRusage = sync.OnceValues(func() (call func(pid, flavor int32, into *rusageInfo) int32, err error) {
	system, err := purego.Dlopen("/usr/lib/libSystem.B.dylib", purego.RTLD_LAZY|purego.RTLD_GLOBAL)
	if err == nil {
		purego.RegisterLibFunc(&call, system, "proc_pid_rusage")
	}
	return call, err
})

// held is a process's physical footprint, by which macOS itself judges it: what it wrote to, compressed pages included, and not
// the pages of mapped files. Where the system does not tell, all that is resident counts.
func held(pid int, resident int64) int64 {
	call, err := procPidRusage()
	var info rusageInfo
	if err != nil || call(int32(pid), 0, &info) != 0 {
		return resident
	}
	return int64(info.physFootprint)
}
