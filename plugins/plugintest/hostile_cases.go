package plugintest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tuned/plugins/host"
	"tuned/trainer/model"
)

// HostileCase is one way to misbehave, and what the host must make of it.
type HostileCase struct {
	Name string
	What string // it does
	Is   error  // what the host's error must be; nil: any, see Says
	Says string // part of the error's message; empty with no Is: there must be no error

	drive  func(context.Context, host.Program, host.Options) error
	limits host.Options
}

// HostileCases are all of them, in the order of a run: those that never serve, those that fail at work, those that lie.
func HostileCases() []HostileCase {
	soon := host.Options{StartTimeout: time.Second}
	small := host.Options{MemoryBytes: 200 << 20}
	few := host.Options{MemoryBytes: 1 << 30, MaxProcesses: 40}
	stall := host.Options{StallTimeout: 300 * time.Millisecond}
	none := host.Options{}
	return []HostileCase{
		{"silent", "never prints a handshake", nil, "did not serve within", launchOnly, soon},
		{"garbage", "prints something else first", nil, "no handshake", launchOnly, none},
		{"exit", "exits before it serves", model.ErrExited, "no module named torch", launchOnly, none},
		{"version", "speaks another protocol", nil, "version", launchOnly, none},
		{"tcp", "listens on TCP instead of a unix socket", nil, "only a unix socket", launchOnly, none},
		{"outside", "names a socket outside its directory", nil, "not in the directory", launchOnly, none},
		{"deaf", "listens and never answers", nil, "did not serve within", launchOnly, soon},
		{"flood", "floods stdout without a handshake", nil, "no handshake", launchOnly, none},
		{"giant", "sends a message of 2 GiB", nil, "too large", work, none},
		{"crash", "panics at work", model.ErrExited, "author's code", work, none},
		{"leave", "exits at work as if nothing were", model.ErrExited, "stopped serving", work, none},
		{"killed", "is killed by something else", model.ErrOutOfMemory, "perhaps the kernel", work, none},
		{"hang", "hangs at work", model.ErrExited, "no answer for", work, stall},
		{"spin", "computes without end", model.ErrExited, "no answer for", work, stall},
		{"hang", "hangs while the host gives up", context.DeadlineExceeded, "", giveUp, none},
		{"nan", "says that NaN is finite", nil, "", workNotFinite, none},
		{"extra", "gives more results than were asked for", nil, "broke the protocol", work, none},
		{"memory", "grows beyond its memory", model.ErrOutOfMemory, "memory", work, small},
		{"allocation", "allocates far too much at once", model.ErrOutOfMemory, "memory", work, small},
		{"refusal", "reports that it has no memory", model.ErrOutOfMemory, "batch of 512", work, none},
		{"stdout", "floods stdout at work", nil, "", work, none},
		{"stderr", "floods stderr at work", nil, "", work, none},
		{"log", "prints a log line of the wrong shape", nil, "", work, none},
		{"grandchild", "dies, and a child of its own holds its outputs", model.ErrExited, "exit status 1", work, none},
		{"escape", "dies, and a child of its own left the group", model.ErrExited, "exit status 1", work, none},
		{"fork", "forks without end", model.ErrExited, "processes", work, few},
		{"checksum", "gives a wrong checksum", model.ErrCorrupt, "sha256", save, none},
		{"elsewhere", "writes to another place", nil, "broke the protocol", save, none},
		{"stay", "does not end when asked to", nil, "", work, none},
	}
}

// bound is how long a case may take, from the launch until nothing is left. On an idle machine the slowest takes a second or two;
// one that hangs takes for ever.
const bound = time.Minute

// Check runs the case, with sockets and files under dir, and reports what the host did wrong: another error than it should,
// too late, or something left behind.
func (c HostileCase) Check(ctx context.Context, dir string) error {
	began := time.Now()
	o := c.limits
	o.Dir = dir
	got := c.drive(ctx, host.Self(hostilePrefix+c.Name), o)
	took := time.Since(began)
	return errors.Join(c.judge(got, took), residue(dir))
}

func (c HostileCase) judge(got error, took time.Duration) error {
	switch {
	case took > bound:
		return fmt.Errorf("it took %s, more than %s", took, bound)
	case got == nil && (c.Is != nil || c.Says != ""):
		return errors.New("the host reported no error")
	case got != nil && c.Is == nil && c.Says == "":
		return fmt.Errorf("the host reported: %w", got)
	case c.Is != nil && !errors.Is(got, c.Is):
		return fmt.Errorf("the host's error is not %q: %w", c.Is, got)
	case got != nil && !strings.Contains(got.Error(), c.Says):
		return fmt.Errorf("the host's error does not say %q: %w", c.Says, got)
	}
	return nil
}

// launchOnly launches, and reports why that failed.
func launchOnly(ctx context.Context, p host.Program, o host.Options) error {
	process, err := host.Launch(ctx, p, o)
	if err != nil {
		return err
	}
	return process.Close()
}

// session drives one session, and ends it.
func session(ctx context.Context, p host.Program, o host.Options, use func(model.Session) error) error {
	process, err := host.Launch(ctx, p, o)
	if err != nil {
		return err
	}
	s, err := process.Open(ctx, model.OpenRequest{MaxBatch: 1})
	if err != nil {
		return errors.Join(err, process.Close())
	}
	return errors.Join(use(s), s.Close())
}

// work gives three segments, the second of which has the script misbehave.
func work(ctx context.Context, p host.Program, o host.Options) error {
	return session(ctx, p, o, func(s model.Session) error {
		step := model.Step{Rows: []int32{0}}
		var all []model.Pending
		for _, ops := range [][]model.Op{{step, step}, {step, model.Keep{Name: "now"}}, {step}} {
			all = append(all, s.Submit(ctx, ops...))
		}
		for _, pending := range all {
			if _, err := pending.Wait(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// workNotFinite expects a result that is not finite.
func workNotFinite(ctx context.Context, p host.Program, o host.Options) error {
	return session(ctx, p, o, func(s model.Session) error {
		results, err := s.Submit(ctx, model.Keep{Name: "now"}).Wait(ctx)
		if err == nil && results[0].Finite {
			return errors.New("the host believed it")
		}
		return err
	})
}

// giveUp waits for a moment only.
func giveUp(ctx context.Context, p host.Program, o host.Options) error {
	return session(ctx, p, o, func(s model.Session) error {
		ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err := s.Submit(ctx, model.Keep{Name: "now"}).Wait(ctx)
		if took := time.Since(began); took > 10*time.Second {
			return fmt.Errorf("giving up took %s", took)
		}
		return err
	})
}

// save saves into the process's directory.
func save(ctx context.Context, p host.Program, o host.Options) error {
	return session(ctx, p, o, func(s model.Session) error {
		dir, err := os.MkdirTemp(o.Dir, "files-")
		if err != nil {
			return err
		}
		_, err = s.Save(ctx, filepath.Join(dir, "checkpoint"))
		return errors.Join(err, os.RemoveAll(dir))
	})
}
