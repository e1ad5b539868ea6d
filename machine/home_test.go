package machine_test

import (
	"os"
	"testing"

	"tuned/machine"
)

// TestHomeOfAService: services and containers are often started without HOME.
func TestHomeOfAService(t *testing.T) {
	home, err := machine.Home()
	if err != nil || home != os.Getenv("HOME") {
		t.Fatalf("%s, %v", home, err)
	}
	t.Setenv("HOME", "")
	if home, err = machine.Home(); err != nil || home == "" {
		t.Errorf("without HOME it is %q, %v", home, err)
	}
}
