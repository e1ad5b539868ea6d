package plugins

import (
	"context"
	"fmt"
	"math"
	"time"

	"google.golang.org/grpc"

	"tuned/plugins/protocol"
	"tuned/trainer/model"
)

// Supervision is what a client asks of whoever started the process behind its connection. Any of it may be missing.
type Supervision struct {
	// Exited waits until the process has ended and says how (an *ExitError), or gives nil when ctx is done before.
	Exited func(ctx context.Context) error
	// End ends the process at once, for the reason given.
	End func(reason string)
	// Close ends the process in its own time. Calling it again does nothing.
	Close func() error
	// Stall is for how long what was asked may go without an answer before the process is ended; 0: for ever.
	Stall time.Duration
}

// Client is an architecture behind a connection.
type Client struct {
	rpc         protocol.ArchitectureClient
	supervision Supervision
}

var _ model.Architecture = (*Client)(nil)

// NewClient gives the architecture that is served at the other end of conn.
func NewClient(conn grpc.ClientConnInterface, s Supervision) *Client {
	return &Client{rpc: protocol.NewArchitectureClient(conn), supervision: s}
}

var errSilent = fmt.Errorf("it gave no answer within %s", describeTimeout)

// describeTimeout bounds a call that only reads out constants.
const describeTimeout = 10 * time.Second

// Describe asks for the manifest, and checks what the host will rely on.
func (c *Client) Describe(ctx context.Context) (model.Manifest, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, describeTimeout, errSilent)
	defer cancel()
	m, err := c.rpc.Describe(ctx, &protocol.DescribeRequest{})
	if err != nil {
		return model.Manifest{}, fmt.Errorf("describe: %w", c.causeOf(ctx, err))
	}
	manifest := decodeManifest(m)
	if err := checkManifest(manifest); err != nil {
		return model.Manifest{}, fmt.Errorf("describe: %w", err)
	}
	return manifest, nil
}

// Open opens the process's one session. Closing the session ends the process.
func (c *Client) Open(ctx context.Context, req model.OpenRequest) (model.Session, error) {
	in, err := encodeOpen(req)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	watch := c.watch()
	reply, err := c.rpc.Open(ctx, in)
	watch.Stop()
	if err != nil {
		return nil, c.causeOf(ctx, err)
	}
	return newSession(c, decodeInfo(reply))
}

// exitGrace is how long a lost connection waits to learn how its process ended.
const exitGrace = 2 * time.Second

// cause is what stands behind the error of a call: the end of the process, where that is why the connection broke.
func (c *Client) cause(err error) error {
	if err == nil {
		return nil
	}
	if !broken(err) {
		return fromStatus(err)
	}
	if c.supervision.Exited == nil {
		return fmt.Errorf("%w: %w", model.ErrExited, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), exitGrace)
	defer cancel()
	if exit := c.supervision.Exited(ctx); exit != nil {
		return exit
	}
	return fromStatus(err)
}

// causeOf is cause for a call under ctx: a call that its own caller gave up says so.
func (c *Client) causeOf(ctx context.Context, err error) error {
	if ctx.Err() != nil && err != nil {
		return context.Cause(ctx)
	}
	return c.cause(err)
}

// patience is how long an answer may take.
func (c *Client) patience() time.Duration {
	if c.supervision.Stall > 0 && c.supervision.End != nil {
		return c.supervision.Stall
	}
	return math.MaxInt64
}

// watch ends the process when no one stops the timer in time.
func (c *Client) watch() *time.Timer {
	return time.AfterFunc(c.patience(), func() {
		c.supervision.End(fmt.Sprintf("it gave no answer for %s", c.patience()))
	})
}
