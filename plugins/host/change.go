package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"tuned/durable"
)

// The directories beside installed architectures in which one is put together, or waits for its end. Only whoever holds the lock on
// the catalog has any.
const (
	placePrefix = ".install-"
	oldSuffix   = ".old" // what such a directory has taken the place of
)

// change has do work on the catalog's directory, with a place of its own in it that is removed afterwards: one process at a time, once
// what those left that died in the middle is put right.
func (c *Catalog) change(ctx context.Context, do func(place string) error) error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	lock := flock.New(c.dir + lockName)
	if _, err := lock.TryLockContext(ctx, 50*time.Millisecond); err != nil {
		return fmt.Errorf("wait for another installation: %w", err)
	}
	defer lock.Close()
	if err := c.recover(); err != nil {
		return err
	}
	place, err := os.MkdirTemp(c.dir, placePrefix)
	if err != nil {
		return err
	}
	if err = do(place); err == nil {
		err = durable.SyncDir(c.dir)
	}
	return errors.Join(err, c.recover())
}

// recover puts back what a new architecture was about to replace and did not, and removes all else that is left over.
func (c *Catalog) recover() error {
	left, err := filepath.Glob(filepath.Join(c.dir, placePrefix+"*"))
	for _, place := range left {
		if filepath.Ext(place) != oldSuffix || c.putBack(place) != nil {
			err = errors.Join(err, removeReadOnly(place))
		}
	}
	return err
}

// putBack fails where there is a newer one: no directory is renamed over another.
func (c *Catalog) putBack(place string) error {
	e, err := readEntry(place)
	if err != nil {
		return err
	}
	return os.Rename(place, filepath.Join(c.dir, e.Name))
}

// replaceDir puts a directory where an older one may be, or none. Where the file system can exchange two at one moment, the older one
// is in from afterwards; elsewhere it is beside it, from where recover puts it back if the second of two renames is not done.
func replaceDir(from, to string) error {
	if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(from, to)
	}
	err := exchange(from, to)
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		return replaceInSteps(from, to)
	}
	return err
}

func replaceInSteps(from, to string) error {
	if err := os.Rename(to, from+oldSuffix); err != nil {
		return err
	}
	return os.Rename(from, to)
}

func chmodDirs(dir string, mode fs.FileMode) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return os.Chmod(path, mode)
	})
}

// removeReadOnly removes a tree whose directories are closed for writing.
func removeReadOnly(dir string) error {
	_ = chmodDirs(dir, 0o700) // what could not be opened fails to be removed
	return os.RemoveAll(dir)
}
