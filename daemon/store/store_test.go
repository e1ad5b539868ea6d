package store

import (
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
