//go:build linux || darwin

package kernel

import (
	"os"
	"syscall"
	"testing"
	"unsafe"
)

// guarded gives n floats between two pages that must not be touched; they end at the second one, or begin after the first.
func guarded(t testing.TB, n int, end bool) []float32 {
	t.Helper()
	page := os.Getpagesize()
	inner := (4*n + page) / page * page
	memory, err := syscall.Mmap(-1, 0, inner+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(memory) })
	for _, fence := range [][]byte{memory[:page], memory[page+inner:]} {
		if err := syscall.Mprotect(fence, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	at := page
	if end {
		at = page + inner - 4*n
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&memory[at])), n)
}
