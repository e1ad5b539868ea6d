package api

import (
	"errors"
	"fmt"
	"io"
	"os"

	"tuned/daemon/store"
	"tuned/durable"
	"tuned/job"
)

// Whole compares what a finished run left, all but the weights, with what it wrote: nothing is shown of a damaged one.
func (s *Server) Whole(j store.Job) error {
	if j.State != store.Finished {
		return nil
	}
	dir := s.Queue.Place.Run(j)
	r, err := job.ReadRecord(dir)
	if err != nil {
		return fmt.Errorf("%s: %w: %w", job.RunFile, store.ErrDamaged, err)
	}
	for _, f := range r.Files {
		if f.Path == job.ModelFile {
			continue // what predicts with it, or sends it, compares it
		}
		if err := r.Check(dir, f.Path); err != nil {
			return fmt.Errorf("%s: %w", f.Path, store.ErrDamaged)
		}
	}
	return nil
}

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
	hash, length, err := durable.Sum(f)
	if err != nil {
		return err
	}
	if length != a.Length || hash != a.SHA256 {
		return fmt.Errorf("%s is not what the run wrote: %w", a.Path, store.ErrDamaged)
	}
	_, err = f.Seek(0, io.SeekStart)
	return err
}
