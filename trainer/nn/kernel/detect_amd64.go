package kernel

import "golang.org/x/sys/cpu"

// detect lists the instruction sets that have kernels here and that GODEBUG allows, slowest first.
func detect() []ISA {
	wide := cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL
	switch {
	case !cpu.X86.HasAVX2 || !cpu.X86.HasFMA:
		return []ISA{Portable}
	case !wide:
		return []ISA{Portable, AVX2}
	}
	return []ISA{Portable, AVX2, AVX512}
}
