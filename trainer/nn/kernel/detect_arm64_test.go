package kernel

import (
	"os"
	"strings"
	"testing"
)

// TestNEONIsInUse: what other tests say of kernels would be of plain Go otherwise. make test-all runs it with NEON forbidden as well: under
// emulation a test cannot start itself to see that.
func TestNEONIsInUse(t *testing.T) {
	want := NEON
	if strings.Contains(os.Getenv("GODEBUG"), "cpu.asimd=off") {
		want = Portable
	}
	if Active() != want {
		t.Errorf("%s is in use, want %s", Active(), want)
	}
}
