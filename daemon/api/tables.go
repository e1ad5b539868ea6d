package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tuned/daemon/attempt"
	"tuned/daemon/queue"
	"tuned/daemon/store"
	"tuned/job"
)

// Content is a request whose body is a table, read as it comes.
type Content struct {
	Name string `query:"name" required:"true" maxLength:"200" doc:"the file's name; its endings say how it is read"`
	body io.Reader
}

// Resolve takes the body.
func (c *Content) Resolve(ctx huma.Context) []error {
	c.body = ctx.BodyReader()
	return nil
}

func takesTable(op *huma.Operation) {
	binary := &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	op.RequestBody = &huma.RequestBody{
		Required: true, Content: map[string]*huma.MediaType{"text/csv": binary, "application/octet-stream": binary},
	}
	op.Errors = append(op.Errors, http.StatusRequestEntityTooLarge, http.StatusInsufficientStorage)
}

func (s *Server) tables() {
	huma.Register(s.api, operation(http.MethodPost, "/v1/data", "upload", "Upload a table; it is kept by its sha256", takesTable, status(http.StatusCreated)), s.upload)
	huma.Register(s.api, operation(http.MethodGet, "/v1/data/{sha256}/{name}", "table", "Whether a table is there already"), s.held)
	huma.Register(s.api, operation(http.MethodPost, "/v1/jobs/{id}/predict", "predict", "Predict the rows of a table with a finished job's model",
		takesTable, answers("text/csv", "a row for each row, in order: prediction, and p_CLASS for each class, or low and high around a value; what else there is to say is in the header Tuned-Prediction, as JSON")), s.predict)
}

type uploaded struct{ Body store.Data }

func (s *Server) upload(ctx context.Context, in *Content) (*uploaded, error) {
	if err := s.Queue.Ready(ctx); err != nil {
		return nil, problem(err)
	}
	d, err := s.Queue.Receive(in.Name, in.body)
	return &uploaded{d}, problem(err)
}

func (s *Server) held(_ context.Context, in *struct {
	SHA256 string `path:"sha256" maxLength:"64"`
	Name   string `path:"name" maxLength:"200"`
},
) (*uploaded, error) {
	d := store.Data{Name: in.Name, SHA256: in.SHA256}
	if !s.Queue.Held(d) { // a damaged one is uploaded again
		return nil, huma.Error404NotFound("there is no such table")
	}
	return &uploaded{d}, nil
}

func (s *Server) predict(ctx context.Context, in *struct {
	ByID
	Content
	With []string `query:"with,explode" maxItems:"10000" doc:"columns of the table that stand before the predictions, such as an ID; * is all"`
},
) (*huma.StreamResponse, error) {
	j, dir, err := s.found(ctx, in.ID)
	if err != nil {
		return nil, problem(err)
	}
	if j.State != store.Finished {
		return nil, huma.Error409Conflict(fmt.Sprintf("job %d is %s: only a finished one predicts", j.ID, j.State))
	}
	table, outcome, err := s.Predict(ctx, j.ID, dir, in.Name, in.body, in.With...)
	if err != nil {
		return nil, problem(err)
	}
	said, err := json.Marshal(outcome)
	if err != nil {
		return nil, problem(errors.Join(err, table.Close()))
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer table.Close()
		hc.SetHeader("Content-Type", "text/csv; charset=utf-8")
		hc.SetHeader("Tuned-Prediction", string(said))
		_, _ = io.Copy(hc.BodyWriter(), table)
	}}, nil
}

// Predict predicts a table's rows in a process of its own. They are CSV, behind these columns of the table, in a file without a name.
func (s *Server) Predict(ctx context.Context, id int64, dir, name string, body io.Reader, columns ...string) (*os.File, attempt.Outcome, error) {
	work, err := os.MkdirTemp(s.Queue.Place.Temporary(), "predict-")
	if err != nil {
		return nil, attempt.Outcome{}, err
	}
	defer os.RemoveAll(work)
	table := filepath.Join(work, "in-"+queue.CleanName(name))
	if err := receive(table, body); err != nil { // before its turn: one that is sent slowly keeps nobody waiting
		return nil, attempt.Outcome{}, err
	}
	select {
	case s.predicting <- struct{}{}:
		defer func() { <-s.predicting }()
	case <-ctx.Done():
		return nil, attempt.Outcome{}, ctx.Err()
	}
	request := attempt.Request{Job: id, Dir: dir, Data: table, Predict: filepath.Join(work, "predictions.csv"), Columns: columns}
	outcome, err := s.Queue.Program.Run(ctx, request, func(attempt.Message) string { return "" })
	if err != nil {
		return nil, outcome, err
	}
	if outcome.End != attempt.Finished {
		return nil, outcome, &job.Error{Problem: strings.ReplaceAll(outcome.Problem, table, filepath.Base(name))}
	}
	predictions, err := os.Open(request.Predict)
	return predictions, outcome, err
}

func receive(path string, body io.Reader) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, body)
	return errors.Join(err, f.Close())
}
