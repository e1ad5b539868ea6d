package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tuned/daemon/queue"
	"tuned/daemon/store"
	"tuned/job"
)

// Job is a job as the API shows it.
type Job struct {
	ID        int64        `json:"id"`
	Name      string       `json:"name"`
	State     store.State  `json:"state" enum:"queued,running,waiting,paused,finished,failed,cancelled"`
	Reason    string       `json:"reason,omitempty" doc:"why it is in this state, for people"`
	Priority  int          `json:"priority"`
	Submitted time.Time    `json:"submitted"`
	Started   *time.Time   `json:"started,omitempty"`
	Ended     *time.Time   `json:"ended,omitempty"`
	Data      store.Data   `json:"data"`
	Seed      int64        `json:"seed"`
	Revision  int          `json:"revision" doc:"counts what a person changed; each is a run of its own"`
	Needs     store.Needs  `json:"needs"`
	Gate      string       `json:"gate,omitempty" doc:"the cost above which a person is asked before training"`
	Approved  string       `json:"approved,omitempty"`
	Promise   *job.Promise `json:"promise,omitempty" doc:"what the plan says that training will cost"`
	Attempts  int          `json:"attempts"`
	Score     *store.Score `json:"score,omitempty"`
	Spec      string       `json:"spec,omitempty" doc:"the job file; left out of lists"`
}

func view(j store.Job) Job {
	v := Job{
		ID: j.ID, Name: j.Name, State: j.State, Reason: j.Reason, Priority: j.Priority, Submitted: j.Submitted, Data: j.Data,
		Seed: j.Seed, Revision: j.Revision, Needs: j.Needs, Gate: j.Gate, Approved: j.Approved, Promise: j.Promise,
		Attempts: j.Attempts, Score: j.Score, Spec: j.Spec,
	}
	if !j.Started.IsZero() {
		v.Started = &j.Started
	}
	if !j.Ended.IsZero() {
		v.Ended = &j.Ended
	}
	return v
}

// Submission is a job that is handed in.
type Submission struct {
	Spec     string `json:"spec" maxLength:"65536" doc:"the job file's text: TOML"`
	Rules    string `json:"rules,omitempty" maxLength:"524288" doc:"rules that come before the built-in ones: TOML"`
	Data     Table  `json:"data" doc:"the table: an upload, or a file in one of the daemon's data directories"`
	Seed     int64  `json:"seed,omitempty"`
	Priority int    `json:"priority,omitempty" minimum:"-100" maximum:"100"`
}

// Table names a table that the daemon has.
type Table struct {
	Name   string `json:"name,omitempty" doc:"of an upload; its endings say how it is read"`
	SHA256 string `json:"sha256,omitempty" doc:"of an upload"`
	Rooted string `json:"rooted,omitempty" doc:"a path below one of the daemon's data directories, instead of an upload"`
}

type (
	oneJob struct{ Body Job }
	ByID   struct {
		ID int64 `path:"id" minimum:"1"`
	}
	accepted struct {
		Location string `header:"Location"`
		Body     Job
	}
)

func (s *Server) jobs() {
	huma.Register(s.api, operation(http.MethodPost, "/v1/jobs", "submit", "Submit a job; the answer means that it is on the disk",
		status(http.StatusAccepted)), s.submit)
	huma.Register(s.api, operation(http.MethodGet, "/v1/jobs", "jobs", "List jobs"), s.list)
	huma.Register(s.api, operation(http.MethodGet, "/v1/jobs/{id}", "job", "Show a job"), func(ctx context.Context, in *ByID) (*oneJob, error) {
		j, err := s.Queue.Store().Job(ctx, in.ID)
		return &oneJob{view(j)}, problem(err)
	})
	huma.Register(s.api, operation(http.MethodPatch, "/v1/jobs/{id}", "prioritise", "Change a job's priority"), s.prioritise)
	for _, a := range []struct {
		name, summary string
		do            func(context.Context, int64) (store.Job, error)
	}{
		{"pause", "Stop a job where it is", s.Queue.Pause},
		{"resume", "Let a paused job go on", s.Queue.Resume},
		{"cancel", "End a job; what it did is kept", s.Queue.Cancel},
		{"retry", "Have a failed or cancelled job go on", s.Queue.Retry},
	} {
		op := operation(http.MethodPost, "/v1/jobs/{id}/"+a.name, a.name, a.summary)
		huma.Register(s.api, op, func(ctx context.Context, in *ByID) (*oneJob, error) {
			j, err := a.do(ctx, in.ID)
			return &oneJob{view(j)}, problem(err)
		})
	}
	huma.Register(s.api, operation(http.MethodPost, "/v1/jobs/{id}/approve", "approve", "Let a waiting job train, or pin settings and have it planned again"), s.approve)
}

func (s *Server) submit(ctx context.Context, in *struct {
	Key  string `header:"Idempotency-Key" maxLength:"128" doc:"a second submission with it is answered with the first one's job"`
	Body Submission
},
) (*accepted, error) {
	b := in.Body
	key := in.Key
	if key == "" {
		key = rand.Text()
	}
	j, err := s.Queue.Submit(ctx, queue.Submission{
		Key: key, Spec: b.Spec, Rules: b.Rules, Seed: b.Seed, Priority: b.Priority,
		Data: store.Data{Name: b.Data.Name, SHA256: b.Data.SHA256, Rooted: b.Data.Rooted},
	})
	if err != nil {
		return nil, problem(err)
	}
	return &accepted{Location: fmt.Sprintf("/v1/jobs/%d", j.ID), Body: view(j)}, nil
}

type jobList struct {
	Body struct {
		Jobs []Job `json:"jobs"`
	}
}

func (s *Server) list(ctx context.Context, in *struct {
	State []store.State `query:"state" enum:"queued,running,waiting,paused,finished,failed,cancelled" doc:"only jobs in these states"`
	After int64         `query:"after" doc:"only jobs with a greater id"`
	Limit int           `query:"limit" default:"1000" minimum:"1" maximum:"10000"`
},
) (*jobList, error) {
	all, err := s.Queue.Store().Jobs(ctx, in.State...)
	if err != nil {
		return nil, problem(err)
	}
	out := &jobList{}
	out.Body.Jobs = []Job{}
	for _, j := range all {
		if j.ID > in.After && len(out.Body.Jobs) < in.Limit {
			j.Spec = ""
			out.Body.Jobs = append(out.Body.Jobs, view(j))
		}
	}
	return out, nil
}

func (s *Server) prioritise(ctx context.Context, in *struct {
	ByID
	Body struct {
		Priority int `json:"priority" minimum:"-100" maximum:"100"`
	}
},
) (*oneJob, error) {
	j, err := s.Queue.Prioritise(ctx, in.ID, in.Body.Priority)
	return &oneJob{view(j)}, problem(err)
}

func (s *Server) approve(ctx context.Context, in *struct {
	ByID
	Body struct {
		Who string            `json:"who,omitempty" maxLength:"100" doc:"who approves, for the record"`
		Pin map[string]string `json:"pin,omitempty" doc:"settings and values, written as in a job file; the job is planned again with them"`
	}
},
) (*oneJob, error) {
	if len(in.Body.Pin) > 0 {
		j, err := s.Queue.Amend(ctx, in.ID, in.Body.Pin)
		return &oneJob{view(j)}, problem(err)
	}
	who := in.Body.Who
	if who == "" {
		who = "a person"
	}
	j, err := s.Queue.Approve(ctx, in.ID, who)
	return &oneJob{view(j)}, problem(err)
}

// finishedJobs are those that left a model, newest first.
func (s *Server) finishedJobs(ctx context.Context) ([]store.Job, error) {
	all, err := s.Queue.Store().Jobs(ctx, store.Finished)
	slices.Reverse(all)
	return all, err
}
