package plugintest_test

import (
	"os"
	"runtime"
	"testing"
	"time"

	"tuned/plugins/plugintest"
)

// TestHostile runs every case; -count=20 runs each as often.
func TestHostile(t *testing.T) {
	for _, c := range plugintest.HostileCases() {
		t.Run(c.Name+"/"+c.What, func(t *testing.T) {
			files, routines := openFiles(t), runtime.NumGoroutine()
			if err := c.Check(t.Context(), shortDir(t)); err != nil {
				t.Error(err)
			}
			settle(t, "open files", files, func() int { return openFiles(t) })
			settle(t, "goroutines", routines, runtime.NumGoroutine)
		})
	}
}

// shortDir is a directory whose path leaves room for sockets: a test's own would be passed over, and nothing left there to find.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "hostile")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func openFiles(t *testing.T) int {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// settle waits until a count is back where it was.
func settle(t *testing.T, what string, before int, now func() int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); now() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("%d %s, %d before", now(), what, before)
			return
		}
	}
}
