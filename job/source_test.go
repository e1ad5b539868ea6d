package job

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// album makes a folder with a folder of one file, which another one may be linked to.
func album(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "cat"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cat", "1.png"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func sourceHash(t *testing.T, path string) string {
	t.Helper()
	hash, err := hashSource(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func TestHashIsOfNamesAndBytes(t *testing.T) {
	dir := album(t, "one")
	if sourceHash(t, dir) != sourceHash(t, album(t, "one")) || sourceHash(t, dir) == sourceHash(t, album(t, "two")) {
		t.Error("the hash is not that of the bytes")
	}
	before := sourceHash(t, dir)
	if err := os.Rename(filepath.Join(dir, "cat"), filepath.Join(dir, "dog")); err != nil {
		t.Fatal(err)
	}
	if sourceHash(t, dir) == before {
		t.Error("the hash is not that of the names")
	}
}

// TestHashFollowsLinksToFolders: images are read through links, to the folder itself and in it.
func TestHashFollowsLinksToFolders(t *testing.T) {
	dir, link := album(t, "one"), filepath.Join(t.TempDir(), "album")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if sourceHash(t, link) != sourceHash(t, dir) {
		t.Error("a link has another hash")
	}
	before, other := sourceHash(t, dir), album(t, "two")
	if err := os.Symlink(filepath.Join(other, "cat"), filepath.Join(dir, "dog")); err != nil {
		t.Fatal(err)
	}
	if sourceHash(t, dir) == before {
		t.Error("a linked folder counts for nothing")
	}
}

// TestHashEndsWhereLinksLeadBack: it is made, and is still that of the files.
func TestHashEndsWhereLinksLeadBack(t *testing.T) {
	back := func(text string) string {
		dir := album(t, text)
		if err := os.Symlink("..", filepath.Join(dir, "cat", "up")); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	one, again, two := sourceHash(t, back("one")), sourceHash(t, back("one")), sourceHash(t, back("two"))
	if one != again || one == two {
		t.Error("the hash is not that of the files")
	}
}

func TestHashPassesOverWhatHoldsNoData(t *testing.T) {
	dir := album(t, "one")
	before := sourceHash(t, dir)
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nothing", filepath.Join(dir, "gone")); err != nil {
		t.Fatal(err)
	}
	if sourceHash(t, dir) != before {
		t.Error("a pipe or a link to nothing counts")
	}
}

// TestHashEndsWhenAsked: an interrupt does not wait for the end of a large file.
func TestHashEndsWhenAsked(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	dir := album(t, "one")
	for _, path := range []string{dir, filepath.Join(dir, "cat", "1.png")} {
		if hash, err := hashSource(ctx, path); !errors.Is(err, context.Canceled) {
			t.Errorf("%s is hashed to its end, %q: %v", path, hash, err)
		}
	}
}
