package job

import "syscall"

// account is the kernel's of this process.
func account() (r syscall.Rusage) {
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r) // it cannot fail for the calling process
	return r
}

// ownCPU is the CPU time that this process has used, in seconds.
func ownCPU() float64 {
	r := account()
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
}
