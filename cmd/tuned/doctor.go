package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/cpu"

	"tuned/job"
	"tuned/plugins/host"
	"tuned/trainer/nn/kernel"
)

var errUnwell = errors.New("something that runs need does not work")

func newDoctor(s streams) *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "Check that this machine can run jobs, and say what it offers", Args: args(cobra.NoArgs),
		Long: `Looks at the processor, at how memory limits can be held, at where runs and temporary files go, and starts each
architecture once; and, where a daemon runs, at its state directory and what it answers. It changes nothing. The exit code is 1 when something that runs need does not work.`,
		Example: "  tuned doctor",
		RunE:    func(c *cobra.Command, _ []string) error { return examine(c.Context(), s) },
	}
}

// finding is one thing that was looked at.
type finding struct {
	what, how string
	err       error
	absent    bool // what need not be there, is not
}

func examine(ctx context.Context, s streams) error {
	findings := []finding{
		{what: "version", how: "tuned " + version() + ", " + runtime.Version()},
		{what: "processor", how: fmt.Sprintf("%s, %s", plural(int64(runtime.NumCPU()), "core"), instructions())},
		writable("runs", job.DefaultRoot, above(job.DefaultRoot)),
		writable("temporary files", os.TempDir(), os.TempDir()), // nobody makes that one
	}
	findings = append(findings, daemonFindings(ctx)...)
	a, err := architectures()
	if err != nil {
		return err
	}
	for _, name := range a.Names() {
		findings = append(findings, starts(ctx, a, name)...)
	}
	var failed error
	for _, f := range findings {
		mark := "ok  "
		switch {
		case f.absent:
			mark = "-   "
		case f.err != nil:
			mark, f.how, failed = "FAIL", f.err.Error(), errUnwell
		}
		fmt.Fprintf(s.out, "%s  %-22s %s\n", mark, f.what, f.how)
	}
	return failed
}

// instructions names what the engine's kernels can use.
func instructions() string {
	var has []string
	for _, i := range []struct {
		name string
		ok   bool
	}{
		{"AVX2", cpu.X86.HasAVX2},
		{"FMA", cpu.X86.HasFMA},
		{"AVX-512", cpu.X86.HasAVX512F},
		{"BF16", kernel.Halves()},
		{"NEON", cpu.ARM64.HasASIMD},
	} {
		if i.ok {
			has = append(has, i.name)
		}
	}
	if len(has) == 0 {
		return runtime.GOARCH + " without vector instructions"
	}
	return runtime.GOARCH + " with " + strings.Join(has, ", ")
}

// above is the directory, or the one that it would be made in.
func above(dir string) string {
	for _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) && dir != filepath.Dir(dir); _, err = os.Stat(dir) {
		dir = filepath.Dir(dir)
	}
	return dir
}

// writable tries to write at a place, to say whether the directory can be written.
func writable(what, dir, at string) finding {
	f, err := os.CreateTemp(at, ".tuned-doctor-")
	if err != nil {
		return finding{what: what, err: fmt.Errorf("%s cannot be written: %w", dir, err)}
	}
	err = errors.Join(f.Close(), os.Remove(f.Name()))
	return finding{what: what, how: dir + " can be written", err: err}
}

// limitToTry is a memory limit that any machine can give.
const limitToTry = 1 << 30

// enforcements say what each way to hold a memory limit does.
var enforcements = map[string]string{
	host.ControlGroup: "the kernel allows all processes together no more than the limit",
	host.DataLimit:    "the kernel refuses large allocations, and tuned ends processes that hold more than the limit",
	host.WatchOnly:    "tuned ends processes that hold more than the limit, as soon as it sees it",
}

// starts starts an architecture under a memory limit, and says how the limit is held.
func starts(ctx context.Context, a job.Architectures, name string) []finding {
	what := "architecture " + name
	p, err := a.Start(ctx, name, limitToTry)
	if err != nil {
		return []finding{{what: what, err: err}}
	}
	m, err := p.Describe(ctx)
	held := finding{what: "  memory limits", how: "held by: " + p.Enforcement() + ": " + enforcements[p.Enforcement()]}
	return []finding{{what: what, how: "version " + m.Version + " starts", err: errors.Join(err, p.Close())}, held}
}
