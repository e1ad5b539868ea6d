package queue

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"time"

	"go.uber.org/zap"

	"tuned/daemon/store"
)

// Alarm takes an alert to a person. An error has it tried again.
type Alarm func(ctx context.Context, a store.Alert, job store.Job) error

// notice is what a webhook or a command gets, as JSON.
type notice struct {
	Alert store.Alert `json:"alert"`
	Name  string      `json:"name"` // the job's
	State store.State `json:"state"`
}

// alarmTime is how long delivering one alert may take.
const alarmTime = 15 * time.Second

// Webhook posts each alert as JSON.
func Webhook(url string) Alarm {
	client := &http.Client{Timeout: alarmTime}
	return func(ctx context.Context, a store.Alert, j store.Job) error {
		body, err := json.Marshal(notice{a, j.Name, j.State})
		if err != nil {
			return err
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", "application/json")
		answer, err := client.Do(r)
		if err != nil {
			return fmt.Errorf("webhook: %w", err)
		}
		defer answer.Body.Close()
		if answer.StatusCode >= 300 {
			return fmt.Errorf("webhook: it answered %s", answer.Status)
		}
		return nil
	}
}

// Command runs a program for each alert, which reads it as JSON from its standard input.
func Command(words []string) Alarm {
	return func(ctx context.Context, a store.Alert, j store.Job) error {
		body, err := json.Marshal(notice{a, j.Name, j.State})
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, alarmTime)
		defer cancel()
		c := exec.CommandContext(ctx, words[0], words[1:]...)
		c.Stdin, c.WaitDelay = bytes.NewReader(body), time.Second
		if text, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("alert command: %w: %s", err, bytes.TrimSpace(text))
		}
		return nil
	}
}

// deliver takes alerts to the alarm until ctx ends, each again and again where that fails.
func (q *Queue) deliver(ctx context.Context) {
	if q.Alarm == nil {
		return
	}
	for {
		q.deliverAll(ctx)
		select {
		case <-ctx.Done():
			return
		case <-q.bell:
		case <-time.After(q.outbox.pause(time.Now())):
		}
	}
}

// deliverAll tries each alert that is due once. Which are is looked up after every try, since new ones come meanwhile.
func (q *Queue) deliverAll(ctx context.Context) {
	for ctx.Err() == nil {
		alerts, err := q.store.Undelivered(ctx)
		if err != nil {
			q.Log.Error("deliver alerts", zap.Error(err))
			return
		}
		a, ok := q.outbox.next(alerts, time.Now())
		if !ok {
			return
		}
		if err := q.deliverOne(ctx, a); err != nil {
			q.Log.Error("deliver an alert", zap.Int64("job", a.Job), zap.Int64("alert", a.ID), zap.Error(err))
			q.outbox.failed(a, time.Now())
			continue
		}
		delete(q.outbox, a.ID)
	}
}

func (q *Queue) deliverOne(ctx context.Context, a store.Alert) error {
	j, err := q.store.Job(ctx, a.Job)
	if err != nil {
		return err
	}
	if err := q.Alarm(ctx, a, j); err != nil {
		return err
	}
	return q.store.Delivered(ctx, a)
}

// ring has undelivered alerts delivered.
func (q *Queue) ring() {
	select {
	case q.bell <- struct{}{}:
	default:
	}
}
