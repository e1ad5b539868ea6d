// Package durable is for files that must outlive a crash, and whose damage must be noticed. Writing one as a whole is renameio's
// part, which syncs the file and not the directory that names it.
package durable

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
)

// SyncDir makes what a directory names, a rename above all, survive a power failure.
func SyncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Hash is the sha256 of a text in lower-case hex, as files and records of ours name it.
func Hash(text []byte) string {
	sum, _, _ := Sum(bytes.NewReader(text)) // memory can be read
	return sum
}

// Sum reads to the end; it gives the [Hash] of what there was, and its length in bytes.
func Sum(r io.Reader) (hash string, length int64, err error) {
	h := sha256.New()
	if length, err = io.Copy(h, r); err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(h.Sum(nil)), length, nil
}

// SumFile is [Sum] of a file.
func SumFile(path string) (hash string, length int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	return Sum(f)
}
