package kernel

import "golang.org/x/sys/cpu"

// detect finds the best instruction set that has kernels here and that GODEBUG allows.
func detect() ISA {
	wide := cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		if wide {
			return AVX512
		}
		return AVX2
	}
	return Portable
}
