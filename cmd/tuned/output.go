package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"tuned/job"
)

// output is the file that a command writes, or without a path the standard output. What is made appears there as a whole or not at
// all: until then it waits in a temporary file, since it may be larger than memory.
type output struct {
	path     string
	what     string // in errors: "the predictions"
	standard io.Writer
}

// write has fill make what is written. A device or a pipe is written to; a file is replaced, and a link goes on pointing to it.
func (o output) write(fill func(w io.Writer) error) error {
	if info, err := os.Stat(o.path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		device, err := os.OpenFile(o.path, os.O_WRONLY, 0)
		if err != nil {
			return o.failed(err)
		}
		defer device.Close()
		o = output{what: o.what, standard: device}
	}
	f, err := o.open()
	if err != nil {
		return o.failed(err)
	}
	defer f.Cleanup()
	to := &noting{to: f}
	err = fill(to)
	switch {
	case to.err != nil:
		return o.failed(to.err)
	case err != nil:
		return err
	}
	return o.publish(f)
}

func (o output) open() (*renameio.PendingFile, error) {
	if o.path == "" {
		return renameio.NewPendingFile(filepath.Join(os.TempDir(), "tuned-output"))
	}
	path := o.path
	if file, err := filepath.EvalSymlinks(path); err == nil {
		path = file
	}
	return renameio.NewPendingFile(path, renameio.WithPermissions(0o644), renameio.WithExistingPermissions())
}

// publish puts what waited in its place.
func (o output) publish(f *renameio.PendingFile) error {
	if o.path != "" {
		if err := f.CloseAtomicallyReplace(); err != nil {
			return o.failed(err)
		}
		return nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return o.failed(err)
	}
	if _, err := io.Copy(o.standard, f); err != nil {
		return fmt.Errorf("write %s: %w", o.what, err)
	}
	return nil
}

func (o output) failed(err error) error {
	if o.path == "" {
		return &job.Error{Path: os.TempDir(), Problem: "temporary files cannot be written", Hint: "name another directory for them with the variable TMPDIR", Err: err}
	}
	return &job.Error{Path: o.path, Problem: o.what + " cannot be written", Hint: "choose another place with --out", Err: err}
}

// noting notes why a write failed: whoever writes may call it something else.
type noting struct {
	to  io.Writer
	err error
}

func (n *noting) Write(p []byte) (int, error) {
	written, err := n.to.Write(p)
	if err != nil {
		n.err = err
	}
	return written, err
}
