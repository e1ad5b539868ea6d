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

// TestSlowTablesHoldNobodyUp: tables that do not arrive keep nobody else from a prediction.
func TestSlowTablesHoldNobodyUp(t *testing.T) {
	q, err := queue.Open(t.Context(), queue.Config{Place: queue.Place(t.TempDir()), Program: attempt.Program{Path: "/bin/echo", Args: []string{"{}"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	s := api.New(api.Config{Queue: q})
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
