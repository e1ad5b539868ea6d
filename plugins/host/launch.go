package host

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"go.uber.org/zap"
	"google.golang.org/grpc"

	"tuned/plugins"
)

// Options are how an architecture's process is held. The zero value means no limits and no log.
type Options struct {
	MemoryBytes  int64         // what the process and its descendants may hold; 0: no limit
	MaxProcesses int           // how many of them there may be at a time; 0: 512
	Logger       *zap.Logger   // gets what the architecture prints; nil: nothing does
	Dir          string        // where sockets and temporary files go; empty, or too long for sockets: the system's place
	StartTimeout time.Duration // until it serves; 0: two minutes, since importing PyTorch took more than 30 s on a busy machine
	StallTimeout time.Duration // until an answer to what was asked; 0: 30 minutes
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = zap.NewNop()
	}
	if o.MaxProcesses <= 0 {
		o.MaxProcesses = maxProcesses
	}
	if o.StartTimeout <= 0 {
		o.StartTimeout = 2 * time.Minute
	}
	if o.StallTimeout <= 0 {
		o.StallTimeout = 30 * time.Minute
	}
	return o
}

// Process is an architecture in a process of its own. It can open one session, whose Close ends the process.
type Process struct {
	*plugins.Client
	child  *child
	dir    *privateDir
	plugin *goplugin.Client
	conn   grpc.ClientConnInterface
	close  func() error
	hash   string
}

// Launch starts an architecture and waits until it serves. Whatever goes wrong, nothing stays behind, and the error says what
// the program printed last.
func Launch(ctx context.Context, p Program, o Options) (*Process, error) {
	o = o.withDefaults()
	hash, err := p.check()
	if err != nil {
		return nil, fmt.Errorf("launch %s: %w", p.Name, err)
	}
	dir, err := newPrivateDir(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("launch %s: %w", p.Name, err)
	}
	process := newProcess(p, dir, o)
	process.hash = hash
	if err := process.start(ctx, o); err != nil {
		return nil, fmt.Errorf("launch %s: %w", p.Name, errors.Join(err, process.Close()))
	}
	return process, nil
}

func newProcess(p Program, dir *privateDir, o Options) *Process {
	mark, log := newMark(), o.Logger.Named(p.Name)
	process := &Process{dir: dir, child: newChild(p, dir.path, mark, newLimits(p, o, mark), log)}
	process.close = sync.OnceValue(process.end)
	process.plugin = goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig:  plugins.Handshake,
		VersionedPlugins: plugins.Versions(nil),
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, _ string) (runner.Runner, error) {
			return process.child, process.child.prepare(cmd)
		},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		GRPCDialOptions:  append(plugins.DialOptions(), grpc.WithIdleTimeout(0)),
		Logger:           newLogger(log),
		SkipHostEnv:      true,
		StartTimeout:     o.StartTimeout + time.Second, // ours comes first, and says more
		UnixSocketConfig: &goplugin.UnixSocketConfig{TempDir: dir.path},
		SyncStdout:       discard{},
		SyncStderr:       discard{},
	})
	return process
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// start connects, within the timeout and while ctx lives.
func (p *Process) start(ctx context.Context, o Options) error {
	deadline := fmt.Errorf("it did not serve within %s of its start", o.StartTimeout)
	ctx, cancel := context.WithTimeoutCause(ctx, o.StartTimeout, deadline)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { p.child.end(context.Cause(ctx).Error(), false) })
	defer stop()
	conn, err := p.connect()
	if err != nil {
		return p.startError(ctx, err)
	}
	p.conn = conn
	p.Client = plugins.NewClient(conn, plugins.Supervision{
		Exited: p.exited, End: p.End, Close: p.Close, Stall: o.StallTimeout,
	})
	return nil
}

func (p *Process) connect() (grpc.ClientConnInterface, error) {
	rpc, err := p.plugin.Client()
	if err != nil {
		return nil, err
	}
	if err := rpc.Ping(); err != nil {
		return nil, err
	}
	return rpc.(*goplugin.GRPCClient).Conn, nil
}

// startError is the plainest true reason for a failed start: what was wrong with the handshake, why the host gave up, how the
// process ended; else what go-plugin says.
func (p *Process) startError(ctx context.Context, err error) error {
	if wrong := p.child.handshake.wrong(); wrong != nil {
		return wrong
	}
	if ctx.Err() != nil {
		return withOutput(context.Cause(ctx), p.child.tail.telling())
	}
	if !p.child.begun {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, naturalGrace)
	defer cancel()
	if exit := p.exited(ctx); exit != nil {
		return exit
	}
	return err
}

func withOutput(err error, lines []string) error {
	if len(lines) == 0 {
		return err
	}
	return fmt.Errorf("%w; it printed:\n  | %s", err, strings.Join(lines, "\n  | "))
}

// Conn is the connection to the process, for checks of the protocol itself.
func (p *Process) Conn() grpc.ClientConnInterface { return p.conn }

// Program is what was launched.
func (p *Process) Program() Program { return p.child.program }

// PID is the id of the architecture's first process.
func (p *Process) PID() int {
	pid, _ := strconv.Atoi(p.child.ID())
	return pid
}

// Exited is closed when the process and all that it started have ended.
func (p *Process) Exited() <-chan struct{} { return p.child.done }

// Err says how the process ended, and nil while it runs.
func (p *Process) Err() error {
	if !p.child.ended() {
		return nil
	}
	return p.child.exit()
}

func (p *Process) exited(ctx context.Context) error {
	if p.child.Wait(ctx) != nil {
		return nil
	}
	return p.child.exit()
}

// Usage is what the process and its descendants have cost so far, and in all once it ended: the processor time of all
// their threads, and the most memory that was resident, mapped files included.
func (p *Process) Usage() (cpuSeconds float64, peakBytes int64) {
	u := p.child.usage.read()
	return u.cpu.Seconds(), u.peak
}

// Hash is the sha256 that identifies the program.
func (p *Process) Hash() string { return p.hash }

// Enforcement says what holds the process to its memory limit: ControlGroup, DataLimit, WatchOnly or None.
func (p *Process) Enforcement() string { return p.child.limits.enforcement }

// End ends the process at once; what was asked of it fails with the reason.
func (p *Process) End(reason string) { p.child.end(reason, false) }

// closeGrace is how long an architecture may take to end by itself.
const closeGrace = 2 * time.Second

// Close ends the process, by asking first, and removes what it left. Calling it again does nothing.
func (p *Process) Close() error { return p.close() }

func (p *Process) end() error {
	timer := time.AfterFunc(closeGrace, func() { p.child.end("it did not end when it was asked to", false) })
	defer timer.Stop()
	p.plugin.Kill()
	if p.child.begun {
		<-p.child.done
	}
	p.child.limits.kernel.close()
	if err := p.dir.remove(); err != nil {
		return fmt.Errorf("close %s: %w", p.child.program.Name, err)
	}
	return nil
}
