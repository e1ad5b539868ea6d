package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-plugin/runner"
	"go.uber.org/zap"
	"golang.org/x/sys/unix"
)

// child is one started program, its process group, and all that descends from it. It is go-plugin's runner.
//
// One goroutine starts it and waits for it, on a locked thread, since the signal that the child gets when its parent dies
// follows the thread. The end of the first process is the end of all: the group is killed, and whatever left it is found by
// the mark in its environment.
type child struct {
	program Program
	cmd     *exec.Cmd
	mark    string // in the environment of all descendants
	dir     string // the private directory of sockets and temporary files
	log     *zap.Logger
	limits  *limits

	handshake      *handshake
	stdout, stderr *os.File // our ends
	tail           *tail
	readers        sync.WaitGroup

	done  chan struct{} // closed when nothing of it is left
	state *os.ProcessState
	usage *meter

	mu     sync.Mutex
	begun  bool
	reason string // why the host ended it, if it did
	memory bool   // whether that was for memory
}

var _ runner.Runner = (*child)(nil)

func newChild(p Program, dir, mark string, l *limits, log *zap.Logger) *child {
	return &child{
		program: p, mark: mark, dir: dir, limits: l, log: log,
		handshake: newHandshake(dir), tail: &tail{}, done: make(chan struct{}), usage: newMeter(mark),
	}
}

// prepare takes the command that go-plugin filled with its variables.
func (c *child) prepare(cmd *exec.Cmd) error {
	path, args, err := c.program.command(c.limits.kernel.steps())
	if err != nil {
		return err
	}
	cmd.Path, cmd.Args = path, args
	cmd.Env = append(c.program.env(c.dir, c.mark, c.limits.memory), cmd.Env...)
	cmd.Stdin, cmd.Err = nil, nil
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.limits.kernel.enter(cmd.SysProcAttr)
	c.cmd = cmd
	return nil
}

// Start starts the program.
func (c *child) Start(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason != "" {
		return errors.New(c.reason)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	started := make(chan error)
	go c.live(started)
	if err := <-started; err != nil {
		return fmt.Errorf("start %s: %w", c.program.Name, err)
	}
	c.begun = true
	return nil
}

// live is the child's whole life.
func (c *child) live(started chan<- error) {
	runtime.LockOSThread() // the thread ends with this goroutine
	defer close(c.done)
	ends, err := c.pipes()
	release, unbound := bind(c.cmd)
	defer release()
	if err = errors.Join(err, unbound); err == nil {
		err = c.cmd.Start()
	}
	for _, f := range ends {
		f.Close()
	}
	if err != nil {
		c.drain(0)
		started <- err
		return
	}
	c.limits.kernel.started(c.cmd.Process.Pid)
	stop := c.watch()
	started <- nil
	// The state says how it ended; that it ended badly is no error of waiting.
	_ = c.cmd.Wait()
	stop()
	c.state = c.cmd.ProcessState
	c.usage.ended(c.state)
	c.sweep()
	c.drain(drainGrace)
}

// pipes connects both outputs, and gives the ends that only the child should keep.
func (c *child) pipes() ([]*os.File, error) {
	var ends []*os.File
	for _, o := range []struct {
		to   *io.Writer
		read **os.File
		use  func(io.Reader)
	}{{&c.cmd.Stdout, &c.stdout, c.readStdout}, {&c.cmd.Stderr, &c.stderr, c.readStderr}} {
		r, w, err := os.Pipe()
		if err != nil {
			return ends, err
		}
		*o.read, *o.to = r, w
		ends = append(ends, w)
		c.readers.Go(func() { o.use(r) })
	}
	return ends, nil
}

// drainGrace is how long the outputs of an ended process are read when someone else still holds them.
const drainGrace = 250 * time.Millisecond

// drain ends the readers: by themselves where every writer is gone, else after grace.
func (c *child) drain(grace time.Duration) {
	read := make(chan struct{})
	go func() {
		c.readers.Wait()
		close(read)
	}()
	select {
	case <-read:
	case <-time.After(grace):
	}
	for _, f := range []*os.File{c.stdout, c.stderr} {
		if f != nil {
			f.Close()
		}
	}
	c.handshake.close()
	<-read
}

// sweep kills the group and whatever strayed from it, until nothing is left.
func (c *child) sweep() {
	_ = unix.Kill(-c.cmd.Process.Pid, unix.SIGKILL)
	if err := c.limits.kernel.kill(); err != nil {
		c.log.Warn("kill control group", zap.Error(err))
	}
	if left := killAll(c.stray, time.Second); left > 0 {
		c.log.Warn("processes of an architecture could not be ended", zap.Int("processes", left))
	}
}

// end ends the child for the first reason given. It does not wait.
func (c *child) end(reason string, memory bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason == "" && !c.ended() {
		c.reason, c.memory = reason, memory
	}
	if c.begun && !c.ended() {
		// The group of a child that has not been reaped cannot be another's.
		_ = unix.Kill(-c.cmd.Process.Pid, unix.SIGKILL)
	}
}

func (c *child) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// Wait waits until nothing is left. How the child ended is no error of waiting.
func (c *child) Wait(ctx context.Context) error {
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Kill ends the child, and waits for its end.
func (c *child) Kill(ctx context.Context) error {
	c.end("the host ended it", false)
	return c.Wait(ctx)
}

// naturalGrace is how long a child that closed its stdout without a handshake has to end by itself, and so say why.
const naturalGrace = 500 * time.Millisecond

// Diagnose waits for the end of a child that said nothing: the error is made from how it ended.
func (c *child) Diagnose(ctx context.Context) string {
	if c.handshake.wrong() != nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, naturalGrace)
	defer cancel()
	_ = c.Wait(ctx) // a child that stays is ended by go-plugin next
	return ""
}

// Stdout carries the handshake line alone, whatever else the child prints.
func (c *child) Stdout() io.ReadCloser { return c.handshake }

// Stderr carries nothing: the child reads its own. go-plugin would panic on a log line of an unexpected shape.
func (c *child) Stderr() io.ReadCloser { return io.NopCloser(eof{}) }

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

// Name is the architecture's.
func (c *child) Name() string { return c.program.Name }

// ID is the process's, empty before it started.
func (c *child) ID() string {
	if c.cmd == nil || c.cmd.Process == nil {
		return ""
	}
	return strconv.Itoa(c.cmd.Process.Pid)
}

// PluginToHost refuses all but a unix socket in the child's own directory.
func (c *child) PluginToHost(network, address string) (string, string, error) {
	return network, address, checkAddress(c.dir, network, address)
}

// HostToPlugin refuses: nothing of the host listens for an architecture.
func (c *child) HostToPlugin(string, string) (string, string, error) {
	return "", "", errors.New("the host offers no address")
}
