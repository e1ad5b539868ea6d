package api

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tuned/daemon/store"
	"tuned/job"
)

func (s *Server) events() {
	huma.Register(s.api, operation(http.MethodGet, "/v1/events", "events",
		"Changes of all jobs as they happen; Last-Event-ID goes on behind one", answers("text/event-stream", "events named \"job\"")), s.changes)
	huma.Register(s.api, operation(http.MethodGet, "/v1/jobs/{id}/events", "job-events",
		"A job's journal, from the beginning or behind Last-Event-ID, until the job is settled",
		answers("text/event-stream", "events named \"entry\" (a line of the journal), \"state\" (the job) and \"end\"")), s.journal)
}

// beat is how often a stream says that it lives when nothing happens.
const beat = 15 * time.Second

// stream writes server-sent events.
type stream struct {
	ctx huma.Context
	err error
}

func startStream(ctx huma.Context) *stream {
	ctx.SetHeader("Content-Type", "text/event-stream")
	ctx.SetHeader("Cache-Control", "no-store")
	ctx.SetHeader("X-Accel-Buffering", "no")
	return &stream{ctx: ctx}
}

// send writes one event. data is one line.
func (st *stream) send(id, name string, data []byte) {
	if st.err != nil {
		return
	}
	if id != "" {
		id = "id: " + id + "\n"
	}
	_, st.err = fmt.Fprintf(st.ctx.BodyWriter(), "%sevent: %s\ndata: %s\n\n", id, name, data)
}

func (st *stream) comment() {
	if st.err == nil {
		_, st.err = io.WriteString(st.ctx.BodyWriter(), ": still here\n\n")
	}
}

func flush(ctx huma.Context) {
	if f, ok := ctx.BodyWriter().(http.Flusher); ok {
		f.Flush()
	}
}

// wait sleeps until one of the channels is closed; it tells whether the stream goes on.
func (s *Server) wait(st *stream, a, b <-chan struct{}) bool {
	if st.err != nil {
		return false
	}
	flush(st.ctx)
	timer := time.NewTimer(beat)
	defer timer.Stop()
	select {
	case <-a:
	case <-b:
	case <-timer.C:
		st.comment()
	case <-s.stop:
		return false
	case <-st.ctx.Context().Done():
		return false
	}
	return st.err == nil
}

// changes streams the changes of all jobs: from now on, or behind the reader's last event.
func (s *Server) changes(ctx context.Context, in *struct {
	Last  string `header:"Last-Event-ID"`
	After string `query:"after" doc:"instead of Last-Event-ID, for a first connection that cannot send it"`
},
) (*huma.StreamResponse, error) {
	after, err := strconv.ParseInt(cmp.Or(in.Last, in.After), 10, 64)
	if err != nil {
		if after, err = s.Queue.Store().LastEvent(ctx); err != nil {
			return nil, problem(err)
		}
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		st := startStream(hc)
		st.comment()
		for {
			changed := s.Queue.Store().Changed()
			events, err := s.Queue.Store().Events(hc.Context(), after, 1000)
			if err != nil {
				return
			}
			for _, e := range events {
				after = e.Seq
				text, err := json.Marshal(e)
				if err != nil {
					return
				}
				st.send(strconv.FormatInt(e.Seq, 10), "job", text)
			}
			if len(events) == 0 && !s.wait(st, changed, nil) {
				return
			}
		}
	}}, nil
}

// journal streams a job's journal.
func (s *Server) journal(ctx context.Context, in *struct {
	ByID
	Last  string `header:"Last-Event-ID" doc:"REVISION-SEQ"`
	After string `query:"after" doc:"instead of Last-Event-ID, for a first connection that cannot send it"`
},
) (*huma.StreamResponse, error) {
	j, err := s.Queue.Store().Job(ctx, in.ID)
	if err != nil {
		return nil, problem(err)
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		r := journalReader{server: s, stream: startStream(hc)}
		r.begin(j, cmp.Or(in.Last, in.After))
		r.run(j.ID)
	}}, nil
}

// journalReader follows a job from run to run.
type journalReader struct {
	server   *Server
	stream   *stream
	revision int
	tail     *job.Tail
	told     string // the state that was sent last
}

// begin starts behind the reader's last event where it is of the current run.
func (r *journalReader) begin(j store.Job, last string) {
	revision, seq, _ := strings.Cut(last, "-")
	after := int64(0)
	if revision == strconv.Itoa(j.Revision) {
		after, _ = strconv.ParseInt(seq, 10, 64) // what is no number means the beginning
	}
	r.revision = j.Revision
	r.tail = job.NewTail(filepath.Join(r.server.Queue.Place.Run(j), job.JournalFile), after)
}

func (r *journalReader) run(id int64) {
	ctx := r.stream.ctx.Context()
	for {
		grown, changed := r.server.Queue.Grown(id), r.server.Queue.Store().Changed()
		j, err := r.server.Queue.Store().Job(ctx, id)
		if err != nil {
			return
		}
		if j.Revision != r.revision {
			r.begin(j, "")
		}
		if !r.entries() {
			return
		}
		r.state(j)
		if j.State.Settled() {
			r.stream.send("", "end", []byte("{}"))
			flush(r.stream.ctx)
			return
		}
		if !r.server.wait(r.stream, grown, changed) {
			return
		}
	}
}

func (r *journalReader) entries() bool {
	entries, err := r.tail.Next()
	if err != nil {
		return false
	}
	for _, e := range entries {
		line, err := e.Encode()
		if err != nil {
			return false
		}
		r.stream.send(fmt.Sprintf("%d-%d", r.revision, e.Seq), "entry", line[:len(line)-1])
	}
	return r.stream.err == nil
}

// state sends the job when it is in another state than before.
func (r *journalReader) state(j store.Job) {
	v := view(j)
	v.Spec = ""
	text, err := json.Marshal(v)
	if err == nil && string(text) != r.told {
		r.told = string(text)
		r.stream.send("", "state", text)
	}
}
