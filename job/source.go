package job

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tuned/durable"
	"tuned/trainer/data"
)

// hashBeside is the sha256 of the names and bytes of the files that are read beside the data; "" where there are none. What is wrong
// with the data is left to their reading, which says where.
func hashBeside(ctx context.Context, path, sheet, imageColumn string) (string, error) {
	files, err := data.Beside(ctx, path, sheet, imageColumn)
	if err != nil || len(files) == 0 {
		return "", ctx.Err()
	}
	h := sha256.New()
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		hash, length, err := durable.SumFile(file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", &Error{Path: file, Problem: "a file of the data cannot be read", Err: err}
		}
		name, err := filepath.Rel(filepath.Dir(path), file)
		if err != nil {
			return "", fmt.Errorf("hash of the data: %w", err)
		}
		fmt.Fprintf(h, "%q %d %s\n", name, length, hash)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// hashSource is the sha256 of a file's bytes, or of the names and bytes of all files in a directory.
func hashSource(ctx context.Context, path string) (string, error) {
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
		if err != nil || e.IsDir() || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
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
