package plugins

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"tuned/plugins/protocol"
	"tuned/trainer/model"
)

// server serves one architecture, and the one session of its process.
type server struct {
	protocol.UnimplementedArchitectureServer
	architecture model.Architecture
	began        func() // called once, before the first call is served
	once         sync.Once

	mu      sync.Mutex // held by whoever uses the session: it is for one goroutine at a time
	session model.Session
}

func (s *server) begin() {
	if s.began != nil {
		s.once.Do(s.began)
	}
}

// Describe gives the architecture's manifest.
func (s *server) Describe(ctx context.Context, _ *protocol.DescribeRequest) (*protocol.Manifest, error) {
	s.begin()
	m, err := s.architecture.Describe(ctx)
	if err != nil {
		return nil, toStatus(fmt.Errorf("describe: %w", err))
	}
	return encodeManifest(m), nil
}

// Open opens the session.
func (s *server) Open(ctx context.Context, in *protocol.OpenRequest) (*protocol.OpenReply, error) {
	s.begin()
	req, err := decodeOpen(in)
	if err != nil {
		return nil, toStatus(fmt.Errorf("open: %w", err))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.session != nil {
		return nil, toStatus(fmt.Errorf("open: %w: this process already has its session", model.ErrInvalid))
	}
	session, err := s.architecture.Open(ctx, req)
	if err != nil {
		return nil, toStatus(fmt.Errorf("open: %w", err))
	}
	s.session = session
	return encodeInfo(session.Info()), nil
}

// opened gives the session, locked.
func (s *server) opened() (model.Session, error) {
	s.mu.Lock()
	if s.session != nil {
		return s.session, nil
	}
	s.mu.Unlock()
	return nil, fmt.Errorf("%w: no session is open", model.ErrInvalid)
}

// request is a decoded Ops message.
type request struct {
	ops []model.Op
	err error
}

// Run answers each Ops with one Results, in order. The next message is decoded while one is worked on.
func (s *server) Run(stream grpc.BidiStreamingServer[protocol.Ops, protocol.Results]) error {
	requests := make(chan request, 1)
	g, ctx := errgroup.WithContext(stream.Context())
	g.Go(func() error {
		defer close(requests)
		return receive(ctx, stream, requests)
	})
	g.Go(func() error {
		for r := range requests {
			if err := stream.Send(s.answer(ctx, r)); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}

// receive decodes messages until the host ends the stream.
func receive(ctx context.Context, stream grpc.BidiStreamingServer[protocol.Ops, protocol.Results], to chan<- request) error {
	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		ops, err := decodeOps(message)
		select {
		case to <- request{ops, err}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// answer runs the operations of one message.
func (s *server) answer(ctx context.Context, r request) *protocol.Results {
	if r.err != nil {
		return encodeResults(nil, r.err)
	}
	session, err := s.opened()
	if err != nil {
		return encodeResults(nil, err)
	}
	defer s.mu.Unlock()
	return encodeResults(session.Submit(ctx, r.ops...).Wait(ctx))
}

// Save writes a checkpoint.
func (s *server) Save(ctx context.Context, in *protocol.File) (*protocol.FileReply, error) {
	session, err := s.opened()
	if err != nil {
		return nil, toStatus(fmt.Errorf("save: %w", err))
	}
	defer s.mu.Unlock()
	f, err := session.Save(ctx, in.GetPath())
	if err != nil {
		return nil, toStatus(fmt.Errorf("save: %w", err))
	}
	return &protocol.FileReply{File: encodeFile(f)}, nil
}

// Load restores one.
func (s *server) Load(ctx context.Context, in *protocol.File) (*protocol.FileReply, error) {
	session, err := s.opened()
	if err != nil {
		return nil, toStatus(fmt.Errorf("load: %w", err))
	}
	defer s.mu.Unlock()
	if err := session.Load(ctx, decodeFile(in)); err != nil {
		return nil, toStatus(fmt.Errorf("load: %w", err))
	}
	return &protocol.FileReply{File: in}, nil
}

// Export writes the tensors that predicting needs.
func (s *server) Export(ctx context.Context, in *protocol.ExportRequest) (*protocol.FileReply, error) {
	session, err := s.opened()
	if err != nil {
		return nil, toStatus(fmt.Errorf("export: %w", err))
	}
	defer s.mu.Unlock()
	f, err := session.Export(ctx, in.GetPath(), decodeWeights(in.GetMembers()))
	if err != nil {
		return nil, toStatus(fmt.Errorf("export: %w", err))
	}
	return &protocol.FileReply{File: encodeFile(f)}, nil
}

// Close ends the session; the host ends the process afterwards.
func (s *server) Close(context.Context, *protocol.CloseRequest) (*protocol.CloseReply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.session == nil {
		return &protocol.CloseReply{}, nil
	}
	if err := s.session.Close(); err != nil {
		return nil, toStatus(fmt.Errorf("close: %w", err))
	}
	return &protocol.CloseReply{}, nil
}
