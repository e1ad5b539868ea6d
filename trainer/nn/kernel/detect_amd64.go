package kernel

import "golang.org/x/sys/cpu"

// detect finds the best instruction set that has kernels here and that GODEBUG allows.
func detect() ISA {
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		return AVX2
	}
	return Portable
}
