package durable_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"tuned/durable"
)

// abc is the sha256 of "abc", from FIPS 180-2.
const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

func TestSums(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	if hash, length, err := durable.SumFile(path); hash != abc || length != 3 || err != nil {
		t.Errorf("got %s, %d, %v", hash, length, err)
	}
	if got := durable.Hash([]byte("abc")); got != abc {
		t.Errorf("got %s", got)
	}
}

func TestWhatCannotBeReadHasNoSum(t *testing.T) {
	if _, _, err := durable.SumFile(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if hash, length, err := durable.Sum(iotest.ErrReader(errors.ErrUnsupported)); hash != "" || length != 0 || !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("got %q, %d, %v", hash, length, err)
	}
}

func TestSyncDir(t *testing.T) {
	if err := durable.SyncDir(t.TempDir()); err != nil {
		t.Error(err)
	}
	if err := durable.SyncDir(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
