//go:build !linux || portable

package machine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// program is the running program's file, as it was at the start.
var program = stat()

type file struct {
	path string
	info fs.FileInfo
	err  error
}

func stat() file {
	path, err := os.Executable()
	if err != nil {
		return file{err: err}
	}
	info, err := os.Stat(path)
	return file{path, info, err}
}

// Executable is the path by which the running program can be started again. It fails where another file has taken its place: two
// versions would work on one run.
func Executable() (string, error) {
	now := stat()
	if err := errors.Join(program.err, now.err); err != nil {
		return "", fmt.Errorf("the running program cannot be found: %w", err)
	}
	if !program.same(now) {
		return "", fmt.Errorf("%s has been replaced since it was started: start it again", now.path)
	}
	return now.path, nil
}

func (f file) same(o file) bool {
	return os.SameFile(f.info, o.info) && f.info.Size() == o.info.Size() && f.info.ModTime().Equal(o.info.ModTime())
}
