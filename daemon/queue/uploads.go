package queue

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"tuned/daemon/store"
)

// An upload that no job refers to is kept for a while after it was last sent or asked after: a form is put right, a job is handed in
// again. A look every now and then removes it.
const (
	unusedTime = 24 * time.Hour
	unusedLook = time.Hour
)

// Receive stores an uploaded table under the sha256 of its bytes, durably. The same table twice is stored once. What would
// fill the disk is [ErrFull].
func (q *Queue) Receive(name string, content io.Reader) (store.Data, error) {
	f, d, err := q.Place.take(name, sparing{q, content})
	if err != nil {
		return d, err
	}
	defer f.Cleanup()
	q.uploads.RLock()
	defer q.uploads.RUnlock()
	if q.Place.Intact(d) {
		return d, q.Place.touch(d)
	}
	return d, q.Place.place(f, d)
}

// sparing reads as long as the disk has room that running jobs do not need.
type sparing struct {
	queue *Queue
	from  io.Reader
}

func (s sparing) Read(p []byte) (int, error) {
	if !s.queue.roomy() {
		return 0, ErrFull
	}
	return s.from.Read(p)
}

// Held tells whether an upload is there with the bytes that were sent. Whoever asks means to use it.
func (q *Queue) Held(d store.Data) bool {
	q.uploads.RLock()
	defer q.uploads.RUnlock()
	return q.Place.Intact(d) && q.Place.touch(d) == nil
}

// tidy removes uploads that no job refers to, until ctx ends.
func (q *Queue) tidy(ctx context.Context) {
	for {
		if err := q.removeUnused(ctx, time.Now().Add(-unusedTime)); err != nil && ctx.Err() == nil {
			q.Log.Error("remove uploads that no job refers to", zap.Error(err))
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(unusedLook):
		}
	}
}

// removeUnused removes uploads that no job in the queue refers to, whatever its state, and that nobody asked after since. While a
// table arrives or a job is handed in it does nothing: that job may be about to refer to one.
func (q *Queue) removeUnused(ctx context.Context, since time.Time) error {
	if !q.uploads.TryLock() {
		return nil
	}
	defer q.uploads.Unlock()
	jobs, err := q.store.Jobs(ctx)
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, j := range jobs {
		used[q.Place.upload(j.Data)] = true
	}
	all, err := q.Place.uploads()
	for path, asked := range all {
		if used[path] || asked.After(since) {
			continue
		}
		q.Log.Info("an upload that no job refers to is removed", zap.String("path", path))
		err = errors.Join(err, os.Remove(path))
		_ = os.Remove(filepath.Dir(path)) // where none of another name is left in it
	}
	return err
}

// uploads are the paths of all tables that were sent, and when each was last sent or asked after.
func (p Place) uploads() (map[string]time.Time, error) {
	dir := filepath.Join(string(p), "data")
	names, err := fs.Glob(os.DirFS(dir), "*/*")
	all := map[string]time.Time{}
	for _, name := range names {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		all[path] = info.ModTime()
	}
	return all, err
}

// touch notes that an upload is asked after.
func (p Place) touch(d store.Data) error {
	now := time.Now()
	return os.Chtimes(p.upload(d), now, now)
}
