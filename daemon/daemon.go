// Package daemon turns one machine into a place where a small lab sends its jobs: a queue, an interface for programs and
// a page for people, on a unix socket and, if asked, on TCP. See docs/daemon.md.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"go.uber.org/zap"

	"tuned/daemon/api"
	"tuned/daemon/page"
	"tuned/daemon/queue"
	"tuned/job"
)

// Config is how a daemon is set up. Queue.Place is its state directory.
type Config struct {
	Queue queue.Config
	API   api.Config // its Queue, Version and Log are set from the others

	Socket string // the unix socket; its directory is made with mode 0700 where there is none
	// TCP is an address such as "127.0.0.1:8731"; empty: there is none. Beyond the machine it needs Cert and Key.
	TCP       string
	Hosts     []string // names, with ports, that TCP requests may be addressed to, besides TCP's own
	Cert, Key string   // files for TLS
	Log       *zap.Logger
	// Started is told where the daemon listens once it serves. It may be nil.
	Started func(Addresses)
}

// Addresses are where a daemon listens.
type Addresses struct {
	Socket string
	URL    string    // of the page; empty without TCP
	Token  api.Token // for TCP
}

// TokenFile is the token's name in the state directory.
const TokenFile = "token"

// drainTime is how long connections may take to end.
const drainTime = 5 * time.Second

// lockTime is how long a daemon waits for its predecessor's lock. A process that was just being started when that one was killed
// holds on to it until it becomes another program.
const lockTime = 2 * time.Second

// errTaken: another daemon works on the state directory.
var errTaken = errors.New("another daemon works on this state directory")

// Serve runs a daemon until ctx ends. Then running jobs save what they did, and go on with the next start.
func Serve(ctx context.Context, c Config) error {
	if c.Log == nil {
		c.Log = zap.NewNop()
	}
	release, err := claim(ctx, string(c.Queue.Place))
	if err != nil {
		return err
	}
	defer release()
	c.Queue.Log = c.Log
	q, err := queue.Open(ctx, c.Queue)
	if err != nil {
		return err
	}
	s := server{config: c, queue: q}
	return errors.Join(s.run(ctx), q.Close())
}

// claim locks the state directory, which must be closed to others.
func claim(ctx context.Context, dir string) (release func(), err error) {
	if err := closed(dir, "the state directory", "--state", "close it with chmod 700"); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(dir, "lock"))
	patient, stop := context.WithTimeout(ctx, lockTime)
	defer stop()
	switch _, err := lock.TryLockContext(patient, lockTime/100); {
	case err == nil:
		return func() { _ = lock.Unlock() }, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("%s: %w\n | stop it, or choose another place with --state", dir, errTaken)
	default:
		return nil, &job.Error{Path: dir, Problem: "the state directory cannot be written", Hint: "choose another place with --state", Err: err}
	}
}

// closed makes a directory, if need be, and refuses one that others than its owner can enter. The flag chooses another one; remedy is what else
// helps against that.
func closed(dir, what, flag, remedy string) error {
	hint := "choose another place with " + flag
	err := os.MkdirAll(dir, 0o700)
	if err != nil {
		return &job.Error{Path: dir, Problem: what + " cannot be made", Hint: hint, Err: err}
	}
	info, err := os.Stat(dir)
	if err != nil {
		return &job.Error{Path: dir, Problem: what + " cannot be read", Hint: hint, Err: err}
	}
	if info.Mode().Perm()&0o077 != 0 {
		return &job.Error{Path: dir, Problem: fmt.Sprintf("%s is open to others (%s)", what, info.Mode()), Hint: remedy}
	}
	return nil
}

// server is a daemon that serves.
type server struct {
	config Config
	queue  *queue.Queue
	api    *api.Server
	token  api.Token
}

// run serves and schedules until the context ends or a listener fails.
func (s *server) run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	var trimming sync.WaitGroup
	trimming.Go(func() { trim(ctx) })
	defer trimming.Wait()
	defer stop()
	served, addresses, err := s.open()
	if err != nil {
		return err
	}
	failed := serve(served)
	if s.config.Started != nil {
		s.config.Started(addresses)
	}
	err = s.schedule(ctx, failed)
	s.api.EndStreams()
	return errors.Join(err, shutdown(served, failed))
}

// open makes the API and the page, and opens what they are reached by.
func (s *server) open() ([]listening, Addresses, error) {
	var err error
	if s.token, err = api.LoadToken(filepath.Join(string(s.config.Queue.Place), TokenFile)); err != nil {
		return nil, Addresses{}, err
	}
	a := s.config.API
	a.Queue, a.Version, a.Log = s.queue, s.config.Queue.Version, s.config.Log
	s.api = api.New(a)
	return s.listen(page.New(s.api))
}

// serve answers on each listener. Each sends one error when it ends, [http.ErrServerClosed] where it was asked to.
func serve(all []listening) chan error {
	failed := make(chan error, len(all))
	for _, l := range all {
		go func() { failed <- l.serve() }()
	}
	return failed
}

// schedule runs the queue until the context ends or a listener fails, and keeps systemd informed.
func (s *server) schedule(ctx context.Context, failed chan error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	notify("READY=1")
	scheduled := make(chan error, 1)
	go func() { scheduled <- s.queue.Run(ctx) }()
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
		stop()
		failed <- http.ErrServerClosed // for shutdown, which counts
	}
	notify("STOPPING=1")
	return errors.Join(err, <-scheduled)
}

// shutdown ends the listeners and waits for them.
func shutdown(served []listening, failed <-chan error) error {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	var all error
	for _, l := range served {
		if err := l.server.Shutdown(ctx); err != nil {
			all = errors.Join(all, l.server.Close())
		}
	}
	for range served {
		if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
			all = errors.Join(all, err)
		}
	}
	return all
}

// listening is a server on a listener.
type listening struct {
	server   *http.Server
	listener net.Listener
}

func (l listening) serve() error { return l.server.Serve(l.listener) }

func serverOf(l net.Listener, h http.Handler, log *zap.Logger) listening {
	return listening{&http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: zap.NewStdLog(log),
	}, l}
}

// listen opens the unix socket, and TCP where it is asked for.
func (s *server) listen(site *page.Site) ([]listening, Addresses, error) {
	c := s.config
	local, err := listenUnix(c.Socket)
	if err != nil {
		return nil, Addresses{}, err
	}
	all := []listening{serverOf(local, api.Local{Next: s.api}, c.Log)}
	addresses := Addresses{Socket: c.Socket, Token: s.token}
	if c.TCP == "" {
		return all, addresses, nil
	}
	tcp, err := listenTCP(c)
	if err != nil {
		return nil, addresses, errors.Join(err, local.Close())
	}
	guard := api.Guard{Token: s.token, Hosts: hosts(c, tcp.Addr()), TLS: c.Cert != "", Open: page.Open, Next: s.api}
	site.Guard(guard)
	addresses.URL = urlOf(c, tcp.Addr())
	return append(all, serverOf(tcp, guard, c.Log)), addresses, nil
}

// notify tells systemd, if it started the daemon, how far it is.
func notify(state string) {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"}) // an @ in front means the same to both
	if err != nil {
		return // it is not waited for
	}
	defer conn.Close()
	_, _ = conn.Write([]byte(state))
}
