package job

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/google/renameio/v2"

	"tuned/durable"
	"tuned/trainer/model"
)

// Schema is the version of the files of a run's directory.
const Schema = 1

// Identity is all that a run's result depends on and that is known before it begins. Two runs of one identity are the same.
type Identity struct {
	Job     string `json:"job"`              // fingerprint of what the job asks for
	Data    string `json:"data"`             // sha256 of the data's bytes
	Beside  string `json:"beside,omitempty"` // sha256 of the files that are read beside the data, such as images that a table names
	Rules   string `json:"rules"`            // sha256 of the built-in and the user's rules
	Plan    string `json:"plan,omitempty"`   // sha256 of the plan that is replayed
	Seed    int64  `json:"seed"`
	Version string `json:"version"`
}

// hash is a short name for the identity.
func (id Identity) hash() string {
	text, err := json.Marshal(id)
	if err != nil {
		panic(err) // strings and a number always encode
	}
	return durable.Hash(text)[:8]
}

// difference names what two identities differ in.
func (id Identity) difference(o Identity) string {
	var parts []string
	for _, p := range []struct {
		same bool
		what string
	}{
		{id.Job == o.Job, "of another job"},
		{id.Data == o.Data, "of other data"},
		{id.Beside == o.Beside, "of other files beside the data"},
		{id.Rules == o.Rules, "by other rules"},
		{id.Plan == o.Plan, "by another plan"},
		{id.Seed == o.Seed, fmt.Sprintf("with seed %d", id.Seed)},
		{id.Version == o.Version, "by version " + id.Version},
	} {
		if !p.same {
			parts = append(parts, p.what)
		}
	}
	return strings.Join(parts, ", ")
}

// State is how far a run is.
type State string

// The states of a run.
const (
	StateRunning     State = "running" // or ended without a chance to say so
	StateInterrupted State = "interrupted"
	StateFailed      State = "failed"
	StateFinished    State = "finished"
)

// Record is run.json: what the directory holds and how far it is.
type Record struct {
	Schema   int          `json:"schema"`
	Name     string       `json:"name"`
	State    State        `json:"state"`
	Identity Identity     `json:"identity"`
	Target   string       `json:"target"`
	Data     string       `json:"data"` // where the data was
	Model    *SavedModel  `json:"model,omitempty"`
	Files    []model.File `json:"files,omitempty"` // of a finished run; paths are relative to the directory
	Checksum string       `json:"checksum"`        // sha256 of all the above
}

// write writes the record into a directory, durably, and with it all that was renamed there before: what a finished run lists is there,
// before that is removed from which it could be made again.
func (r Record) write(dir string) error {
	var err error
	if r.Checksum, err = r.checksum(); err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(dir, RunFile), r); err != nil {
		return err
	}
	return durable.SyncDir(dir)
}

func (r Record) checksum() (string, error) {
	r.Checksum = ""
	text, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("checksum of %s: %w", RunFile, err)
	}
	return durable.Hash(text), nil
}

// ReadRecord reads a directory's run.json. It takes no other bytes than those that write leaves: JSON has many ways to say
// the same, in the case of a key for one, and a file that says it in another was damaged.
func ReadRecord(dir string) (Record, error) {
	var r Record
	text, err := os.ReadFile(filepath.Join(dir, RunFile))
	if err != nil {
		return Record{}, err
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return Record{}, fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	if r.Schema != Schema {
		return Record{}, fmt.Errorf("schema %d is not %d: another version of tuned wrote it", r.Schema, Schema)
	}
	if want, err := r.checksum(); err != nil || want != r.Checksum {
		return Record{}, fmt.Errorf("%w: the checksum does not match", model.ErrCorrupt)
	}
	if written, err := indented(r); err != nil || !bytes.Equal(text, written) {
		return Record{}, fmt.Errorf("%w: it is not written as a run writes it", model.ErrCorrupt)
	}
	return r, nil
}

// readNamed is ReadRecord of a directory that a person names. Every error is an [*Error].
func readNamed(dir string) (Record, error) {
	r, err := ReadRecord(dir)
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return r, &Error{Path: dir, Problem: "this is not a run's directory", Hint: "name the directory that tuned run made, such as " + DefaultRoot + "/NAME-HASH"}
	case err != nil:
		return r, &Error{Path: dir, Problem: "the run cannot be read", Err: err}
	}
	return r, nil
}

// Check compares files of a finished run with what was written, all of them when none is named.
func (r Record) Check(dir string, names ...string) error {
	for _, f := range r.Files {
		if len(names) > 0 && !slices.Contains(names, f.Path) {
			continue
		}
		now, err := describe(dir, f.Path)
		if err != nil {
			return err
		}
		if now != f {
			return fmt.Errorf("%s: %w: it is not what the run wrote", filepath.Join(dir, f.Path), model.ErrCorrupt)
		}
	}
	return nil
}

// describe measures a file of a run's directory.
func describe(dir, name string) (model.File, error) {
	sum, length, err := durable.SumFile(filepath.Join(dir, name))
	return model.File{Path: name, Length: length, SHA256: sum}, err
}

// writeJSON writes a value durably, readable for people.
func writeJSON(path string, v any) error {
	text, err := indented(v)
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return writeFile(path, text)
}

// indented is how a run's directory writes JSON.
func indented(v any) ([]byte, error) {
	text, err := json.MarshalIndent(v, "", "  ")
	return append(text, '\n'), err
}

// writeFile replaces a file as a whole: temp, fsync, rename.
func writeFile(path string, content []byte) error {
	if err := renameio.WriteFile(path, content, 0o644); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}

func readJSON(path string, to any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, to); err != nil {
		return fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	return nil
}
