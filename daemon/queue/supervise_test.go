package queue

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"go.uber.org/zap"

	"tuned/daemon/store"
)

// TestPersistTriesWhatCanPass: a full disk is waited for; a job that is gone, or damaged, stays so however often it is asked for.
func TestPersistTriesWhatCanPass(t *testing.T) {
	q, err := opened(t, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.Close() })
	for _, c := range []struct {
		err  error
		want int
	}{
		{errors.New("the disk is full"), 3}, {store.ErrNotFound, 1}, {fmt.Errorf("job 1: %w", store.ErrDamaged), 1},
	} {
		tries := 0
		q.persist(t.Context(), zap.NewNop(), func(context.Context) error {
			if tries++; tries == 3 {
				return nil
			}
			return c.err
		})
		if tries != c.want {
			t.Errorf("%v: %d tries, want %d", c.err, tries, c.want)
		}
	}
}
