// Package client speaks to a daemon, over its unix socket or TCP, for the commands.
package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tuned/daemon/api"
	"tuned/daemon/attempt"
	"tuned/daemon/store"
	"tuned/durable"
	"tuned/job"
)

// Client is a way to a daemon.
type Client struct {
	http  *http.Client
	base  string
	token api.Token
	where string // for messages
}

// Unix reaches a daemon by its socket.
func Unix(path string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}
	return &Client{http: &http.Client{Transport: &http.Transport{DialContext: dial}}, base: "http://tuned", where: path}
}

// TCP reaches a daemon by its address, such as "https://lab:8731", with its token.
func TCP(address string, token api.Token) *Client {
	return &Client{http: &http.Client{}, base: strings.TrimRight(address, "/"), token: token, where: address}
}

// Close closes idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// ErrAbsent: no daemon answers.
var ErrAbsent = errors.New("no daemon answers")

// Problem is what a daemon answered instead.
type Problem struct {
	Status int
	Detail string
}

// Error is the daemon's words.
func (p *Problem) Error() string { return p.Detail }

// BadInput tells that the asker can put it right.
func (p *Problem) BadInput() bool { return p.Status >= 400 && p.Status < 500 }

// do sends a request and gives the answer, whose body must be closed.
func (c *Client) do(ctx context.Context, method, path, kind string, body io.Reader, headers ...string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if secret := c.token.Reveal(); secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := c.http.Do(r)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%w at %s: %w", ErrAbsent, c.where, unreached(err))
	}
	if answer.StatusCode >= 400 {
		defer answer.Body.Close()
		return nil, problemOf(answer)
	}
	return answer, nil
}

// unreached is why a request reached nobody, without the address: "connection refused".
func unreached(err error) error {
	var system *os.SyscallError
	if errors.As(err, &system) {
		return system.Err
	}
	return errors.Unwrap(err) // of what http.Client adds, which is the URL
}

func problemOf(answer *http.Response) error {
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return err
	}
	var p struct {
		Detail string `json:"detail"`
		Errors []struct {
			Message  string `json:"message"`
			Location string `json:"location"`
		} `json:"errors"`
	}
	if json.Unmarshal(text, &p) != nil || p.Detail == "" {
		return &Problem{answer.StatusCode, answer.Status + ": " + strings.TrimSpace(string(text))}
	}
	if p.Detail == "validation failed" {
		for _, e := range p.Errors {
			p.Detail += fmt.Sprintf("\n | %s: %s", e.Location, e.Message)
		}
	}
	return &Problem{answer.StatusCode, p.Detail}
}

// call sends and receives JSON; either may be nil.
func (c *Client) call(ctx context.Context, method, path string, in, out any, headers ...string) error {
	var body io.Reader
	kind := ""
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body, kind = bytes.NewReader(text), "application/json"
	}
	answer, err := c.do(ctx, method, path, kind, body, headers...)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if out == nil {
		return nil
	}
	return json.NewDecoder(answer.Body).Decode(out)
}

// Info asks what the daemon is and how full.
func (c *Client) Info(ctx context.Context) (api.Info, error) {
	var out api.Info
	return out, c.call(ctx, http.MethodGet, "/v1/info", nil, &out)
}

// Upload gives the daemon a table, unless it has it.
func (c *Client) Upload(ctx context.Context, path string) (api.Table, error) {
	t := api.Table{Name: filepath.Base(path)}
	f, err := os.Open(path)
	if err != nil {
		return t, err
	}
	defer f.Close()
	if t.SHA256, _, err = durable.Sum(f); err != nil {
		return t, err
	}
	if err := c.call(ctx, http.MethodGet, "/v1/data/"+t.SHA256+"/"+url.PathEscape(t.Name), nil, nil); err == nil {
		return t, nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return t, err
	}
	answer, err := c.do(ctx, http.MethodPost, "/v1/data?name="+url.QueryEscape(t.Name), "application/octet-stream", f)
	if err != nil {
		return t, err
	}
	defer answer.Body.Close()
	var got store.Data
	err = json.NewDecoder(answer.Body).Decode(&got)
	return api.Table{Name: got.Name, SHA256: got.SHA256}, err
}

// Submit hands a job in. key makes a second try the same job.
func (c *Client) Submit(ctx context.Context, key string, s api.Submission) (api.Job, error) {
	var out api.Job
	return out, c.call(ctx, http.MethodPost, "/v1/jobs", s, &out, "Idempotency-Key", key)
}

// Jobs lists jobs, all or those in certain states.
func (c *Client) Jobs(ctx context.Context, states ...string) ([]api.Job, error) {
	var out struct {
		Jobs []api.Job `json:"jobs"`
	}
	query := ""
	if len(states) > 0 {
		query = "&state=" + url.QueryEscape(strings.Join(states, ","))
	}
	return out.Jobs, c.call(ctx, http.MethodGet, "/v1/jobs?limit=10000"+query, nil, &out)
}

// Job shows a job.
func (c *Client) Job(ctx context.Context, id string) (api.Job, error) {
	var out api.Job
	return out, c.call(ctx, http.MethodGet, "/v1/jobs/"+url.PathEscape(id), nil, &out)
}

// Act does something to a job: "pause", "resume", "cancel" or "retry".
func (c *Client) Act(ctx context.Context, id, verb string) (api.Job, error) {
	var out api.Job
	return out, c.call(ctx, http.MethodPost, "/v1/jobs/"+url.PathEscape(id)+"/"+verb, nil, &out)
}

// Approve lets a job train, or with pins has it planned again.
func (c *Client) Approve(ctx context.Context, id, who string, pins map[string]string) (api.Job, error) {
	var out api.Job
	in := map[string]any{"who": who, "pin": pins}
	return out, c.call(ctx, http.MethodPost, "/v1/jobs/"+url.PathEscape(id)+"/approve", in, &out)
}

// Prioritise changes a job's priority.
func (c *Client) Prioritise(ctx context.Context, id string, priority int) (api.Job, error) {
	var out api.Job
	return out, c.call(ctx, http.MethodPatch, "/v1/jobs/"+url.PathEscape(id), map[string]int{"priority": priority}, &out)
}

// Run shows what a job's run did and cost.
func (c *Client) Run(ctx context.Context, id string) (api.Run, error) {
	var out api.Run
	return out, c.call(ctx, http.MethodGet, "/v1/runs/"+url.PathEscape(id), nil, &out)
}

// Models lists what finished jobs left.
func (c *Client) Models(ctx context.Context) ([]api.Model, error) {
	var out struct {
		Models []api.Model `json:"models"`
	}
	return out.Models, c.call(ctx, http.MethodGet, "/v1/models", nil, &out)
}

// Copy writes what a path answers.
func (c *Client) Copy(ctx context.Context, path string, to io.Writer) error {
	answer, err := c.do(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.Copy(to, answer.Body)
	return err
}

// JobPath is the path of something of a job.
func JobPath(id, rest string) string { return "/v1/jobs/" + url.PathEscape(id) + "/" + rest }

// Predict writes predictions for a table, behind these columns of it.
func (c *Client) Predict(ctx context.Context, id, path string, to io.Writer, columns ...string) (attempt.Outcome, error) {
	var said attempt.Outcome
	f, err := os.Open(path)
	if err != nil {
		return said, err
	}
	defer f.Close()
	query := url.Values{"name": {filepath.Base(path)}, "with": columns}
	answer, err := c.do(ctx, http.MethodPost, JobPath(id, "predict?"+query.Encode()), "application/octet-stream", f)
	if err != nil {
		return said, err
	}
	defer answer.Body.Close()
	if err := json.Unmarshal([]byte(answer.Header.Get("Tuned-Prediction")), &said); err != nil {
		return said, fmt.Errorf("read the answer: %w", err)
	}
	_, err = io.Copy(to, answer.Body)
	return said, err
}

// Follow tells a job's journal and states until it is settled or, with stop, until that says so. A connection that breaks
// is made again where it broke.
func (c *Client) Follow(ctx context.Context, id string, entry func(job.Entry), state func(api.Job) (stop bool)) error {
	f := follower{client: c, entry: entry, state: state}
	for tries := 0; ; tries++ {
		before := f.last
		done, err := f.read(ctx, JobPath(id, "events"))
		if done || ctx.Err() != nil {
			return ctx.Err()
		}
		var p *Problem
		if errors.As(err, &p) {
			return err
		}
		if f.last != before {
			tries = 0
		}
		if tries >= 30 {
			return absent(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// absent is the error of a connection that stayed broken.
func absent(err error) error {
	if errors.Is(err, ErrAbsent) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrAbsent, err)
}

type follower struct {
	client *Client
	last   string // Last-Event-ID
	entry  func(job.Entry)
	state  func(api.Job) bool
}

// read reads one connection's events; done means that there will be no more.
func (f *follower) read(ctx context.Context, path string) (done bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answer, err := f.client.do(ctx, http.MethodGet, path, "", nil, "Last-Event-ID", f.last, "Accept", "text/event-stream")
	if err != nil {
		return false, err
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 16<<20)
	var id, name, data string
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), ": ")
		switch key {
		case "id":
			id = value
		case "event":
			name = value
		case "data":
			data = value
		case "":
			if done, err := f.event(id, name, data); done || err != nil {
				return done, err
			}
			id, name, data = "", "", ""
		}
	}
	return false, errors.Join(io.ErrUnexpectedEOF, lines.Err())
}

func (f *follower) event(id, name, data string) (done bool, err error) {
	switch name {
	case "entry":
		e, err := job.ParseEntry([]byte(data))
		if err != nil {
			return false, err
		}
		f.last = id
		f.entry(e)
	case "state":
		var j api.Job
		if err := json.Unmarshal([]byte(data), &j); err != nil {
			return false, err
		}
		return f.state(j), nil
	case "end":
		return true, nil
	}
	return false, nil
}
