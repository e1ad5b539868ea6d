package job

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tuned/durable"
)

// hashSource is the sha256 of a file's bytes, or of the names and bytes of all files in a directory.
func hashSource(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("hash of the data: %w", err)
	}
	if !info.IsDir() {
		hash, _, err := durable.SumFile(path)
		return hash, err
	}
	h := sha256.New()
	err = filepath.WalkDir(path, func(at string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		hash, length, err := durable.SumFile(at)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(path, at)
		fmt.Fprintf(h, "%q %d %s\n", name, length, hash)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("hash of the data: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
