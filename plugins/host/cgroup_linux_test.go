//go:build !portable

package host

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestControlGroup(t *testing.T) {
	g := &controlGroup{path: t.TempDir()}
	if err := g.limit(1 << 20); !errors.Is(err, errNoControlGroup) {
		t.Errorf("without a memory controller: %v", err)
	}
	for _, file := range []string{"memory.max", "memory.swap.max", "memory.oom.group", "cgroup.kill"} {
		if err := os.WriteFile(filepath.Join(g.path, file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	events := filepath.Join(g.path, "memory.events")
	if err := os.WriteFile(events, []byte("low 0\nmax 7\noom 1\noom_kill 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(g.limit(1<<20), g.kill()); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{"memory.max": "1048576", "memory.oom.group": "1", "cgroup.kill": "1"} {
		if got, err := os.ReadFile(filepath.Join(g.path, file)); err != nil || string(got) != want {
			t.Errorf("%s is %q, %v", file, got, err)
		}
	}
	if n := g.kills(); n != 3 {
		t.Errorf("%d kills", n)
	}
}
