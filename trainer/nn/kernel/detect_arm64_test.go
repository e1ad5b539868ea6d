package kernel

import (
	"os"
	"testing"
)

// TestNEONIsInUse: what other tests say of kernels would be of plain Go otherwise.
func TestNEONIsInUse(t *testing.T) {
	if os.Getenv("GODEBUG") == "" && Active() != NEON {
		t.Errorf("%s is in use", Active())
	}
}
