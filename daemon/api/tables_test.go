package api_test

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"tuned/daemon/api"
	"tuned/daemon/attempt"
	"tuned/daemon/queue"
)

// refusing predicts no table.
var refusing = attempt.Program{Path: "/bin/sh", Args: []string{"-c", `read -r request; echo '{"outcome":{"end":"refused"}}'`}}

// refuser is a server whose attempts are refused.
func refuser(t *testing.T) *api.Server {
	t.Helper()
	q, err := queue.Open(t.Context(), queue.Config{Place: queue.Place(t.TempDir()), Program: refusing})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { q.Close() })
	return api.New(api.Config{Queue: q})
}

// TestSlowTablesHoldNobodyUp: tables that do not arrive keep nobody else from a prediction.
func TestSlowTablesHoldNobodyUp(t *testing.T) {
	s := refuser(t)
	var slow sync.WaitGroup
	defer slow.Wait()
	for range 2 { // as many as are predicted at a time
		body, rest := io.Pipe()
		slow.Go(func() { _, _, _ = s.Predict(t.Context(), 1, t.TempDir(), "t.csv", body) })
		if _, err := rest.Write([]byte("a,b\n")); err != nil { // it is being read, and is not all
			t.Fatal(err)
		}
		defer rest.Close()
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	if _, _, err := s.Predict(ctx, 1, t.TempDir(), "t.csv", strings.NewReader("a,b\n1,2\n")); ctx.Err() != nil || err == nil {
		t.Errorf("a table that is there is not predicted: %v", err)
	}
}

// TestLongNames: a table is predicted whatever it is called.
func TestLongNames(t *testing.T) {
	s := refuser(t)
	for _, name := range []string{strings.Repeat("ö", 196) + ".csv", "a\x00b.csv", "../../a.csv"} {
		_, outcome, err := s.Predict(t.Context(), 1, t.TempDir(), name, strings.NewReader("a,b\n1,2\n"))
		if outcome.End != attempt.Refused {
			t.Errorf("%q is not looked at: %v", name, err)
		}
	}
}
