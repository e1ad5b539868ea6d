// Package store keeps the daemon's jobs in SQLite: the one truth about what was accepted and how far it is.
//
// A change is answered for once it is committed, and committed means on the disk (WAL, synchronous=FULL). Each row carries
// a sha256 of what it says, so that a byte that flips on the disk is noticed and never used.
package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

// Errors to test with errors.Is.
var (
	// ErrNotFound: there is no such job.
	ErrNotFound = errors.New("no such job")
	// ErrDamaged: what is on the disk is not what was written.
	ErrDamaged = errors.New("damaged: the disk holds something else than was written")
)

// schema is version 1 of the tables.
const schema = `
CREATE TABLE IF NOT EXISTS jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, state TEXT NOT NULL, body TEXT NOT NULL, sum TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state);
CREATE TABLE IF NOT EXISTS events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, job INTEGER NOT NULL, body TEXT NOT NULL, sum TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS artifacts (
  job INTEGER NOT NULL, path TEXT NOT NULL, body TEXT NOT NULL, sum TEXT NOT NULL, PRIMARY KEY (job, path)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alerts (
  id INTEGER PRIMARY KEY AUTOINCREMENT, job INTEGER NOT NULL, source TEXT NOT NULL, delivered INTEGER NOT NULL,
  body TEXT NOT NULL, sum TEXT NOT NULL, UNIQUE (job, source));
PRAGMA user_version = 1;`

// version is what user_version says of the tables above.
const version = 1

// Store is an open database. Its methods may be called from many goroutines; writes happen one after the other.
type Store struct {
	db *sql.DB
	mu sync.Mutex // one writer

	changed chan struct{} // closed and replaced after each commit that told events
	watch   sync.Mutex
}

// Open opens the database at path, making it when there is none, and checks it as a whole. A damaged one is an error that
// wraps ErrDamaged.
func Open(ctx context.Context, path string) (*Store, error) {
	pragmas := url.Values{"_pragma": {
		"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(5000)", "foreign_keys(ON)", "cache_size(-2000)",
		"fullfsync(ON)", "checkpoint_fullfsync(ON)", // macOS leaves what is synced in the disk's cache otherwise
	}, "_txlock": {"immediate"}}
	name := (&url.URL{Path: path}).EscapedPath() // a directory may be called "50%?"
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: name, RawQuery: pragmas.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("open the queue: %w", err)
	}
	db.SetMaxOpenConns(4)
	s := &Store{db: db, changed: make(chan struct{})}
	if err := s.prepare(ctx); err != nil {
		return nil, fmt.Errorf("open the queue: %w", errors.Join(err, db.Close()))
	}
	return s, nil
}

func (s *Store) prepare(ctx context.Context) error {
	var found int
	if err := s.db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found); err != nil {
		return blamed(err)
	}
	if found > version {
		return fmt.Errorf("a newer version of tuned wrote it (tables %d, this one knows %d)", found, version)
	}
	if found < version { // else nothing is written: a database of today's opens on a full disk
		if _, err := s.db.ExecContext(ctx, schema); err != nil {
			return blamed(err)
		}
	}
	return s.check(ctx)
}

// blamed marks an error as damage, unless it comes from the machine (a full disk, too many open files, no right to write) or
// from being told to stop.
func blamed(err error) error {
	var e *sqlite.Error
	switch {
	case err == nil, errors.Is(err, ErrDamaged), errors.Is(err, context.Canceled),
		errors.As(err, &e) && slices.Contains(circumstances, e.Code()&0xff):
		return err
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

// circumstances are results of SQLite's that say nothing about what the database holds.
var circumstances = []int{
	sqlitelib.SQLITE_PERM, sqlitelib.SQLITE_BUSY, sqlitelib.SQLITE_LOCKED, sqlitelib.SQLITE_NOMEM, sqlitelib.SQLITE_READONLY,
	sqlitelib.SQLITE_INTERRUPT, sqlitelib.SQLITE_IOERR, sqlitelib.SQLITE_FULL, sqlitelib.SQLITE_CANTOPEN, sqlitelib.SQLITE_PROTOCOL,
}

// check has SQLite look at its structure, and reads every row.
func (s *Store) check(ctx context.Context) error {
	var verdict string
	if err := s.db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return blamed(err)
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", ErrDamaged, verdict)
	}
	_, jobs := s.Jobs(ctx)
	_, events := s.Events(ctx, 0, keptEvents+1)
	_, alerts := s.alerts(ctx, "")
	_, files := s.artifacts(ctx, "")
	return blamed(errors.Join(jobs, events, alerts, files))
}

// Close closes the database.
func (s *Store) Close() error { return s.db.Close() }

// sumOf covers all that a row says, with its name, so that no row can pass for another.
func sumOf(kind string, key any, body string) string {
	h := sha256.Sum256(fmt.Appendf(nil, "%s\x00%v\x00%s", kind, key, body))
	return hex.EncodeToString(h[:])
}

// seal encodes a row.
func seal(kind string, key, row any) (body, sum string, err error) {
	text, err := json.Marshal(row)
	if err != nil {
		return "", "", fmt.Errorf("%s %v: %w", kind, key, err)
	}
	return string(text), sumOf(kind, key, string(text)), nil
}

// unseal decodes a row, if it is what was written.
func unseal(kind string, key any, body, sum string, to any) error {
	if sumOf(kind, key, body) != sum {
		return fmt.Errorf("%s %v: %w", kind, key, ErrDamaged)
	}
	if err := json.Unmarshal([]byte(body), to); err != nil {
		return fmt.Errorf("%s %v: %w: %w", kind, key, ErrDamaged, err)
	}
	return nil
}

// write runs one transaction at a time; what it tells is announced after the commit. One that has begun is brought to its end, also
// where whoever asked for it leaves: it may write files, too, which no rollback takes back.
func (s *Store) write(ctx context.Context, do func(context.Context, *sql.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(ctx, tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	s.watch.Lock()
	defer s.watch.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
	return nil
}

// Changed is closed at the next commit.
func (s *Store) Changed() <-chan struct{} {
	s.watch.Lock()
	defer s.watch.Unlock()
	return s.changed
}

// now is when something happened, for people; nothing about a run is decided by it.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
