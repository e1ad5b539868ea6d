package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"tuned/daemon"
	"tuned/daemon/api"
	"tuned/daemon/queue"
	"tuned/daemon/store"
	"tuned/job"
	"tuned/machine"
)

const serveHelp = `Runs the daemon: a queue of jobs that outlives crashes, an interface for programs, and a page for people.

Jobs run side by side as far as memory and threads allow, those with the smallest promised cost first. Whatever is killed,
no accepted job is lost: the next start goes on from the last checkpoints, to the same bits.

It listens on a unix socket that only you can reach. --tcp adds a port, and a page, for whoever has the token; beyond this
machine that needs TLS. See docs/daemon.md.`

// serveFlags are the flags of tuned serve.
type serveFlags struct {
	state, socket, tcp, cert, key string
	memory, assumed, minFree      string
	hosts, roots, gpuArchitecture []string
	threads                       int64
	gpus                          int
	webhook, command              string
}

func newServe(s streams) *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use: "serve", Short: "Run the daemon: a queue, an API and a page", Long: serveHelp, Args: args(cobra.NoArgs),
		Example: "  tuned serve\n  tuned serve --tcp 127.0.0.1:8731\n  tuned serve --tcp :8731 --cert lab.pem --key lab.key --host lab.example.org:8731",
		RunE:    func(c *cobra.Command, _ []string) error { return serve(c.Context(), s, f) },
	}
	flags := c.Flags()
	flags.StringVar(&f.state, "state", "", "the `DIR`ectory that all is kept in (default: $TUNED_STATE, or "+stateWords+")")
	flags.StringVar(&f.socket, "socket", "", "the unix socket's `PATH` (default: $TUNED_SOCKET, or tuned.sock in the state directory)")
	flags.StringVar(&f.tcp, "tcp", "", "also listen on `ADDRESS`, such as 127.0.0.1:8731")
	flags.StringSliceVar(&f.hosts, "host", nil, "a `NAME:PORT` that the daemon is known by over TCP; may be repeated")
	flags.StringVar(&f.cert, "cert", "", "a `FILE` with the TLS certificate")
	flags.StringVar(&f.key, "key", "", "a `FILE` with its key")
	flags.StringVar(&f.memory, "memory", "", "what all running jobs may hold, a `SIZE` (default: four fifths of the machine's)")
	flags.StringVar(&f.assumed, "job-memory", "1GiB", "what a job is taken to need that sets no limit and is not planned yet, a `SIZE`")
	flags.Int64Var(&f.threads, "threads", int64(runtime.NumCPU()), "threads of all running jobs")
	flags.IntVar(&f.gpus, "gpus", 0, "GPUs that jobs may take, one each")
	flags.StringSliceVar(&f.gpuArchitecture, "gpu-architecture", nil, "the `NAME` of an architecture that takes a GPU; may be repeated")
	flags.StringSliceVar(&f.roots, "data", nil, "a `DIR`ectory whose tables jobs may name without uploading them; may be repeated")
	flags.StringVar(&f.minFree, "min-free", "256MiB", "a `SIZE` that the disk must have left for a job to be accepted or started")
	flags.StringVar(&f.webhook, "alert-webhook", "", "post each alert to this `URL`, as JSON")
	flags.StringVar(&f.command, "alert-command", "", "run this `COMMAND` for each alert, which is on its standard input as JSON")
	apart(c, "alert-webhook", "alert-command")
	return c
}

func serve(ctx context.Context, s streams, f serveFlags) error {
	config, err := f.config()
	if err != nil {
		return err
	}
	config.Started = func(a daemon.Addresses) {
		fmt.Fprintf(s.out, "tuned listens on %s\n", a.Socket)
		if a.URL == "" {
			fmt.Fprintln(s.out, "hand in jobs with: tuned submit JOB (--tcp 127.0.0.1:8731 adds a page)")
			return
		}
		fmt.Fprintf(s.out, "the page: %s/login#%s\n", a.URL, a.Token.Reveal())
	}
	return daemon.Serve(ctx, config)
}

// config turns flags into a daemon's.
func (f serveFlags) config() (daemon.Config, error) {
	c := daemon.Config{Socket: f.socket, TCP: f.tcp, Hosts: f.hosts, Cert: f.cert, Key: f.key}
	state, err := stateDir(f.state)
	if err != nil {
		return c, err
	}
	if c.Socket == "" {
		c.Socket = socketPath(state)
	}
	if c.Log, err = zap.NewProduction(zap.WithCaller(false)); err != nil {
		return c, err
	}
	known, err := catalog()
	if err != nil {
		return c, err
	}
	c.API.Plugins = listPlugins
	c.Queue = queue.Config{
		Place: queue.Place(state), Roots: f.roots, GPUArchitectures: f.gpuArchitecture, Version: version(), Architectures: known.Names,
		Capacity: store.Needs{Threads: f.threads, GPUs: f.gpus},
	}
	if err := f.sizes(&c.Queue); err != nil {
		return c, err
	}
	c.Queue.Alarm, err = f.alarm()
	return c, err
}

// alarm is what alerts are told to; nil: nobody. One that could never sound is refused.
func (f serveFlags) alarm() (queue.Alarm, error) {
	words := strings.Fields(f.command)
	switch {
	case f.webhook != "":
		at, err := url.Parse(f.webhook)
		if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
			return nil, &job.Error{Problem: fmt.Sprintf("--alert-webhook %q is not an address", f.webhook), Hint: "such as https://lab.example.org/alerts"}
		}
		return queue.Webhook(f.webhook), nil
	case len(words) > 0:
		if _, err := exec.LookPath(words[0]); err != nil {
			return nil, &job.Error{Problem: "--alert-command", Hint: "name a program, and its arguments behind it", Err: err}
		}
		return queue.Command(words), nil
	}
	return nil, nil
}

// assumedMemory is what a machine is taken to have that does not tell.
const assumedMemory = 4 << 30

// sizes reads the amounts of memory and disk.
func (f serveFlags) sizes(q *queue.Config) error {
	for _, size := range []struct {
		flag, text string
		to         *int64
	}{{"memory", f.memory, &q.Capacity.Memory}, {"job-memory", f.assumed, &q.Assumed}, {"min-free", f.minFree, &q.MinFree}} {
		if size.text == "" {
			continue
		}
		n, err := humanize.ParseBytes(size.text)
		if err != nil {
			return &job.Error{Problem: fmt.Sprintf("--%s %q is not a size", size.flag, size.text), Hint: "such as 4GiB"}
		}
		*size.to = int64(n)
	}
	if q.Capacity.Memory == 0 {
		q.Capacity.Memory = cmp.Or(machine.TotalMemory(), assumedMemory) / 5 * 4
	}
	if q.Capacity.Threads < 1 {
		return &job.Error{Problem: "--threads must be 1 at least"}
	}
	if q.Capacity.GPUs < 0 {
		return &job.Error{Problem: "--gpus must be 0 at least"}
	}
	return nil
}

// listPlugins lists the architectures for the API. One that cannot be described is left out.
func listPlugins(ctx context.Context) ([]api.Plugin, error) {
	c, err := catalog()
	if err != nil {
		return nil, err
	}
	entries, _ := c.List(ctx)
	all := make([]api.Plugin, len(entries))
	for i, e := range entries {
		all[i] = api.Plugin{Name: e.Name, Version: e.Version, Summary: e.Summary, Builtin: e.Builtin, SHA256: e.SHA256}
		for _, t := range e.Tasks {
			all[i].Tasks = append(all[i].Tasks, string(t))
		}
		for _, k := range e.Inputs {
			all[i].Inputs = append(all[i].Inputs, string(k))
		}
	}
	return all, nil
}

const stateWords = "~/.local/state/tuned"

// stateDir is where a daemon keeps everything.
func stateDir(flag string) (string, error) {
	if flag != "" {
		return filepath.Abs(flag)
	}
	if dir := os.Getenv("TUNED_STATE"); dir != "" {
		return filepath.Abs(dir)
	}
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "tuned"), nil
	}
	home, err := machine.Home()
	if err != nil {
		return "", errors.New("there is no place for the daemon's state: set TUNED_STATE")
	}
	return filepath.Join(home, ".local", "state", "tuned"), nil
}

// socketPath is where a daemon listens whose state is in a directory.
func socketPath(state string) string {
	if path := os.Getenv("TUNED_SOCKET"); path != "" {
		return path
	}
	return filepath.Join(state, "tuned.sock")
}
