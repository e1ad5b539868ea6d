// Package python carries the Python package that authors of architectures import (tuned_plugin), so that one executable is all
// that it takes to try, install and run an architecture in Python.
package python

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Name is what authors import.
const Name = "tuned_plugin"

//go:generate ./gen.sh

//go:embed tuned_plugin/*.py
var library embed.FS

// Library gives a directory beneath dir that holds the package, and unpacks it there where it is not yet. The directory's
// name holds the checksum of the package: an older executable's is never taken for this one's.
func Library(dir string) (string, error) {
	sum, err := checksum(library)
	if err != nil {
		return "", err
	}
	place := filepath.Join(dir, "python-"+sum[:16])
	if found, err := checksum(os.DirFS(place)); err == nil && found == sum {
		return place, nil
	}
	if err := unpack(dir, place); err != nil {
		return "", fmt.Errorf("unpack %s: %w", Name, err)
	}
	return place, nil
}

// checksum is over the names and contents of the package's files.
func checksum(root fs.FS) (string, error) {
	h := sha256.New()
	err := fs.WalkDir(root, Name, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(root, path)
		fmt.Fprintf(h, "%q %d %x\n", path, len(content), sha256.Sum256(content))
		return err
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

// unpack writes the package beside its place, and renames it there: another process may do the same.
func unpack(dir, place string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	temporary, err := os.MkdirTemp(dir, ".python-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	if err := os.CopyFS(temporary, library); err != nil {
		return err
	}
	if err := os.RemoveAll(place); err != nil {
		return err
	}
	if err := os.Rename(temporary, place); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
