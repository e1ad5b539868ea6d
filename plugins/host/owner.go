package host

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"tuned/trainer/model"
)

// checkOwners refuses a directory that someone else could change, by itself or by a directory above it: all must belong to this
// user or to root, and be closed to others, but for those like the system's temporary directory, where everyone may change only
// what is theirs.
func checkOwners(dir string) error {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	for {
		info, err := os.Lstat(dir)
		if err != nil {
			return err
		}
		if err := checkOwner(dir, info); err != nil {
			return err
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
		dir = filepath.Dir(dir)
	}
}

func checkOwner(path string, info fs.FileInfo) error {
	owner := info.Sys().(*syscall.Stat_t).Uid
	if owner != 0 && int(owner) != os.Getuid() {
		return fmt.Errorf("%w: %s belongs to another user (%d)", model.ErrInvalid, path, owner)
	}
	if info.Mode().Perm()&0o022 != 0 && info.Mode()&fs.ModeSticky == 0 {
		return fmt.Errorf("%w: others may write to %s (%s): close it with chmod go-w", model.ErrInvalid, path, info.Mode())
	}
	return nil
}
