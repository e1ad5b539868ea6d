package store

import (
	"context"
	"database/sql"
	"fmt"
)

// keptEvents is how many events are kept: enough for any reader that was away for a while.
const keptEvents = 20_000

func damaged(id int64) error { return fmt.Errorf("job %d: %w", id, ErrDamaged) }

// tell adds an event to the transaction that it is about.
func tell(ctx context.Context, tx *sql.Tx, e Event) error {
	e.At = now()
	r, err := tx.ExecContext(ctx, "INSERT INTO events (job, body, sum) VALUES (?, '', '')", e.Job)
	if err != nil {
		return err
	}
	if e.Seq, err = r.LastInsertId(); err != nil {
		return err
	}
	body, sum, err := seal("event", e.Seq, e)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE events SET body = ?, sum = ? WHERE seq = ?", body, sum, e.Seq); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM events WHERE seq <= ?", e.Seq-keptEvents)
	return err
}

// Events gives at most limit events behind one, in order.
func (s *Store) Events(ctx context.Context, after int64, limit int) ([]Event, error) {
	return all(ctx, s.db, event, "SELECT seq, body, sum FROM events WHERE seq > ? ORDER BY seq LIMIT ?", after, limit)
}

func event(rows *sql.Rows) (e Event, err error) {
	var seq int64
	var body, sum string
	if err := rows.Scan(&seq, &body, &sum); err != nil {
		return e, err
	}
	return e, unseal("event", seq, body, sum, &e)
}

// LastEvent is the newest event's number, 0 when there is none.
func (s *Store) LastEvent(ctx context.Context) (seq int64, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT COALESCE(MAX(seq), 0) FROM events").Scan(&seq)
	return seq, err
}

// list records a run's files.
func list(ctx context.Context, tx *sql.Tx, files []Artifact) error {
	for _, f := range files {
		body, sum, err := seal("artifact", f.Job, f)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO artifacts (job, path, body, sum) VALUES (?, ?, ?, ?)", f.Job, f.Path, body, sum); err != nil {
			return err
		}
	}
	return nil
}

// Artifacts lists the files of a finished job.
func (s *Store) Artifacts(ctx context.Context, job int64) ([]Artifact, error) {
	return s.artifacts(ctx, "WHERE job = ? ORDER BY path", job)
}

func (s *Store) artifacts(ctx context.Context, where string, args ...any) ([]Artifact, error) {
	return all(ctx, s.db, artifact, "SELECT job, path, body, sum FROM artifacts "+where, args...)
}

func artifact(rows *sql.Rows) (a Artifact, err error) {
	var job int64
	var path, body, sum string
	if err := rows.Scan(&job, &path, &body, &sum); err != nil {
		return a, err
	}
	if err := unseal("artifact", job, body, sum, &a); err != nil {
		return a, err
	}
	if a.Path != path {
		return a, damaged(job)
	}
	return a, nil
}

// Alert records an alert, once for each source within a job; added is false for one that is known.
func (s *Store) Alert(ctx context.Context, a Alert) (stored Alert, added bool, err error) {
	err = s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		a.At = now()
		r, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO alerts (job, source, delivered, body, sum) VALUES (?, ?, 0, '', '')", a.Job, a.Source)
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return err
		}
		added = true
		if a.ID, err = r.LastInsertId(); err != nil {
			return err
		}
		if err := saveAlert(ctx, tx, a); err != nil {
			return err
		}
		j, err := byID(ctx, tx, a.Job)
		if err != nil {
			return err
		}
		return tell(ctx, tx, Event{Job: a.Job, Kind: "alert", State: j.State, Reason: a.Text})
	})
	if err != nil {
		return a, false, fmt.Errorf("record an alert of job %d: %w", a.Job, err)
	}
	return a, added, nil
}

func saveAlert(ctx context.Context, tx *sql.Tx, a Alert) error {
	body, sum, err := seal("alert", a.ID, a)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "UPDATE alerts SET delivered = ?, body = ?, sum = ? WHERE id = ?", a.Delivered, body, sum, a.ID)
	return err
}

// Delivered marks an alert as taken by whoever is to hear of it.
func (s *Store) Delivered(ctx context.Context, a Alert) error {
	a.Delivered = true
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error { return saveAlert(ctx, tx, a) })
}

// Alerts lists the newest alerts first: of a job, or of all with 0.
func (s *Store) Alerts(ctx context.Context, job int64, limit int) ([]Alert, error) {
	return s.alerts(ctx, "WHERE ? IN (0, job) ORDER BY id DESC LIMIT ?", job, limit)
}

// Undelivered lists the alerts that nobody took yet, oldest first.
func (s *Store) Undelivered(ctx context.Context) ([]Alert, error) {
	return s.alerts(ctx, "WHERE delivered = 0 ORDER BY id")
}

func (s *Store) alerts(ctx context.Context, where string, args ...any) ([]Alert, error) {
	return all(ctx, s.db, alert, "SELECT id, job, delivered, body, sum FROM alerts "+where, args...)
}

func alert(rows *sql.Rows) (a Alert, err error) {
	var id, job int64
	var delivered bool
	var body, sum string
	if err := rows.Scan(&id, &job, &delivered, &body, &sum); err != nil {
		return a, err
	}
	if err := unseal("alert", id, body, sum, &a); err != nil {
		return a, err
	}
	if a.Job != job || a.Delivered != delivered {
		return a, damaged(job)
	}
	return a, nil
}
