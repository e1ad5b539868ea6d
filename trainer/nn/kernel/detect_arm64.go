package kernel

import "golang.org/x/sys/cpu"

// detect lists NEON, which every arm64 processor has, unless GODEBUG forbids it.
func detect() []ISA {
	if !cpu.ARM64.HasASIMD {
		return []ISA{Portable}
	}
	return []ISA{Portable, NEON}
}
