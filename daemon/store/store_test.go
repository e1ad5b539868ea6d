package store

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// SQLite is given the path as a URL, in which some characters mean something else.
func TestOpenMakesTheDatabaseWhereItIsTold(t *testing.T) {
	for _, name := range []string{"plain", "50%41", "what?mode=memory", "one#two", "a b", "größe"} {
		path := filepath.Join(t.TempDir(), name, "queue.db")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

// TestOpenTellsDamageFromCircumstances: what the machine refuses, and being told to stop, say nothing about what the database
// holds. One that counts as damaged is set aside.
func TestOpenTellsDamageFromCircumstances(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Open(stopped, filepath.Join(t.TempDir(), "queue.db")); err == nil || errors.Is(err, ErrDamaged) {
		t.Errorf("told to stop: %v", err)
	}
	if _, err := Open(t.Context(), t.TempDir()); err == nil || errors.Is(err, ErrDamaged) {
		t.Errorf("no file can be opened: %v", err)
	}
	path := filepath.Join(t.TempDir(), "queue.db")
	if err := os.WriteFile(path, []byte("this is no database, and it is longer than the header of one\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path); !errors.Is(err, ErrDamaged) {
		t.Errorf("no database: %v", err)
	}
}

// TestOpenWritesNothing that is there already: a full disk does not keep a daemon from starting, and saying so.
func TestOpenWritesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "queue.db")
	var before []byte
	for range 2 {
		s, err := Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		after, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if before != nil && !bytes.Equal(before, after) {
			t.Error("the database was written")
		}
		before = after
	}
}
