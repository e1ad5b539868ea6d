//go:build !amd64

package kernel

// detect knows no vector kernels for this architecture.
func detect() ISA { return Portable }
