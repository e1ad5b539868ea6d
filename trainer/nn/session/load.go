package session

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"tuned/durable"
	"tuned/trainer/model"
	"tuned/trainer/nn"
	"tuned/trainer/nn/session/safetensors"
	"tuned/trainer/npy"
)

// Load restores what Save or Export wrote. The file is checked in full, its length and hash, its structure, and that it
// is of the same network, before anything changes.
func (s *Session) Load(ctx context.Context, f model.File) error {
	return wrap("load "+f.Path, s.queue.call(ctx, func() error { return s.load(f) }))
}

func (s *Session) load(f model.File) error {
	bytes, err := npy.MapFile(f.Path)
	if err != nil {
		return fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	defer func() { _ = unix.Munmap(bytes) }()
	content, err := verify(bytes, f)
	if err != nil {
		return err
	}
	switch kind := content.Metadata["kind"]; kind {
	case kindSession:
		return s.restore(content)
	case kindExport:
		return s.adopt(content)
	default:
		return fmt.Errorf("%w: a file of kind %q", model.ErrCorrupt, kind)
	}
}

// verify checks a file's bytes against its length and hash, and parses it.
func verify(bytes []byte, f model.File) (safetensors.File, error) {
	if int64(len(bytes)) != f.Length {
		return safetensors.File{}, fmt.Errorf("%w: %d bytes where %d were written", model.ErrCorrupt, len(bytes), f.Length)
	}
	if sum := durable.Hash(bytes); sum != f.SHA256 {
		return safetensors.File{}, fmt.Errorf("%w: sha256 %s where %s was written", model.ErrCorrupt, sum, f.SHA256)
	}
	content, err := safetensors.Parse(bytes)
	if err != nil {
		return content, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	if v := content.Metadata["version"]; content.Metadata["format"] != "tuned" || v != fileVersion {
		return content, fmt.Errorf("%w: format %q version %q", model.ErrCorrupt, content.Metadata["format"], v)
	}
	return content, nil
}

// restore replaces the state and the snapshots by a saved session's.
func (s *Session) restore(f safetensors.File) error {
	var entries []keptEntry
	if err := json.Unmarshal([]byte(f.Metadata["kept"]), &entries); err != nil {
		return fmt.Errorf("%w: metadata of the snapshots: %w", model.ErrCorrupt, err)
	}
	step, err := strconv.ParseInt(f.Metadata["step"], 10, 64)
	if err != nil {
		return fmt.Errorf("%w: step counter: %w", model.ErrCorrupt, err)
	}
	prefixes := []string{"state/"}
	for i := range entries {
		prefixes = append(prefixes, fmt.Sprintf("kept/%d/", i))
	}
	sets, err := matchAll(f.Tensors, prefixes, s.layout.state)
	if err != nil {
		return err
	}
	if err := s.replaceKept(entries, sets[1:]); err != nil {
		return err
	}
	valuesOf(s.layout.state).copyFrom(sets[0])
	s.program.SetStepCount(step)
	s.forgetRefitted(func(model.Weights) bool { return true })
	s.dropExported()
	return nil
}

// replaceKept makes room for the new snapshots before it gives up the old ones.
func (s *Session) replaceKept(entries []keptEntry, sets []values) error {
	if more := len(entries) - len(s.kept) - len(s.spare); more > 0 {
		probe := s.budget
		if err := probe.take(int64(more)*s.layout.bytes(), fmt.Sprintf("%d snapshots", len(entries))); err != nil {
			return err
		}
	}
	for name := range s.kept {
		s.drop(name)
	}
	for i, e := range entries {
		k, err := s.room(e.Name)
		if err != nil {
			return err
		}
		k.state.copyFrom(sets[i])
		k.step = e.Step
		s.kept[e.Name] = k
	}
	return nil
}

// adopt takes over the members of an export.
func (s *Session) adopt(f safetensors.File) error {
	var names []model.Weights
	if err := json.Unmarshal([]byte(f.Metadata["members"]), &names); err != nil || len(names) == 0 {
		return fmt.Errorf("%w: metadata of the members: %q", model.ErrCorrupt, f.Metadata["members"])
	}
	prefixes := make([]string, len(names))
	for i, name := range names {
		prefixes[i] = string(name) + "/"
	}
	sets, err := matchAll(f.Tensors, prefixes, s.memberTensors())
	if err != nil {
		return err
	}
	probe := s.budget
	if err := probe.take(int64(len(sets))*sets[0].bytes()-s.exportedBytes(), "the members' weights"); err != nil {
		return err
	}
	s.dropExported()
	s.exported = map[model.Weights]values{}
	for i, name := range names {
		s.exported[name] = sets[i].clone()
	}
	s.budget.used += s.exportedBytes()
	return nil
}

func (s *Session) exportedBytes() int64 {
	n := int64(0)
	for _, v := range s.exported {
		n += v.bytes()
	}
	return n
}

func (s *Session) dropExported() {
	s.budget.give(s.exportedBytes())
	s.exported = nil
}

// matchAll finds, for each prefix, the tensors of one network in a file that holds these and no others.
func matchAll(tensors []safetensors.Tensor, prefixes []string, like []nn.Tensor) ([]values, error) {
	if len(tensors) != len(prefixes)*len(like) {
		return nil, fmt.Errorf("%w: %d tensors where %d are expected: another network's", model.ErrCorrupt, len(tensors), len(prefixes)*len(like))
	}
	byName := make(map[string]safetensors.Tensor, len(tensors))
	for _, t := range tensors {
		byName[t.Name] = t
	}
	sets := make([]values, len(prefixes))
	for i, prefix := range prefixes {
		for _, want := range like {
			t, ok := byName[prefix+want.Name]
			if !ok || !slices.Equal(t.Shape, want.Shape) {
				return nil, fmt.Errorf("%w: no tensor %q of shape %v: another network's", model.ErrCorrupt, prefix+want.Name, want.Shape)
			}
			sets[i] = append(sets[i], t.Data)
		}
	}
	return sets, nil
}
