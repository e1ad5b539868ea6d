package host

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// dirPrefix starts the names of private directories.
	dirPrefix = "tuned-"
	// lockName is the file in a private directory whose lock shows that its host lives. A directory without one is
	// somebody else's, whatever its name.
	lockName = ".lock"
	// maxSocket is the longest path of a socket, with room for the zero behind it: 107 bytes on Linux, 103 on macOS.
	maxSocket = len(syscall.RawSockaddrUnix{}.Path) - 1
	// maxBase is the longest base directory.
	maxBase = maxSocket - len("/"+dirPrefix+"0123456789/plugin-dir0123456789/plugin0123456789")
	// dirGrace is how old a directory must be to count as left behind: a younger one may just be about to be locked.
	dirGrace = time.Minute
)

// privateDir is a directory of one process, for its sockets and temporary files. A lock shows that its host lives.
type privateDir struct {
	path string
	lock *os.File
}

// newPrivateDir makes one in base, or where temporary files go, after removing those that dead hosts left there.
func newPrivateDir(base string) (*privateDir, error) {
	base, err := shortBase(base, os.TempDir(), "/tmp")
	if err != nil {
		return nil, fmt.Errorf("directory for sockets: %w", err)
	}
	removeStale(base)
	path, err := os.MkdirTemp(base, dirPrefix) // mode 0700
	if err != nil {
		return nil, fmt.Errorf("directory for sockets: %w", err)
	}
	lock, err := lockDir(path, os.O_CREATE)
	if err != nil {
		os.RemoveAll(path)
		return nil, fmt.Errorf("directory for sockets: %w", err)
	}
	return &privateDir{path, lock}, nil
}

// shortBase gives the first of the directories whose path, without symbolic links, leaves room for a socket's. That of temporary
// files does not on macOS, where each user has one deep in /var/folders.
func shortBase(dirs ...string) (string, error) {
	for _, dir := range dirs {
		if dir == "" || len(dir) > maxBase {
			continue
		}
		short, err := filepath.EvalSymlinks(dir)
		if err != nil || len(short) <= maxBase {
			return short, err
		}
	}
	return "", fmt.Errorf("the paths %q are too long for a unix socket in them", dirs)
}

// lockDir locks the directory as long as the file, and the host, lives. flags are os.O_CREATE for a new one.
func lockDir(path string, flags int) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(path, lockName), os.O_RDWR|flags, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (d *privateDir) remove() error {
	err := os.RemoveAll(d.path)
	d.lock.Close()
	return err
}

// removeStale removes the directories of hosts that died. It is done on the way, so it does what it can.
func removeStale(base string) {
	paths, _ := filepath.Glob(filepath.Join(base, dirPrefix+"*"))
	for _, path := range paths {
		info, err := os.Lstat(path)
		if err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 || time.Since(info.ModTime()) < dirGrace {
			continue
		}
		if lock, err := lockDir(path, 0); err == nil {
			os.RemoveAll(path)
			lock.Close()
		}
	}
}

// newMark is a name that no other process has.
func newMark() string {
	var b [12]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
