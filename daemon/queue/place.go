package queue

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/renameio/v2"
	"golang.org/x/sys/unix"

	"tuned/daemon/store"
	"tuned/durable"
)

// Place is the daemon's state directory:
//
//	queue.db            the truth about every job
//	data/SHA256/NAME    uploaded tables, by what is in them; a day long also those that no job refers to
//	jobs/ID/            submission.json, rules.toml, log.jsonl and run-REVISION, the run's directory
//	tmp/                what is being written or predicted; emptied at the start
//	reserve             room on the disk, given up to say that there is none
type Place string

// Database is the path of the queue's database.
func (p Place) Database() string { return filepath.Join(string(p), "queue.db") }

// Temporary is where files are made that are renamed or removed.
func (p Place) Temporary() string { return filepath.Join(string(p), "tmp") }

// Job is a job's directory.
func (p Place) Job(id int64) string {
	return filepath.Join(string(p), "jobs", strconv.FormatInt(id, 10))
}

// Run is the directory of a job's run.
func (p Place) Run(j store.Job) string {
	return filepath.Join(p.Job(j.ID), fmt.Sprintf("run-%d", j.Revision))
}

// Log is a job's log.
func (p Place) Log(id int64) string { return filepath.Join(p.Job(id), "log.jsonl") }

func (p Place) rules(id int64) string     { return filepath.Join(p.Job(id), "rules.toml") }
func (p Place) record(id int64) string    { return filepath.Join(p.Job(id), "submission.json") }
func (p Place) cancelled(id int64) string { return filepath.Join(p.Job(id), "cancelled") }
func (p Place) upload(d store.Data) string {
	return filepath.Join(string(p), "data", d.SHA256, d.Name)
}

// prepare makes the directories, closed to others, and empties the temporary one.
func (p Place) prepare() error {
	for _, dir := range []string{string(p), filepath.Join(string(p), "data"), filepath.Join(string(p), "jobs")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("state directory: %w", err)
		}
	}
	if err := os.RemoveAll(p.Temporary()); err != nil {
		return fmt.Errorf("state directory: %w", err)
	}
	return os.MkdirAll(p.Temporary(), 0o700)
}

// record is submission.json: what the database says of a job when it is submitted or amended, so that a lost database
// loses no job.
type record struct {
	SHA256 string          `json:"sha256"` // of Job
	Job    json.RawMessage `json:"job"`
}

// keep writes a job's directory, durably.
func (p Place) keep(j store.Job) error {
	text, err := json.Marshal(j)
	if err != nil {
		return fmt.Errorf("keep job %d: %w", j.ID, err)
	}
	text, err = json.Marshal(record{durable.Hash(text), text})
	if err != nil {
		return fmt.Errorf("keep job %d: %w", j.ID, err)
	}
	if err := os.MkdirAll(p.Job(j.ID), 0o700); err != nil {
		return fmt.Errorf("keep job %d: %w", j.ID, err)
	}
	if err := p.keepRules(j); err != nil {
		return fmt.Errorf("keep job %d: %w", j.ID, err)
	}
	if err := renameio.WriteFile(p.record(j.ID), text, 0o600); err != nil {
		return fmt.Errorf("keep job %d: %w", j.ID, err)
	}
	return errors.Join(durable.SyncDir(p.Job(j.ID)), durable.SyncDir(filepath.Dir(p.Job(j.ID))))
}

// keepRules writes a job's own rules, if it has any, where its attempts read them.
func (p Place) keepRules(j store.Job) error {
	if j.Rules == "" {
		return nil
	}
	return renameio.WriteFile(p.rules(j.ID), []byte(j.Rules), 0o600)
}

// kept lists the jobs that have a whole submission.json, by id. Others never were accepted.
func (p Place) kept() (map[int64]store.Job, error) {
	entries, err := os.ReadDir(filepath.Join(string(p), "jobs"))
	if err != nil {
		return nil, fmt.Errorf("look for jobs: %w", err)
	}
	all := map[int64]store.Job{}
	for _, e := range entries {
		id, err := strconv.ParseInt(e.Name(), 10, 64)
		if err != nil {
			continue
		}
		if j, err := p.readRecord(id); err == nil && j.ID == id {
			all[id] = j
		}
	}
	return all, nil
}

func (p Place) readRecord(id int64) (store.Job, error) {
	var j store.Job
	text, err := os.ReadFile(p.record(id))
	if err != nil {
		return j, err
	}
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return j, fmt.Errorf("%w: %w", store.ErrDamaged, err)
	}
	if durable.Hash(r.Job) != r.SHA256 {
		return j, store.ErrDamaged
	}
	return j, json.Unmarshal(r.Job, &j)
}

// mark leaves a sign that a job was cancelled, or removes it.
func (p Place) mark(id int64, cancelled bool) error {
	if cancelled {
		return renameio.WriteFile(p.cancelled(id), nil, 0o600)
	}
	if err := os.Remove(p.cancelled(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// take writes an uploaded table to a temporary file. What f does not become is to be cleaned up.
func (p Place) take(name string, content io.Reader) (f *renameio.PendingFile, d store.Data, err error) {
	d.Name = CleanName(name)
	f, err = renameio.NewPendingFile(filepath.Join(p.Temporary(), "upload"), renameio.WithPermissions(0o600), renameio.WithTempDir(p.Temporary()))
	if err != nil {
		return nil, d, fmt.Errorf("receive %s: %w", d.Name, err)
	}
	if d.SHA256, d.Bytes, err = durable.Sum(io.TeeReader(content, f)); err != nil {
		return nil, d, fmt.Errorf("receive %s: %w", d.Name, errors.Join(err, f.Cleanup()))
	}
	return f, d, nil
}

// place gives what was taken its place, durably, instead of a damaged one if there is one.
func (p Place) place(f *renameio.PendingFile, d store.Data) error {
	if err := f.Sync(); err != nil {
		return fmt.Errorf("receive %s: %w", d.Name, err)
	}
	to := p.upload(d)
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return fmt.Errorf("receive %s: %w", d.Name, err)
	}
	if err := os.Rename(f.Name(), to); err != nil {
		return fmt.Errorf("receive %s: %w", d.Name, err)
	}
	return errors.Join(durable.SyncDir(filepath.Dir(to)), durable.SyncDir(filepath.Dir(filepath.Dir(to))))
}

// Holds tells whether an upload is there, as long as it was.
func (p Place) Holds(d store.Data) bool {
	if len(d.SHA256) != sha256.Size*2 || strings.Trim(d.SHA256, "0123456789abcdef") != "" || d.Name != CleanName(d.Name) {
		return false
	}
	info, err := os.Stat(p.upload(d))
	return err == nil && info.Mode().IsRegular() && (d.Bytes == 0 || info.Size() == d.Bytes)
}

// Intact tells whether an upload is there with the bytes that were sent. It reads them all.
func (p Place) Intact(d store.Data) bool {
	if !p.Holds(d) {
		return false
	}
	hash, _, err := durable.SumFile(p.upload(d))
	return err == nil && hash == d.SHA256
}

// CleanName keeps a file name's last part, and of it what is harmless in a path; its endings say how it is read.
func CleanName(name string) string {
	name = filepath.Base(strings.ReplaceAll(name, "\\", "/"))
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' {
			return r
		}
		return '-'
	}, name)
	clean = strings.TrimLeft(clean, ".-")
	if clean == "" {
		return "table.csv"
	}
	return clean[max(0, len(clean)-100):]
}

// Free is how many bytes the disk has left for the daemon.
func (p Place) Free() (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(string(p), &s); err != nil {
		return 0, fmt.Errorf("free space: %w", err)
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}

// reserved is the room that is kept for saying, in the database, that there is none.
const reserved = 1 << 20

func (p Place) reserve() string { return filepath.Join(string(p), "reserve") }

// saveUp keeps room for bad times, if it is not kept already.
func (p Place) saveUp() error {
	if _, err := os.Stat(p.reserve()); err == nil {
		return nil
	}
	return renameio.WriteFile(p.reserve(), make([]byte, reserved), 0o600, renameio.WithTempDir(p.Temporary()))
}

// spend gives the room up.
func (p Place) spend() error { return os.Remove(p.reserve()) }
