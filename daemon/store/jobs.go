package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Submit adds a job and gives it its id. keep is called before the commit with the job as it will be; when it fails, so
// does the submission. A key that is known gives the job that has it, and added is false.
func (s *Store) Submit(ctx context.Context, j Job, keep func(Job) error) (stored Job, added bool, err error) {
	err = s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		stored, err = byKey(ctx, tx, j.Key)
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		stored, added, err = j, true, nil
		stored.Submitted = now()
		if stored.ID, err = insert(ctx, tx, stored); err != nil {
			return err
		}
		if err := keep(stored); err != nil {
			return err
		}
		if err := save(ctx, tx, stored); err != nil {
			return err
		}
		return tell(ctx, tx, Event{Job: stored.ID, Kind: "submitted", State: stored.State})
	})
	if err != nil {
		return Job{}, false, fmt.Errorf("submit: %w", err)
	}
	return stored, added, nil
}

// insert reserves a row; its id is never given again.
func insert(ctx context.Context, tx *sql.Tx, j Job) (int64, error) {
	if j.ID > 0 {
		_, err := tx.ExecContext(ctx, "INSERT INTO jobs (id, key, state, body, sum) VALUES (?, ?, '', '', '')", j.ID, j.Key)
		return j.ID, err
	}
	r, err := tx.ExecContext(ctx, "INSERT INTO jobs (key, state, body, sum) VALUES (?, '', '', '')", j.Key)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

// Adopt adds a job under the id that it has, as one is found whose row was lost.
func (s *Store) Adopt(ctx context.Context, j Job) error {
	err := s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := insert(ctx, tx, j); err != nil {
			return err
		}
		if err := save(ctx, tx, j); err != nil {
			return err
		}
		return tell(ctx, tx, Event{Job: j.ID, Kind: "state", State: j.State, Reason: j.Reason})
	})
	if err != nil {
		return fmt.Errorf("adopt job %d: %w", j.ID, err)
	}
	return nil
}

func save(ctx context.Context, tx *sql.Tx, j Job) error {
	body, sum, err := seal("job", j.ID, j)
	if err != nil {
		return err
	}
	r, err := tx.ExecContext(ctx, "UPDATE jobs SET state = ?, body = ?, sum = ? WHERE id = ? AND key = ?", j.State, body, sum, j.ID, j.Key)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n != 1 {
		return errors.Join(fmt.Errorf("job %d: %w", j.ID, ErrNotFound), err)
	}
	return nil
}

// Change changes a job in one transaction: change sees it as it is, and what it leaves is committed. Its error changes
// nothing. files are listed with it, and may be nil.
func (s *Store) Change(ctx context.Context, id int64, kind string, change func(*Job) error, files ...Artifact) (Job, error) {
	var j Job
	err := s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var err error
		if j, err = byID(ctx, tx, id); err != nil {
			return err
		}
		before := j.State
		if err := change(&j); err != nil {
			return err
		}
		if j.State.Settled() && !before.Settled() {
			j.Ended = now()
		}
		if err := save(ctx, tx, j); err != nil {
			return err
		}
		if err := list(ctx, tx, files); err != nil {
			return err
		}
		return tell(ctx, tx, Event{Job: id, Kind: kind, State: j.State, Reason: j.Reason})
	})
	return j, err
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

const columns = "SELECT id, key, state, body, sum FROM jobs "

// Job finds a job.
func (s *Store) Job(ctx context.Context, id int64) (Job, error) { return byID(ctx, s.db, id) }

// Jobs lists all jobs, or those in certain states, by id.
func (s *Store) Jobs(ctx context.Context, states ...State) ([]Job, error) {
	if len(states) == 0 {
		return all(ctx, s.db, scan, columns+"ORDER BY id")
	}
	marks, args := "", make([]any, len(states))
	for i, state := range states {
		marks, args[i] = marks+",?", state
	}
	return all(ctx, s.db, scan, columns+"WHERE state IN ("+marks[1:]+") ORDER BY id", args...)
}

func byID(ctx context.Context, q querier, id int64) (Job, error) {
	return one(all(ctx, q, scan, columns+"WHERE id = ?", id))
}

func byKey(ctx context.Context, q querier, key string) (Job, error) {
	return one(all(ctx, q, scan, columns+"WHERE key = ?", key))
}

func one(jobs []Job, err error) (Job, error) {
	if err != nil {
		return Job{}, err
	}
	if len(jobs) == 0 {
		return Job{}, ErrNotFound
	}
	return jobs[0], nil
}

// all are the rows of a query, each as read makes it.
func all[T any](ctx context.Context, q querier, read func(*sql.Rows) (T, error), text string, args ...any) (found []T, err error) {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read the queue: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		one, err := read(rows)
		if err != nil {
			return nil, fmt.Errorf("read the queue: %w", err)
		}
		found = append(found, one)
	}
	return found, rows.Err()
}

func scan(rows *sql.Rows) (Job, error) {
	var (
		id                    int64
		key, state, body, sum string
		j                     Job
	)
	if err := rows.Scan(&id, &key, &state, &body, &sum); err != nil {
		return j, err
	}
	if err := unseal("job", id, body, sum, &j); err != nil {
		return j, err
	}
	if j.ID != id || j.Key != key || string(j.State) != state {
		return j, damaged(id)
	}
	return j, nil
}

// Counts tells how many jobs there are in each state.
func (s *Store) Counts(ctx context.Context) (map[State]int, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT state, COUNT(*) FROM jobs GROUP BY state")
	if err != nil {
		return nil, fmt.Errorf("count jobs: %w", err)
	}
	defer rows.Close()
	counts := map[State]int{}
	for rows.Next() {
		var state State
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, fmt.Errorf("count jobs: %w", err)
		}
		counts[state] = n
	}
	return counts, rows.Err()
}
