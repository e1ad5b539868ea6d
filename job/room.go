package job

import (
	"errors"
	"slices"
	"strings"
	"syscall"
)

// DiskFull tells whether an error comes of a disk, or a quota, without room. An architecture's process says so in words alone.
func DiskFull(err error) bool {
	for _, cause := range []error{syscall.ENOSPC, syscall.EDQUOT} {
		if errors.Is(err, cause) || err != nil && strings.Contains(err.Error(), cause.Error()) {
			return true
		}
	}
	return false
}

// elsewhere is what to do where a run has no room.
const elsewhere = "make room there, or choose another place with --out"

// noRoom says that the disk of a directory is full, once, however many writes failed of it. Other errors stay as they are.
func noRoom(dir, hint string, err error) error {
	if !DiskFull(err) {
		return err
	}
	return &Error{Path: dir, Problem: "the disk is full", Hint: hint, Err: firstFull(err)}
}

// firstFull is the first of the errors joined in one that a full disk led to.
func firstFull(err error) error {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		all := joined.Unwrap()
		if at := slices.IndexFunc(all, DiskFull); at >= 0 {
			return firstFull(all[at])
		}
	}
	return err
}
