package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tuned/daemon/store"
	"tuned/job"
	"tuned/report"
	"tuned/words"
)

func (s *Server) runs() {
	huma.Register(s.api, operation(http.MethodGet, "/v1/jobs/{id}/decisions", "decisions", "The settings decided so far, with the reasons"), s.decisions)
	huma.Register(s.api, operation(http.MethodGet, "/v1/jobs/{id}/explain", "explain", "Why each setting has its value, in sentences",
		answers("text/plain", "the explanation")), s.explain)
	huma.Register(s.api, operation(http.MethodGet, "/v1/jobs/{id}/report", "report", "The run's report, also while it goes on",
		answers("text/html", "one page without network")), s.report)
	huma.Register(s.api, operation(http.MethodGet, "/v1/jobs/{id}/log", "log", "The job's log, one JSON object a line",
		answers("application/x-ndjson", "the log")), s.log)
	huma.Register(s.api, operation(http.MethodGet, "/v1/jobs/{id}/files/{name}", "file", "A file of a finished run, checked against its sha256",
		answers("application/octet-stream", "the file")), s.file)
	huma.Register(s.api, operation(http.MethodGet, "/v1/runs/{id}", "run", "What a job's run did and cost so far"), s.run)
}

// found is a job and its run's directory.
func (s *Server) found(ctx context.Context, id int64) (store.Job, string, error) {
	j, err := s.Queue.Store().Job(ctx, id)
	return j, s.Queue.Place.Run(j), err
}

var errNotBegun = huma.Error409Conflict("the job has not begun")

// story reads a run that has begun.
func (s *Server) story(ctx context.Context, id int64) (*job.Story, error) {
	j, dir, err := s.found(ctx, id)
	if err == nil {
		err = s.Whole(j)
	}
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, job.RunFile)); err != nil {
		return nil, errNotBegun
	}
	return job.ReadStory(dir)
}

// Decision is a setting's value and why.
type Decision struct {
	Setting string     `json:"setting"`
	Value   any        `json:"value"`
	Text    string     `json:"text" doc:"the value with its unit, for people"`
	Why     string     `json:"why"`
	Rule    string     `json:"rule"`
	Layer   string     `json:"layer"`
	Source  string     `json:"source"`
	Facts   job.Values `json:"facts,omitempty" doc:"what the rule read"`
}

// Finding is a check that fired.
type Finding struct {
	Check string `json:"check"`
	Do    string `json:"do"`
	Why   string `json:"why"`
}

type decided struct {
	Body struct {
		Decisions []Decision `json:"decisions"`
		Findings  []Finding  `json:"findings"`
	}
}

func (s *Server) decisions(ctx context.Context, in *ByID) (*decided, error) {
	story, err := s.story(ctx, in.ID)
	if err != nil {
		return nil, problem(err)
	}
	out := &decided{}
	out.Body.Decisions, out.Body.Findings = []Decision{}, []Finding{}
	for _, d := range story.Decisions {
		out.Body.Decisions = append(out.Body.Decisions, Decision{
			Setting: d.Setting, Value: d.Value, Text: words.Quantity(d.Value, d.Unit), Why: d.Why, Rule: d.Rule, Layer: d.Layer, Source: d.Source,
			Facts: job.Values(d.Facts),
		})
	}
	for _, f := range story.Findings {
		out.Body.Findings = append(out.Body.Findings, Finding{f.Check, f.Do, f.Why})
	}
	return out, nil
}

func (s *Server) explain(ctx context.Context, in *struct {
	ByID
	Setting string `query:"setting" doc:"all about one setting"`
},
) (*huma.StreamResponse, error) {
	story, err := s.story(ctx, in.ID)
	if err != nil {
		return nil, problem(err)
	}
	return text("text/plain; charset=utf-8", func(w io.Writer) error {
		if in.Setting != "" {
			return story.ExplainSetting(w, in.Setting)
		}
		return story.Explain(w)
	})
}

// text answers with what write writes; its error comes first.
func text(kind string, write func(io.Writer) error) (*huma.StreamResponse, error) {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return nil, problem(err)
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", kind)
		_, _ = ctx.BodyWriter().Write(b.Bytes())
	}}, nil
}

func (s *Server) report(ctx context.Context, in *ByID) (*huma.StreamResponse, error) {
	j, dir, err := s.found(ctx, in.ID)
	if err == nil {
		err = s.Whole(j)
	}
	if err != nil {
		return nil, problem(err)
	}
	r, err := report.Read(dir)
	if err != nil {
		return nil, problem(fmt.Errorf("the job has no report yet: %w", err))
	}
	return text("text/html; charset=utf-8", func(w io.Writer) error { return report.Render(w, r) })
}

// Run is what a run left, or did so far.
type Run struct {
	Job     Job              `json:"job"`
	Metrics map[string]any   `json:"metrics,omitempty"`
	Result  *job.Result      `json:"result"`
	Files   []store.Artifact `json:"files"`
	Alerts  []store.Alert    `json:"alerts"`
}

func (s *Server) run(ctx context.Context, in *ByID) (*struct{ Body Run }, error) {
	j, dir, err := s.found(ctx, in.ID)
	if err == nil {
		err = s.Whole(j)
	}
	if err != nil {
		return nil, problem(err)
	}
	out := &struct{ Body Run }{Run{Job: view(j)}}
	if out.Body.Result, err = job.ReadResult(dir); err != nil {
		return nil, problem(errNotBegun)
	}
	out.Body.Result.Dir = fmt.Sprint(j.ID)
	if out.Body.Files, err = s.Queue.Store().Artifacts(ctx, j.ID); err != nil {
		return nil, problem(err)
	}
	out.Body.Alerts, err = s.Queue.Store().Alerts(ctx, j.ID, 1000)
	return out, problem(err)
}

// log sends a job's log, and with follow what is added until the job is settled.
func (s *Server) log(ctx context.Context, in *struct {
	ByID
	Follow bool `query:"follow"`
},
) (*huma.StreamResponse, error) {
	j, err := s.Queue.Store().Job(ctx, in.ID)
	if err != nil {
		return nil, problem(err)
	}
	f, err := os.Open(s.Queue.Place.Log(j.ID))
	if err != nil {
		return nil, problem(errNotBegun)
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer f.Close()
		hc.SetHeader("Content-Type", "application/x-ndjson")
		for {
			if _, err := io.Copy(hc.BodyWriter(), f); err != nil || !in.Follow || j.State.Settled() {
				return
			}
			flush(hc)
			select {
			case <-hc.Context().Done():
				return
			case <-s.stop:
				return
			case <-time.After(500 * time.Millisecond):
			}
			if j, err = s.Queue.Store().Job(hc.Context(), in.ID); err != nil {
				return
			}
		}
	}}, nil
}

// file sends a file that the finished run listed, if it still is what was listed.
func (s *Server) file(ctx context.Context, in *struct {
	ByID
	Name string `path:"name" maxLength:"200"`
},
) (*huma.StreamResponse, error) {
	j, dir, err := s.found(ctx, in.ID)
	if err != nil {
		return nil, problem(err)
	}
	files, err := s.Queue.Store().Artifacts(ctx, j.ID)
	if err != nil {
		return nil, problem(err)
	}
	i := slices.IndexFunc(files, func(a store.Artifact) bool { return a.Path == in.Name })
	if i < 0 {
		return nil, huma.Error404NotFound(fmt.Sprintf("job %d left no file %q", j.ID, in.Name))
	}
	f, err := intact(dir, files[i])
	if err != nil {
		return nil, problem(err)
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer f.Close()
		hc.SetHeader("Content-Type", "application/octet-stream")
		hc.SetHeader("Content-Length", fmt.Sprint(files[i].Length))
		hc.SetHeader("Content-Disposition", fmt.Sprintf("attachment; filename=%q", fmt.Sprintf("%s-%d-%s", j.Name, j.ID, in.Name)))
		hc.SetHeader("Digest", "sha-256="+files[i].SHA256)
		_, _ = io.Copy(hc.BodyWriter(), f)
	}}, nil
}
