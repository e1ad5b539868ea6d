//go:build !amd64 && !arm64

package kernel

// detect knows no vector kernels for this architecture.
func detect() []ISA { return []ISA{Portable} }
