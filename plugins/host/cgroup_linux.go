//go:build !portable

package host

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// controlGroup is a cgroup v2 directory for one child.
type controlGroup struct {
	path string
	dir  *os.File
	seen int64 // the kills before the directory was removed
}

var errNoControlGroup = errors.New("no control group can be made here")

// newControlGroup makes one beneath the host's own, and holds it to memory bytes. It fails wherever the host may not, or the
// memory controller is not handed down.
func newControlGroup(mark string, memory int64) (*controlGroup, error) {
	parent, err := ownControlGroup()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(parent, "tuned-"+mark)
	if err := os.Mkdir(path, 0o755); err != nil {
		return nil, err
	}
	g := &controlGroup{path: path}
	if err := g.limit(memory); err != nil {
		os.Remove(path)
		return nil, err
	}
	g.dir, err = os.Open(path)
	if err != nil {
		os.Remove(path)
	}
	return g, err
}

func (g *controlGroup) limit(memory int64) error {
	if _, err := os.Stat(filepath.Join(g.path, "memory.max")); err != nil {
		return errNoControlGroup
	}
	for _, l := range []struct{ file, value string }{
		{"memory.max", strconv.FormatInt(memory, 10)}, {"memory.swap.max", "0"}, {"memory.oom.group", "1"},
	} {
		err := os.WriteFile(filepath.Join(g.path, l.file), []byte(l.value), 0)
		if err != nil && (l.file == "memory.max" || !errors.Is(err, os.ErrNotExist)) {
			return err
		}
	}
	return nil
}

// ownControlGroup is the directory of the host's own control group.
func ownControlGroup() (string, error) {
	b, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(b)) {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			return filepath.Join("/sys/fs/cgroup", path), nil
		}
	}
	return "", errNoControlGroup
}

// kills is how many processes the kernel ended for memory.
func (g *controlGroup) kills() int64 {
	b, err := os.ReadFile(filepath.Join(g.path, "memory.events"))
	if err != nil {
		return g.seen
	}
	for line := range strings.Lines(string(b)) {
		if n, ok := strings.CutPrefix(strings.TrimSpace(line), "oom_kill "); ok {
			g.seen, _ = strconv.ParseInt(n, 10, 64)
		}
	}
	return g.seen
}

func (g *controlGroup) kill() error {
	g.kills()
	return os.WriteFile(filepath.Join(g.path, "cgroup.kill"), []byte("1"), 0)
}

// remove waits a moment for the kernel to let go of the last process.
func (g *controlGroup) remove() {
	g.dir.Close()
	for range 100 {
		if os.Remove(g.path) == nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}
