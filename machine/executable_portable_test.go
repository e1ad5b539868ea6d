//go:build !linux || portable

package machine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAReplacedExecutableIsNotStarted(t *testing.T) {
	program, err := os.ReadFile(executable(t))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, program, 0o700); err != nil {
		t.Fatal(err)
	}
	_, ask := other(t, path)
	if got := ask(); got != path+" <nil>" {
		t.Errorf("at first: %q", got)
	}
	upgrade := path + ".new"
	if err := os.WriteFile(upgrade, program, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(upgrade, path); err != nil {
		t.Fatal(err)
	}
	if got := ask(); !strings.Contains(got, "has been replaced") {
		t.Errorf("afterwards: %q", got)
	}
}
