package host

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"tuned/durable"
	"tuned/machine"
	"tuned/plugins"
)

// Program is how to start an architecture.
type Program struct {
	Name string   // as jobs name the architecture
	Path string   // the executable; of a built-in architecture, none
	Args []string // without the executable's own name
	Env  []string // NAME=value, besides the few variables that every architecture gets

	// Verify runs before each start: it refuses a program that is not what was installed, and gives the sha256 that
	// identifies it. Nil: the executable's own is taken.
	Verify func() (sha256 string, err error)

	builtin bool // this very executable, see Self
}

// Self is the program of a built-in architecture: the running executable, started again. Its main must begin with Main.
func Self(name string) Program {
	return Program{Name: name, Args: []string{command, name}, builtin: true}
}

// Builtin reports whether the architecture is part of the running executable.
func (p Program) Builtin() bool { return p.builtin }

// check verifies the program, and gives the sha256 that identifies it.
func (p Program) check() (string, error) {
	if err := plugins.CheckName(p.Name); err != nil {
		return "", err
	}
	if p.builtin {
		if !ready {
			return "", errNotReady
		}
		return selfHash()
	}
	if p.Verify != nil {
		return p.Verify()
	}
	return sumOf(p.Path)
}

var errNotReady = errors.New("this program cannot start itself again: host.Main must be the first call of its main")

// selfHash is the sha256 of the running executable.
var selfHash = sync.OnceValues(func() (string, error) {
	path, err := machine.Executable()
	if err != nil {
		return "", err
	}
	return sumOf(path)
})

// sumOf is the sha256 of an executable.
func sumOf(path string) (string, error) {
	sum, _, err := durable.SumFile(path)
	return sum, err
}

// command gives the path and arguments that start the program, by way of this executable where it has steps to take before. The first
// argument is the program's own name: its path, by which a Python finds the virtual environment that it is part of.
func (p Program) command(steps []string) (path string, args []string, err error) {
	if !p.builtin && (len(steps) == 0 || !ready) {
		return p.Path, slices.Concat([]string{p.Path}, p.Args), nil
	}
	path, err = machine.Executable()
	if p.builtin {
		return path, slices.Concat([]string{p.Name}, p.Args[:1], steps, p.Args[1:]), err
	}
	return path, slices.Concat([]string{p.Name, command}, steps, []string{"--", p.Path}, p.Args), err
}

// inherited are the variables of the host that every architecture gets. Others, secrets among them, stay with the host.
var inherited = []string{
	"PATH", "HOME", "USER", "LANG", "TZ", "LD_LIBRARY_PATH", "XDG_CACHE_HOME",
	"GODEBUG", "GOTRACEBACK", "GOCOVERDIR", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
}

// inheritedPrefixes are whole families of such variables.
var inheritedPrefixes = []string{"LC_", "CUDA_", "NVIDIA_", "TORCH_", "PYTORCH_"}

func inheritedEnv(environ []string) []string {
	var out []string
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		family := func(prefix string) bool { return strings.HasPrefix(name, prefix) }
		if slices.Contains(inherited, name) || slices.ContainsFunc(inheritedPrefixes, family) {
			out = append(out, kv)
		}
	}
	return out
}

// env is the environment of a process: what is inherited, its own directory for temporary files, a mark that its
// descendants carry too, and the program's own variables.
func (p Program) env(dir, mark string, memory int64) []string {
	out := append(inheritedEnv(os.Environ()), "TMPDIR="+dir, markVariable+"="+mark)
	if memory > 0 {
		out = append(out, fmt.Sprintf("GOMEMLIMIT=%d", memory-memory/10))
	}
	return append(out, p.Env...)
}
