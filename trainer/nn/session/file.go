package session

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/google/renameio/v2"

	"tuned/durable"
	"tuned/trainer/model"
	"tuned/trainer/nn"
	"tuned/trainer/nn/session/safetensors"
)

// The kinds of files that a session writes, as their metadata say. In a saved session tensors are named "state/T" and
// "kept/I/T" for tensor T of the program's state and the I-th snapshot; in an export "M/T" for tensor T of member M,
// where T is a parameter or a statistic.
const (
	kindSession = "session"
	kindExport  = "export"
	fileVersion = "1"
)

// keptEntry describes a snapshot in a saved session's metadata.
type keptEntry struct {
	Name string `json:"name"`
	Step int64  `json:"step"`
}

// Save writes the whole state with every snapshot, durably: after Load, steps give the same bits.
func (s *Session) Save(ctx context.Context, path string) (f model.File, err error) {
	err = s.queue.call(ctx, func() error {
		if s.exported != nil {
			return invalid("weights loaded from an export can be evaluated, and nothing else")
		}
		f, err = writeFile(path, s.saved())
		return err
	})
	return f, wrap("save session", err)
}

func (s *Session) saved() safetensors.File {
	f := safetensors.File{Tensors: appendTensors(nil, "state/", s.layout.state, valuesOf(s.layout.state))}
	entries := []keptEntry{}
	for i, name := range slices.Sorted(maps.Keys(s.kept)) {
		k := s.kept[name]
		entries = append(entries, keptEntry{name, k.step})
		f.Tensors = appendTensors(f.Tensors, fmt.Sprintf("kept/%d/", i), s.layout.state, k.state)
	}
	f.Metadata = metadata(kindSession, "kept", entries)
	f.Metadata["step"] = strconv.FormatInt(s.program.StepCount(), 10)
	return f
}

// Export writes the parameters and statistics of each member, durably; without members, of the raw weights. A session
// that loads the file evaluates these members under the same names, and nothing else.
func (s *Session) Export(ctx context.Context, path string, members []model.Weights) (f model.File, err error) {
	err = s.queue.call(ctx, func() error {
		content, err := s.export(members)
		if err != nil {
			return err
		}
		f, err = writeFile(path, content)
		return err
	})
	return f, wrap("export weights", err)
}

func (s *Session) export(members []model.Weights) (safetensors.File, error) {
	if len(members) == 0 {
		members = []model.Weights{model.Raw}
	}
	var f safetensors.File
	var names []model.Weights
	for _, name := range members {
		if slices.Contains(names, name) {
			continue
		}
		v, err := s.resolve(name)
		if err != nil {
			return f, err
		}
		names = append(names, name)
		v = append(slices.Clone(v), s.layout.live[len(v):]...) // what the set does not have of its own is the live one's
		f.Tensors = appendTensors(f.Tensors, string(name)+"/", s.memberTensors(), v)
	}
	f.Metadata = metadata(kindExport, "members", names)
	return f, nil
}

// memberTensors are what a member consists of: parameters, then statistics.
func (s *Session) memberTensors() []nn.Tensor {
	return slices.Concat(s.program.Parameters(), s.program.Statistics())
}

func appendTensors(to []safetensors.Tensor, prefix string, like []nn.Tensor, v values) []safetensors.Tensor {
	for i, t := range like {
		to = append(to, safetensors.Tensor{Name: prefix + t.Name, Shape: t.Shape, Data: v[i]})
	}
	return to
}

func metadata(kind, key string, value any) map[string]string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // strings and integers always marshal
	}
	return map[string]string{"format": "tuned", "version": fileVersion, "kind": kind, key: string(text)}
}

// writeFile writes a file beside its place, syncs it, and renames it there.
func writeFile(path string, content safetensors.File) (model.File, error) {
	pending, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithStaticPermissions(0o644))
	if err != nil {
		return model.File{}, err
	}
	defer func() { _ = pending.Cleanup() }() // nothing to do once it was renamed
	hash, length := sha256.New(), counter(0)
	w := bufio.NewWriterSize(io.MultiWriter(pending, hash, &length), 1<<20)
	if err := safetensors.Write(w, content); err != nil {
		return model.File{}, err
	}
	if err := w.Flush(); err != nil {
		return model.File{}, err
	}
	if err := pending.CloseAtomicallyReplace(); err != nil {
		return model.File{}, err
	}
	f := model.File{Path: path, Length: int64(length), SHA256: hex.EncodeToString(hash.Sum(nil))}
	return f, durable.SyncDir(filepath.Dir(path))
}

// counter counts the bytes written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", op, err)
}
