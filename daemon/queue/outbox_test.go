package queue

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tuned/daemon/store"
)

// TestAnAlertThatCannotBeDeliveredKeepsNoOtherWaiting: those behind it come, in order, and it is put off by itself.
func TestAnAlertThatCannotBeDeliveredKeepsNoOtherWaiting(t *testing.T) {
	q, err := opened(t, filepath.Join(t.TempDir(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	job := fill(t, q)[0].ID
	raise := func(text string) {
		if _, _, err := q.store.Alert(t.Context(), store.Alert{Job: job, Source: text, Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	var told []string
	q.Alarm = func(_ context.Context, a store.Alert, _ store.Job) error {
		told = append(told, a.Text)
		if a.Text == "look" {
			raise("meanwhile")
			return errors.New("the receiver refuses it")
		}
		return nil
	}
	raise("second")
	raise("third")
	q.deliverAll(t.Context())
	q.deliverAll(t.Context())
	if want := []string{"look", "second", "third", "meanwhile"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	if left, err := q.store.Undelivered(t.Context()); err != nil || len(left) != 1 || left[0].Text != "look" {
		t.Errorf("undelivered %+v, %v", left, err)
	}
}

// TestOutbox: each alert is tried again by itself, ever more rarely, and behind those that were tried less often.
func TestOutbox(t *testing.T) {
	o, now, alerts := outbox{}, time.Unix(0, 0), []store.Alert{{ID: 1}, {ID: 2}}
	tried := map[int64][]time.Duration{}
	for now.Before(time.Unix(3600, 0)) {
		if now.Equal(time.Unix(600, 0)) {
			alerts = append(alerts, store.Alert{ID: 3})
		}
		a, due := o.next(alerts, now)
		if !due {
			now = now.Add(time.Second)
			continue
		}
		tried[a.ID] = append(tried[a.ID], now.Sub(time.Unix(0, 0)))
		o.failed(a, now)
	}
	want := []time.Duration{0, 30, 90, 210, 450, 930, 1530, 2130, 2730, 3330}
	for i := range want {
		want[i] *= time.Second
	}
	if !slices.Equal(tried[1], want) || !slices.Equal(tried[2], want) {
		t.Errorf("tried after %v and %v, want %v", tried[1], tried[2], want)
	}
	if len(tried[3]) == 0 || tried[3][0] != 600*time.Second {
		t.Errorf("a new one is tried after %v", tried[3])
	}
	o = outbox{1: {times: 1}}
	if a, _ := o.next(alerts[:2], now); a.ID != 2 {
		t.Errorf("alert %d comes before one that was never tried", a.ID)
	}
	if pause := (outbox{1: {again: now.Add(7 * time.Second)}}).pause(now); pause != 7*time.Second {
		t.Errorf("a pause of %v", pause)
	}
}
