package api

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"tuned/daemon/store"
)

// intact opens a file of a run's directory, never outside of it, and compares it with its sha256.
func intact(dir string, a store.Artifact) (*os.File, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.Open(a.Path)
	if err != nil {
		return nil, err
	}
	if err := verify(f, a); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func verify(f *os.File, a store.Artifact) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no regular file: %w", a.Path, store.ErrDamaged)
	}
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return err
	}
	if n != a.Length || hex.EncodeToString(h.Sum(nil)) != a.SHA256 {
		return fmt.Errorf("%s is not what the run wrote: %w", a.Path, store.ErrDamaged)
	}
	_, err = f.Seek(0, io.SeekStart)
	return err
}
