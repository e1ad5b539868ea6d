// Package api is the daemon's interface for programs: REST under /v1 with a generated OpenAPI document, errors as RFC 9457
// problems, events as server-sent events that a reader can resume. The guard in front decides who gets in.
package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"

	"tuned/daemon/queue"
)

// Config is what the API serves.
type Config struct {
	Queue   *queue.Queue
	Version string
	Log     *zap.Logger
	// Plugins lists the architectures that jobs can name.
	Plugins func(context.Context) ([]Plugin, error)
	// MaxUpload is the most bytes that a table may have; 0: 16 GiB.
	MaxUpload int64
}

// Plugin is an architecture that jobs can name.
type Plugin struct {
	Name    string   `json:"name"`
	Version string   `json:"version"`
	Summary string   `json:"summary"`
	Tasks   []string `json:"tasks"`
	Inputs  []string `json:"inputs"`
	Builtin bool     `json:"builtin"`
	SHA256  string   `json:"sha256,omitempty" doc:"of what was installed"`
}

const (
	// maxSpec is the most bytes of a request that is no table.
	maxSpec = 1 << 20
	// maxTable is the most bytes of a table, where the operator sets no other bound.
	maxTable = 16 << 30
	// predictions is how many tables are predicted at the same time.
	predictions = 2
)

// Server serves the API. More routes may be added with Handle.
type Server struct {
	Config
	mux        *router
	api        huma.API
	predicting chan struct{}
	stop       chan struct{} // closed when streams have to end
}

// New makes the server with all of the API's routes.
func New(c Config) *Server {
	if c.MaxUpload == 0 {
		c.MaxUpload = maxTable
	}
	if c.Log == nil {
		c.Log = zap.NewNop()
	}
	s := &Server{Config: c, mux: &router{}, predicting: make(chan struct{}, predictions), stop: make(chan struct{})}
	config := huma.DefaultConfig("tuned", c.Version)
	config.Info.Description = "Jobs that train a model in one run, every hyperparameter set by a rule, with the reasons."
	config.DocsPath, config.SchemasPath = "", "/v1/schemas"
	config.OpenAPIPath = "/v1/openapi"
	config.CreateHooks = nil // no $schema in answers
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer"}}
	config.Security = []map[string][]string{{"token": {}}}
	s.api = humago.New(s.mux, config)
	s.jobs()
	s.runs()
	s.events()
	s.tables()
	s.service()
	s.operate()
	return s
}

// operate adds what whoever runs the machine looks at.
func (s *Server) operate() {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(s.Queue.Collectors()...)
	s.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	s.Handle("GET /healthz", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) }))
	s.Handle("GET /readyz", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.Queue.Ready(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ready\n"))
	}))
}

// Handle adds a route, which the guard stands before like all others.
func (s *Server) Handle(pattern string, h http.Handler) { s.mux.HandleFunc(pattern, h.ServeHTTP) }

// Patterns lists every route, as http.ServeMux writes them: "GET /v1/jobs/{id}".
func (s *Server) Patterns() []string { return slices.Clone(s.mux.patterns) }

// ServeHTTP serves without asking who it is: put a Guard before it. Of no body is more read than a table may have.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, s.MaxUpload)
	s.mux.ServeHTTP(w, r)
}

// EndStreams ends all event streams, which would keep a server from shutting down.
func (s *Server) EndStreams() { close(s.stop) }

// router remembers its routes.
type router struct {
	http.ServeMux
	patterns []string
}

func (m *router) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	m.patterns = append(m.patterns, pattern)
	m.ServeMux.HandleFunc(pattern, h)
}

// operation describes a route.
func operation(method, path, id, summary string, also ...func(*huma.Operation)) huma.Operation {
	op := huma.Operation{
		Method: method, Path: path, OperationID: id, Summary: summary, MaxBodyBytes: maxSpec,
		Errors: []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusConflict},
	}
	for _, change := range also {
		change(&op)
	}
	return op
}

func status(code int) func(*huma.Operation) {
	return func(op *huma.Operation) { op.DefaultStatus = code }
}

// answers documents a body that is no JSON.
func answers(kind, description string) func(*huma.Operation) {
	return func(op *huma.Operation) {
		op.Responses = map[string]*huma.Response{"200": {
			Description: description, Content: map[string]*huma.MediaType{kind: {Schema: &huma.Schema{Type: "string"}}},
		}}
	}
}
