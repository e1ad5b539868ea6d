package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"tuned/plugins"
)

// source is an architecture's program as its author has it: files, and the one to start.
type source struct {
	path   string // what its author named
	root   string // the directory that the files are relative to
	files  []string
	main   string // one of files
	python bool
	remove func() // what was made to get here
}

// libraryName is the Python package that an architecture in Python imports.
const libraryName = "tuned_plugin"

// The files that a directory is started by, unless it is a Go package's: a Python program, or an executable that finds what lies beside it.
const (
	mainPython = "main.py"
	mainOther  = "main"
)

var errSource = errors.New("an architecture is an executable, a .py file, a directory with a main.py or an executable main, or a Go package's directory")

// resolve finds the program at path, and builds it where it is a Go package. Call remove afterwards.
func resolve(ctx context.Context, path string) (source, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return source{}, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return source{}, err
	}
	if info.IsDir() {
		return resolveDir(ctx, path)
	}
	s := source{path: path, root: filepath.Dir(path), files: []string{filepath.Base(path)}, main: filepath.Base(path), remove: func() {}}
	s.python = strings.HasSuffix(path, ".py")
	if !s.python && info.Mode().Perm()&0o111 == 0 {
		return source{}, fmt.Errorf("%s cannot be executed: %w", path, errSource)
	}
	return s, nil
}

func resolveDir(ctx context.Context, dir string) (source, error) {
	if _, err := os.Stat(filepath.Join(dir, mainPython)); err == nil {
		return whole(dir, mainPython)
	}
	if sources, _ := filepath.Glob(filepath.Join(dir, "*.go")); len(sources) > 0 {
		return build(ctx, dir)
	}
	if info, err := os.Stat(filepath.Join(dir, mainOther)); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0 {
		return whole(dir, mainOther)
	}
	return source{}, fmt.Errorf("%s: %w", dir, errSource)
}

// whole is a directory with all that is in it.
func whole(dir, main string) (source, error) {
	files, err := tree(dir)
	return source{path: dir, root: dir, files: files, main: main, python: main == mainPython, remove: func() {}}, err
}

// build builds a Go package into a directory of its own.
func build(ctx context.Context, dir string) (source, error) {
	out, err := os.MkdirTemp("", dirPrefix+"build-")
	if err != nil {
		return source{}, err
	}
	remove := func() { os.RemoveAll(out) }
	name := filepath.Base(dir)
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", filepath.Join(out, name), ".")
	cmd.Dir = dir
	if text, err := cmd.CombinedOutput(); err != nil {
		remove()
		return source{}, fmt.Errorf("go build in %s: %w\n%s", dir, err, bytes.TrimSpace(text))
	}
	return source{path: dir, root: out, files: []string{name}, main: name, remove: remove}, nil
}

// tree lists the regular files beneath dir, sorted, without what is hidden and what Python caches. Links are refused: what
// they lead to could change.
func tree(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path == dir:
			return nil
		case strings.HasPrefix(d.Name(), ".") || d.Name() == "__pycache__":
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		case !d.Type().IsRegular():
			return fmt.Errorf("%s is no regular file", path)
		}
		relative, err := filepath.Rel(dir, path)
		files = append(files, relative)
		return err
	})
	slices.Sort(files)
	return files, err
}

// name is what the program is called until it said its own name: that of its file or directory, where it can be one.
func (s source) name() string {
	base := filepath.Base(s.root)
	if s.main != mainPython && s.main != mainOther {
		base = strings.TrimSuffix(s.main, filepath.Ext(s.main))
	}
	if plugins.CheckName(base) != nil {
		return "candidate"
	}
	return base
}

// boot has Python run argument 1 with the other arguments as the first places to import from. Isolated as it is, it would not
// look beside the program itself. A package that this Python lacks is often there in another one: the last line says how to
// name it.
const boot = `import runpy, sys
main = sys.argv[1]
sys.path[:0] = sys.argv[2:]
sys.argv = [main]
try:
    runpy.run_path(main, run_name="__main__")
except ModuleNotFoundError as e:
    sys.excepthook(*sys.exc_info())
    sys.exit(f"{sys.executable} has no module {e.name!r}: install it there, or name another Python in TUNED_PYTHON")
`

// program is how to start the main file at dir. Python is $TUNED_PYTHON, or the first python3 of the PATH, isolated: it reads
// no variables, no user packages, and writes no caches.
func program(name, dir, main string, python bool, places ...string) (Program, error) {
	path := filepath.Join(dir, main)
	if !python {
		return Program{Name: name, Path: path}, nil
	}
	interpreter := os.Getenv("TUNED_PYTHON")
	if interpreter == "" {
		interpreter = "python3"
	}
	interpreter, err := exec.LookPath(interpreter)
	if err != nil {
		return Program{}, fmt.Errorf("architecture %s is written in Python: %w", name, err)
	}
	args := append([]string{"-I", "-B", "-c", boot, path, dir}, places...)
	return Program{Name: name, Path: interpreter, Args: args}, nil
}
