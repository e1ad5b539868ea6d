package trainer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tuned/durable"
	"tuned/trainer/model"
)

// The files of a checkpoint, and how many checkpoints are kept.
const (
	manifestFile = "manifest.json"
	stateFile    = "state.json"
	sessionFile  = "session.safetensors"
	keptNewest   = 2
	storeVersion = 1
)

// store is the directory of a run's checkpoints. Each is a directory SEQUENCE-HASH that was written under another name,
// made durable and renamed; HASH is the start of its manifest's sha256, and the manifest holds that of the other files:
// no byte can change unnoticed.
type store struct{ dir string }

// manifest lists the files of a checkpoint.
type manifest struct {
	Version int          `json:"version"`
	Step    int64        `json:"step"`
	Files   []model.File `json:"files"` // paths are relative to the checkpoint
}

var checkpointName = regexp.MustCompile(`^([0-9]{8})-([0-9a-f]{16})$`)

// openStore makes the directory and sweeps out what a crash left half-written.
func openStore(dir string) (*store, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("checkpoints: %w", err)
	}
	for _, pattern := range []string{".writing-*", ".outputs-*"} {
		stale, _ := filepath.Glob(filepath.Join(dir, pattern)) // the pattern is well-formed
		for _, path := range stale {
			if err := os.RemoveAll(path); err != nil {
				return nil, fmt.Errorf("checkpoints: %w", err)
			}
		}
	}
	return &store{dir}, nil
}

// names lists the checkpoints, newest first.
func (s *store) names() ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("checkpoints: %w", err)
	}
	var all []string
	for _, e := range entries {
		if checkpointName.MatchString(e.Name()) {
			all = append(all, e.Name())
		}
	}
	slices.Sort(all)
	slices.Reverse(all)
	return all, nil
}

// write makes a checkpoint out of a trainer's state and the file that save writes at the path it is given, and then
// forgets all but the newest two.
func (s *store) write(step int64, state []byte, save func(path string) (model.File, error)) error {
	temp, err := os.MkdirTemp(s.dir, ".writing-")
	if err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	defer os.RemoveAll(temp)
	hash, err := fill(temp, step, state, save)
	if err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	older, err := s.names()
	if err != nil {
		return err
	}
	if err := os.Rename(temp, filepath.Join(s.dir, fmt.Sprintf("%08d-%s", next(older), hash[:16]))); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	if err := durable.SyncDir(s.dir); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	return s.forget(older)
}

// fill writes a checkpoint's files into dir and returns the hash of its manifest.
func fill(dir string, step int64, state []byte, save func(path string) (model.File, error)) (string, error) {
	session, err := save(filepath.Join(dir, sessionFile))
	if err != nil {
		return "", err
	}
	session.Path = sessionFile
	if err := writeDurably(filepath.Join(dir, stateFile), state); err != nil {
		return "", err
	}
	m := manifest{storeVersion, step, []model.File{session, {Path: stateFile, Length: int64(len(state)), SHA256: durable.Hash(state)}}}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return "", err
	}
	if err := writeDurably(filepath.Join(dir, manifestFile), text); err != nil {
		return "", err
	}
	return durable.Hash(text), durable.SyncDir(dir)
}

// next is the sequence number that follows those of existing checkpoints, newest first.
func next(names []string) int {
	if len(names) == 0 {
		return 1
	}
	n, _ := strconv.Atoi(names[0][:8]) // the name has eight digits
	return n + 1
}

// forget removes all but the newest of the checkpoints that were there before the one just written.
func (s *store) forget(older []string) error {
	for i := keptNewest - 1; i < len(older); i++ {
		if err := os.RemoveAll(filepath.Join(s.dir, older[i])); err != nil {
			return fmt.Errorf("remove old checkpoint: %w", err)
		}
	}
	return nil
}

// newest calls use with the checkpoints, newest first, until one is whole and use accepts it. Those that are not, or that
// use finds corrupt, are told to reject and passed over. It reports whether one was used.
func (s *store) newest(use func(state []byte, session model.File) error, reject func(name string)) (bool, error) {
	names, err := s.names()
	if err != nil {
		return false, err
	}
	for _, name := range names {
		state, session, err := s.read(name)
		if err == nil {
			err = use(state, session)
		}
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, model.ErrCorrupt) {
			return false, fmt.Errorf("checkpoint %s: %w", name, err)
		}
		reject(name)
	}
	return false, nil
}

// read verifies a checkpoint to the last byte.
func (s *store) read(name string) (state []byte, session model.File, err error) {
	dir := filepath.Join(s.dir, name)
	text, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil || !strings.HasPrefix(durable.Hash(text), name[9:]) {
		return nil, session, errors.Join(model.ErrCorrupt, err)
	}
	var m manifest
	if err := strict(text, &m); err != nil {
		return nil, session, fmt.Errorf("manifest: %w", err)
	}
	if m.Version != storeVersion || len(m.Files) != 2 {
		return nil, session, fmt.Errorf("%w: written by another version", model.ErrInvalid)
	}
	session = m.Files[0]
	session.Path = filepath.Join(dir, sessionFile)
	if err := verify(session); err != nil {
		return nil, session, err
	}
	state, err = os.ReadFile(filepath.Join(dir, stateFile))
	if err != nil || int64(len(state)) != m.Files[1].Length || durable.Hash(state) != m.Files[1].SHA256 {
		return nil, session, errors.Join(model.ErrCorrupt, err)
	}
	return state, session, nil
}

// verify compares a file with its length and hash.
func verify(f model.File) error {
	hash, length, err := durable.SumFile(f.Path)
	if err != nil || length != f.Length || hash != f.SHA256 {
		return errors.Join(model.ErrCorrupt, err)
	}
	return nil
}

// strict decodes JSON that has to match its type exactly.
func strict(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	return nil
}

// writeDurably writes a file that nobody knows of yet: it is renamed into place with its directory.
func writeDurably(path string, data []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Sync(), file.Close())
}
