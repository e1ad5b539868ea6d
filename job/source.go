package job

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

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
		hash, length, err := sumFile(ctx, file)
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
		return "", err
	}
	if !info.IsDir() {
		hash, _, err := sumFile(ctx, path)
		return hash, err
	}
	h := sha256.New()
	if err := hashBelow(ctx, h, path, "."); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// deepest is how many folders within each other are looked through: images are in those of their classes, within those of their sides. Links
// that lead back end there.
const deepest = 3

// hashBelow adds the files of a folder below root, in order. As where images are read, a link to a folder is one; what is neither folder
// nor file, a socket or a link to nothing, holds no data.
func hashBelow(ctx context.Context, h io.Writer, root, folder string) error {
	entries, err := os.ReadDir(filepath.Join(root, folder))
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := filepath.Join(folder, e.Name())
		info, err := os.Stat(filepath.Join(root, name))
		switch {
		case err != nil:
		case info.IsDir() && strings.Count(name, string(filepath.Separator)) >= deepest:
		case info.IsDir():
			err = hashBelow(ctx, h, root, name)
		case info.Mode().IsRegular():
			err = hashFile(ctx, h, root, name)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func hashFile(ctx context.Context, h io.Writer, root, name string) error {
	hash, length, err := sumFile(ctx, filepath.Join(root, name))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(h, "%q %d %s\n", name, length, hash)
	return err
}

// sumFile is [durable.SumFile] for as long as ctx lives: files of data are large.
func sumFile(ctx context.Context, path string) (hash string, length int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	return durable.Sum(until{ctx, f})
}

// until reads until its context ends.
type until struct {
	ctx  context.Context
	file io.Reader
}

func (u until) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.file.Read(p)
}
