package host

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// aged makes a directory of the kind that hosts make, old enough to be swept.
func aged(t *testing.T, base, name string, locked bool) string {
	t.Helper()
	path := filepath.Join(base, name)
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if locked {
		if err := os.WriteFile(filepath.Join(path, lockName), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, past, past); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSweepingRemovesWhatDeadHostsLeftAndNothingElse(t *testing.T) {
	base, err := os.MkdirTemp("", "sweep") // a short path, for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(base) })
	dead := aged(t, base, dirPrefix+"dead", true)
	foreign := aged(t, base, dirPrefix+"of-somebody-else", false)
	mine, err := newPrivateDir(base)
	if err != nil {
		t.Fatal(err)
	}
	past := time.Now().Add(-time.Hour)
	if err := os.Chtimes(mine.path, past, past); err != nil {
		t.Fatal(err)
	}
	other, err := newPrivateDir(base)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{dead: false, foreign: true, mine.path: true, other.path: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", path, err == nil, want)
		}
	}
	for _, d := range []*privateDir{mine, other} {
		if err := d.remove(); err != nil {
			t.Error(err)
		}
	}
}

// A directory for temporary files that is as deep as each user's on macOS, or reached by a short link, has no room for sockets.
func TestDeepTemporaryFilesLeaveSocketsRoom(t *testing.T) {
	deep := filepath.Join(t.TempDir(), strings.Repeat("x", maxBase))
	link := filepath.Join(t.TempDir(), "t")
	if err := errors.Join(os.Mkdir(deep, 0o700), os.Symlink(deep, link)); err != nil {
		t.Fatal(err)
	}
	for _, temporary := range []string{deep, link} {
		t.Setenv("TMPDIR", temporary)
		d, err := newPrivateDir("")
		if err != nil {
			t.Fatal(err)
		}
		if longest := d.path + "/plugin-dir0123456789/plugin0123456789"; len(longest) > maxSocket {
			t.Errorf("a socket's path would be %d bytes long: %s", len(longest), longest)
		}
		if err := d.remove(); err != nil {
			t.Error(err)
		}
	}
}
