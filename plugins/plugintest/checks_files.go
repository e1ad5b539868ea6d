package plugintest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tuned/trainer/model"
)

// scratch gives a directory for the time of use.
func (l *lab) scratch(use func(dir string) error) error {
	dir, err := os.MkdirTemp(l.dir, "scratch-")
	if err != nil {
		return err
	}
	return errors.Join(use(dir), os.RemoveAll(dir))
}

func saveLoad(ctx context.Context, l *lab) error {
	return l.scratch(func(dir string) error {
		var f model.File
		var first []model.Result
		ops := append(walk(5, 6, 1e-3), model.Use{Name: "kept"}, model.Evaluate{})
		return errors.Join(
			l.with(ctx, nil, func(s *subject) (err error) {
				if _, err := s.do(ctx, append(walk(0, 3, 1e-3), model.Keep{Name: "kept"}, walk(3, 1, 1e-3)[0])...); err != nil {
					return err
				}
				if f, err = s.Save(ctx, filepath.Join(dir, "checkpoint")); err != nil {
					return err
				}
				first, err = s.do(ctx, ops...)
				return err
			}),
			l.with(ctx, func(r *model.OpenRequest) { r.InitRows = nil }, func(s *subject) error {
				if err := s.Load(ctx, f); err != nil {
					return err
				}
				second, err := s.do(ctx, ops...)
				return errors.Join(err, s.sameResults(first[:len(second)], second))
			}))
	})
}

func corruptFile(ctx context.Context, l *lab) error {
	return l.scratch(func(dir string) error {
		return l.with(ctx, nil, func(s *subject) error {
			f, err := s.Save(ctx, filepath.Join(dir, "checkpoint"))
			if err != nil {
				return err
			}
			before, err := s.evaluate(ctx, train())
			if err != nil {
				return err
			}
			for what, change := range corruptions {
				bad, err := corrupted(f, change)
				if err != nil {
					return err
				}
				if err := want(what, s.Load(ctx, bad), model.ErrCorrupt); err != nil {
					return err
				}
			}
			after, err := s.evaluate(ctx, train())
			if err == nil && !near(before, after, s.tolerance) {
				err = fmt.Errorf("after files that were refused, the loss is %v, and was %v", after, before)
			}
			return err
		})
	})
}

// corruptions of a file's content.
var corruptions = map[string]func([]byte) []byte{
	"a file that was cut": func(b []byte) []byte { return b[:len(b)/2] },
	"an empty file":       func([]byte) []byte { return nil },
	"a file with one bit changed": func(b []byte) []byte {
		b[len(b)*2/3] ^= 1
		return b
	},
	"a file with bytes behind its end": func(b []byte) []byte { return append(b, 0) },
}

func corrupted(f model.File, change func([]byte) []byte) (model.File, error) {
	b, err := os.ReadFile(f.Path)
	if err != nil {
		return f, err
	}
	f.Path += ".bad"
	return f, os.WriteFile(f.Path, change(b), 0o600)
}

func export(ctx context.Context, l *lab) error {
	members := []model.Weights{model.Raw}
	if l.manifest.Averages {
		members = append(members, "average:0.9")
	}
	return l.scratch(func(dir string) error {
		var f model.File
		var first []float32
		return errors.Join(
			l.with(ctx, nil, func(s *subject) (err error) {
				if _, err := s.do(ctx, walk(0, 10, 1e-3)...); err != nil {
					return err
				}
				if first, _, err = s.predict(ctx, nil, members...); err != nil {
					return err
				}
				f, err = s.Export(ctx, filepath.Join(dir, "model.safetensors"), members)
				return err
			}),
			l.with(ctx, func(r *model.OpenRequest) { r.InitRows = nil }, func(s *subject) error {
				if err := s.Load(ctx, f); err != nil {
					return err
				}
				second, _, err := s.predict(ctx, nil, members...)
				return errors.Join(err, sameOutputs(first, second, s.tolerance))
			}))
	})
}
