package queue

import (
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"tuned/daemon/store"
)

// send uploads a table and makes it as old.
func send(t *testing.T, q *Queue, name, text string, age time.Duration) store.Data {
	t.Helper()
	d, err := q.Receive(name, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	then := time.Now().Add(-age)
	if err := os.Chtimes(q.Place.upload(d), then, then); err != nil {
		t.Fatal(err)
	}
	return d
}

// tidied has old uploads removed that no job refers to.
func tidied(t *testing.T, q *Queue) {
	t.Helper()
	if err := q.removeUnused(t.Context(), time.Now().Add(-unusedTime)); err != nil {
		t.Fatal(err)
	}
}

// TestUploadsThatNoJobRefersTo are removed a day after they were last of use, and no others: a second job may share the table.
func TestUploadsThatNoJobRefersTo(t *testing.T) {
	q, err := opened(t, filepath.Join(t.TempDir(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	const old = unusedTime + time.Minute
	refused, fresh := send(t, q, "refused.csv", "a,y\n1,2\n", old), send(t, q, "fresh.csv", "a,y\n3,4\n", time.Hour)
	again, asked := send(t, q, "again.csv", "a,y\n5,6\n", old), send(t, q, "asked.csv", "a,y\n7,8\n", old)
	shared, other := send(t, q, "shared.csv", "a,y\n9,0\n", old), send(t, q, "other.csv", "a,y\n9,0\n", old)
	if _, err := q.Submit(t.Context(), Submission{Key: "bad", Spec: spec + "speed = 3\n", Data: refused}); err == nil {
		t.Fatal("a bad job is accepted")
	}
	for _, key := range []string{"one", "two"} {
		j, err := q.Submit(t.Context(), Submission{Key: key, Spec: spec, Data: shared})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := q.Cancel(t.Context(), j.ID); err != nil {
			t.Fatal(err)
		}
	}
	if d, err := q.Receive("again.csv", strings.NewReader("a,y\n5,6\n")); err != nil || d != again || !q.Held(asked) {
		t.Fatalf("a table that is there: %+v, %v", d, err)
	}
	tidied(t, q)
	for name, c := range map[string]struct {
		data store.Data
		held bool
	}{
		"of a refused job": {refused, false}, "just sent": {fresh, true}, "sent again": {again, true}, "asked after": {asked, true},
		"of two cancelled jobs": {shared, true}, "with their content, under another name": {other, false},
	} {
		if q.Held(c.data) != c.held {
			t.Errorf("the upload %s: held is %v", name, !c.held)
		}
	}
	if _, err := os.Stat(filepath.Dir(q.Place.upload(refused))); !os.IsNotExist(err) {
		t.Errorf("its directory stays: %v", err)
	}
}

// TestUploadsStayWhileTheyAreAboutToBeUsed: nothing is removed between a look at a table and the job that refers to it.
func TestUploadsStayWhileTheyAreAboutToBeUsed(t *testing.T) {
	q, err := opened(t, filepath.Join(t.TempDir(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	table := send(t, q, "t.csv", "a,y\n1,2\n", 2*unusedTime)
	q.Config.Architectures = func() []string { // Submit asks for them before it looks at the table
		tidied(t, q)
		return []string{"mlp"}
	}
	job := Submission{Key: "one", Spec: spec + "[model]\narchitecture = \"mlp\"\n", Data: table}
	if _, err := q.Submit(t.Context(), job); err != nil {
		t.Error(err)
	}
	tidied(t, q)
	if !q.Held(table) {
		t.Error("the table of an accepted job is removed")
	}
}

// TestAnUploadThatBreaksOffLeavesNothing: neither a table nor a temporary file.
func TestAnUploadThatBreaksOffLeavesNothing(t *testing.T) {
	q, err := opened(t, filepath.Join(t.TempDir(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	broken := io.MultiReader(strings.NewReader("a,y\n"), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := q.Receive("t.csv", broken); err == nil {
		t.Error("no error")
	}
	for _, dir := range []string{q.Place.Temporary(), filepath.Join(string(q.Place), "data")} {
		if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
			t.Errorf("%s holds %v, %v", dir, left, err)
		}
	}
}

// TestUploadsLeaveRoom: a table that takes the room that running jobs need is refused, wherever it comes from.
func TestUploadsLeaveRoom(t *testing.T) {
	q, err := opened(t, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	q.MinFree = math.MaxInt64
	if d, err := q.Receive("t.csv", strings.NewReader("a,y\n1,2\n")); !errors.Is(err, ErrFull) {
		t.Errorf("%v is received on a full disk: %v", d, err)
	}
}
