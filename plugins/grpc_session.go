package plugins

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"

	"tuned/plugins/protocol"
	"tuned/trainer/model"
)

// ahead is how many Ops messages are with the architecture at a time: one that it works on and one that waits there, so
// that it never idles. Those behind them stay with the host, where they can still be dropped.
const ahead = 2

// closeGrace is how long a session may take to close before its process is ended regardless.
const closeGrace = time.Second

var errClosed = errors.New("session is closed")

// session is a model.Session at the other end of a stream. A sender and a receiver share the queues under mu.
type session struct {
	client *Client
	info   model.Info
	stream grpc.BidiStreamingClient[protocol.Ops, protocol.Results]
	cancel context.CancelFunc
	work   sync.WaitGroup
	wake   chan struct{} // tells the sender that there may be something to send
	closed sync.Once

	mu      sync.Mutex
	waiting []*pending  // submitted, not sent
	flying  []*pending  // sent and not answered, oldest first; at most ahead
	err     error       // why nothing more can be asked
	stall   *time.Timer // runs while something flies
}

var _ model.Session = (*session)(nil)

func newSession(c *Client, info model.Info) (*session, error) {
	ctx, cancel := context.WithCancel(context.Background())
	stream, err := c.rpc.Run(ctx)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("run: %w", c.cause(err))
	}
	s := &session{client: c, info: info, stream: stream, cancel: cancel, wake: make(chan struct{}, 1), stall: c.watch()}
	s.stall.Stop()
	s.work.Go(func() { s.send(ctx) })
	s.work.Go(func() { s.receive(ctx) })
	return s, nil
}

// Info says what the architecture knew when it opened the session.
func (s *session) Info() model.Info { return s.info }

// pending is one submitted message. After done is closed, results and err stand.
type pending struct {
	session *session
	ctx     context.Context // of the Submit
	message *grpc.PreparedMsg
	ops     []model.Op
	done    chan struct{}
	results []model.Result
	err     error
}

func (p *pending) finish(results []model.Result, err error) {
	p.results, p.err = results, err
	close(p.done)
}

// Submit encodes ops, so that their rows may be reused at once, and queues them.
func (s *session) Submit(ctx context.Context, ops ...model.Op) model.Pending {
	p := &pending{session: s, ctx: ctx, ops: slices.Clone(ops), done: make(chan struct{})}
	message, err := s.encode(ops)
	if err != nil {
		p.finish(nil, err)
		return p
	}
	p.message = message
	s.queue(p)
	return p
}

func (s *session) encode(ops []model.Op) (*grpc.PreparedMsg, error) {
	message, err := encodeOps(ops)
	if err != nil {
		return nil, err
	}
	var prepared grpc.PreparedMsg
	if err := prepared.Encode(s.stream, message); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return &prepared, nil
}

func (s *session) queue(p *pending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		p.finish(nil, s.err)
		return
	}
	s.waiting = append(s.waiting, p)
	s.signal()
}

func (s *session) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Wait gives the results. It returns early when ctx is done, or when the context of the Submit is and the work has not
// been sent yet, which is then dropped.
func (p *pending) Wait(ctx context.Context) ([]model.Result, error) {
	dropped := p.ctx.Done()
	for {
		select {
		case <-p.done:
			return p.results, p.err
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-dropped:
			p.session.drop(p)
			dropped = nil
		}
	}
}

// drop takes p out of what waits, if it is still there.
func (s *session) drop(p *pending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.waiting, p); i >= 0 {
		s.waiting = slices.Delete(s.waiting, i, i+1)
		p.finish(nil, context.Cause(p.ctx))
	}
}

// send sends what waits while less than ahead flies.
func (s *session) send(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
		for message := s.next(); message != nil; message = s.next() {
			// A send fails only when the stream has ended; the receiver learns why.
			if s.stream.SendMsg(message) != nil {
				return
			}
		}
	}
}

// next moves the next message from waiting to flying; nil when there is none to send now. The message is the sender's then:
// what has been answered should not hold on to its rows.
func (s *session) next() *grpc.PreparedMsg {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.waiting) > 0 && len(s.flying) < ahead {
		p := s.waiting[0]
		s.waiting = s.waiting[1:]
		if p.ctx.Err() != nil {
			p.finish(nil, context.Cause(p.ctx))
			continue
		}
		s.flying = append(s.flying, p)
		if len(s.flying) == 1 {
			s.stall.Reset(s.client.patience())
		}
		message := p.message
		p.message = nil
		return message
	}
	return nil
}

// receive hands each answer to the oldest message in flight, until the stream ends.
func (s *session) receive(ctx context.Context) {
	for {
		answer, err := s.stream.Recv()
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			s.fail(s.client.cause(err))
			return
		}
		if err := s.answered(answer); err != nil {
			s.fail(err)
			return
		}
	}
}

func (s *session) answered(answer *protocol.Results) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.flying) == 0 {
		return fmt.Errorf("%w: an answer to nothing", errProtocol)
	}
	p := s.flying[0]
	s.flying = s.flying[1:]
	s.stall.Stop()
	if len(s.flying) > 0 {
		s.stall.Reset(s.client.patience())
	}
	p.finish(decodeResults(answer, p.ops))
	s.signal()
	return nil
}

// fail ends all that is queued with err, and all that will be asked. The first failure stands.
func (s *session) fail(err error) {
	s.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stall.Stop()
	if s.err == nil {
		s.err = err
	}
	for _, p := range slices.Concat(s.flying, s.waiting) {
		p.finish(nil, s.err)
	}
	s.flying, s.waiting = nil, nil
}

// settle waits until all that was submitted has been answered, or dropped.
func (s *session) settle(ctx context.Context) error {
	for {
		last, err := s.latest()
		if err != nil || last == nil {
			return err
		}
		select {
		case <-last.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// latest is what was submitted last of all that waits or flies, nil where nothing does; or why nothing more can be asked.
func (s *session) latest() (*pending, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.Concat(s.flying, s.waiting)
	if s.err != nil || len(all) == 0 {
		return nil, s.err
	}
	return all[len(all)-1], nil
}

// Close ends the session and its process. What was submitted and not answered ends with an error.
func (s *session) Close() error {
	s.closed.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
		defer cancel()
		s.fail(errClosed)
		// A session that cannot close loses nothing by it: what must last was saved, and its process ends next.
		_, _ = s.client.rpc.Close(ctx, &protocol.CloseRequest{})
		s.work.Wait()
	})
	if s.client.supervision.Close == nil {
		return nil
	}
	return s.client.supervision.Close()
}
