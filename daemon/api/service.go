package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"tuned"
	"tuned/daemon/store"
	"tuned/job"
)

// Info says what the daemon is and how full.
type Info struct {
	Version  string              `json:"version"`
	Capacity store.Needs         `json:"capacity" doc:"what all running jobs may take together"`
	Jobs     map[store.State]int `json:"jobs"`
	Free     int64               `json:"disk_free_bytes"`
	Problem  string              `json:"problem,omitempty" doc:"why nothing new is accepted or started"`
}

// Model is what a finished job left to predict with.
type Model struct {
	Job          int64        `json:"job"`
	Name         string       `json:"name"`
	Architecture string       `json:"architecture"`
	Task         string       `json:"task"`
	Target       string       `json:"target"`
	Classes      []string     `json:"classes,omitempty"`
	Score        *store.Score `json:"score,omitempty"`
	SHA256       string       `json:"sha256" doc:"of model.safetensors"`
	Bytes        int64        `json:"bytes"`
}

type (
	models struct {
		Body struct {
			Models []Model `json:"models"`
		}
	}
	plugins struct {
		Body struct {
			Plugins []Plugin `json:"plugins"`
		}
	}
	alerts struct {
		Body struct {
			Alerts []store.Alert `json:"alerts"`
		}
	}
	rules struct {
		Body struct {
			Text string `json:"text" doc:"TOML"`
		}
	}
)

func (s *Server) service() {
	huma.Register(s.api, operation(http.MethodGet, "/v1/info", "info", "What the daemon is and how full"), s.info)
	huma.Register(s.api, operation(http.MethodGet, "/v1/models", "models", "What finished jobs left to predict with, newest first"), s.models)
	huma.Register(s.api, operation(http.MethodGet, "/v1/plugins", "plugins", "The architectures that jobs can name"), func(ctx context.Context, _ *struct{}) (*plugins, error) {
		out := &plugins{}
		if s.Plugins == nil {
			return out, nil
		}
		var err error
		out.Body.Plugins, err = s.Plugins(ctx)
		return out, problem(err)
	})
	huma.Register(s.api, operation(http.MethodGet, "/v1/rules", "rules", "The built-in rules"), func(context.Context, *struct{}) (*rules, error) {
		out := &rules{}
		out.Body.Text = tuned.Rules
		return out, nil
	})
	huma.Register(s.api, operation(http.MethodGet, "/v1/alerts", "alerts", "What a person should look at, newest first"), func(ctx context.Context, in *struct {
		Job   int64 `query:"job" doc:"of one job"`
		Limit int   `query:"limit" default:"100" minimum:"1" maximum:"1000"`
	},
	) (*alerts, error) {
		out := &alerts{}
		var err error
		out.Body.Alerts, err = s.Queue.Store().Alerts(ctx, in.Job, in.Limit)
		return out, problem(err)
	})
}

func (s *Server) info(ctx context.Context, _ *struct{}) (*struct{ Body Info }, error) {
	out := &struct{ Body Info }{Info{Version: s.Version, Capacity: s.Queue.Capacity}}
	var err error
	if out.Body.Jobs, err = s.Queue.Store().Counts(ctx); err != nil {
		return nil, problem(err)
	}
	if out.Body.Free, err = s.Queue.Place.Free(); err != nil {
		return nil, problem(err)
	}
	if err := s.Queue.Ready(ctx); err != nil {
		out.Body.Problem = err.Error()
	}
	return out, nil
}

func (s *Server) models(ctx context.Context, _ *struct{}) (*models, error) {
	all, err := s.finishedJobs(ctx)
	if err != nil {
		return nil, problem(err)
	}
	out := &models{}
	out.Body.Models = []Model{}
	for _, j := range all {
		r, err := job.ReadRecord(s.Queue.Place.Run(j))
		if err != nil || r.Model == nil {
			continue // damaged: asking for the run says how
		}
		out.Body.Models = append(out.Body.Models, Model{
			Job: j.ID, Name: j.Name, Architecture: r.Model.Architecture, Task: string(r.Model.Task), Target: r.Target,
			Classes: r.Model.Classes, Score: j.Score, SHA256: r.Model.Weights.SHA256, Bytes: r.Model.Weights.Length,
		})
	}
	return out, nil
}
