package host_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tuned/plugins/host"
	"tuned/trainer/model"
)

// program is a script that serves an echo: this test's own executable, started as an architecture.
func program(t *testing.T, name string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name+".sh")
	text := "#!/bin/sh\nexec " + self + " architecture " + name + "\n"
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func catalog(t *testing.T) (c *host.Catalog, home string) {
	t.Helper()
	home = t.TempDir()
	c = host.NewCatalog(home, []string{"echo-builtin"}, builtin)
	t.Cleanup(func() {
		for _, name := range c.Names() {
			if name != "echo-builtin" {
				if err := c.Remove(name); err != nil {
					t.Error(err)
				}
			}
		}
	})
	return c, home
}

func TestCatalogFromInstallToRemove(t *testing.T) {
	c, home := catalog(t)
	e, err := c.Install(t.Context(), program(t, "echo"))
	if err != nil {
		t.Fatal(err)
	}
	if e.Name != "echo" || len(e.Files) != 1 || len(e.SHA256) != 64 {
		t.Errorf("installed: %+v", e)
	}
	if names := c.Names(); !slices.Equal(names, []string{"echo", "echo-builtin"}) {
		t.Errorf("names: %v", names)
	}
	p, err := c.Lookup("echo")
	if err != nil {
		t.Fatal(err)
	}
	process, err := host.Launch(t.Context(), p, host.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if process.Hash() != e.SHA256 {
		t.Errorf("hash %s, installed %s", process.Hash(), e.SHA256)
	}
	if err := process.Close(); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(filepath.Join(e.Dir, e.Main)); err != nil || info.Mode().Perm() != 0o500 {
		t.Errorf("the private copy: %v, %v", info, err)
	}
	if again, err := c.Install(t.Context(), program(t, "echo")); err != nil || again.SHA256 != e.SHA256 {
		t.Errorf("installed again: %v, %v", again, err)
	}
	if err := c.Remove("echo"); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(home, "architectures", "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := c.Lookup("echo"); !errors.Is(err, host.ErrUnknown) {
		t.Errorf("after removing: %v", err)
	}
}

func TestCatalogRefusesWhatChanged(t *testing.T) {
	tests := []struct {
		name, says string
		change     func(t *testing.T, e host.Entry)
	}{
		{"a changed file", "changed after the installation", func(t *testing.T, e host.Entry) {
			overwrite(t, filepath.Join(e.Dir, e.Main), "#!/bin/sh\nexit 0\n")
		}},
		{"an added file", "added after the installation", func(t *testing.T, e host.Entry) {
			overwrite(t, filepath.Join(e.Dir, "numpy.py"), "print('hello')")
		}},
		{"a missing file", "is missing", func(t *testing.T, e host.Entry) {
			overwrite(t, filepath.Join(e.Dir, e.Main), "")
			if err := os.Remove(filepath.Join(e.Dir, e.Main)); err != nil {
				t.Fatal(err)
			}
		}},
		{"a link", "no regular file", func(t *testing.T, e host.Entry) {
			overwrite(t, filepath.Join(e.Dir, e.Main), "")
			if err := os.Symlink("/bin/true", filepath.Join(e.Dir, "extra")); err != nil {
				t.Fatal(err)
			}
		}},
		{"a wrong checksum in the record", "changed after the installation", func(t *testing.T, e host.Entry) {
			path := filepath.Join(filepath.Dir(e.Dir), "installed.json")
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			overwrite(t, path, strings.ReplaceAll(string(text), e.Files[0].SHA256, strings.Repeat("0", 64)))
		}},
		{"a directory that others may write to", "chmod go-w", func(t *testing.T, e host.Entry) {
			if err := os.Chmod(filepath.Dir(e.Dir), 0o777); err != nil {
				t.Fatal(err)
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, _ := catalog(t)
			e, err := c.Install(t.Context(), program(t, "echo"))
			if err != nil {
				t.Fatal(err)
			}
			test.change(t, e)
			p, err := c.Lookup("echo")
			if err == nil {
				var process *host.Process
				if process, err = host.Launch(t.Context(), p, host.Options{}); err == nil {
					process.Close()
				}
			}
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("want %q, got %v", test.says, err)
			}
		})
	}
}

// overwrite changes a file in a directory that is closed for writing.
func overwrite(t *testing.T, path, text string) {
	t.Helper()
	for _, p := range []string{filepath.Dir(path), path} {
		if err := os.Chmod(p, 0o700); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestInstallRefuses(t *testing.T) {
	text := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(text, []byte("not a program"), 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, path, says string }{
		{"no such file", filepath.Join(t.TempDir(), "x"), "no such file"},
		{"what cannot be executed", text, "cannot be executed"},
		{"an empty directory", t.TempDir(), "an architecture is"},
		{"a built-in name", program(t, "echo-builtin"), "the name is that of a built-in architecture: echo-builtin"},
		{"a program that serves nothing", "/bin/true", "architecture true ended (exit status 0): it serves nothing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, home := catalog(t)
			_, err := c.Install(t.Context(), test.path)
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("want %q, got %v", test.says, err)
			}
			if left, _ := os.ReadDir(filepath.Join(home, "architectures")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestNamesAreChecked(t *testing.T) {
	c, _ := catalog(t)
	for _, name := range []string{"", "..", "../x", "A", "a b", "a/b", strings.Repeat("a", 33)} {
		if _, err := c.Lookup(name); !errors.Is(err, model.ErrInvalid) {
			t.Errorf("lookup %q: %v", name, err)
		}
		if err := c.Remove(name); !errors.Is(err, model.ErrInvalid) {
			t.Errorf("remove %q: %v", name, err)
		}
	}
}

func TestProgramOfAPath(t *testing.T) {
	c, _ := catalog(t)
	p, done, err := c.Program(t.Context(), program(t, "echo"))
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	process, err := host.Launch(t.Context(), p, host.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if m, err := process.Describe(t.Context()); err != nil || m.Name != "echo" {
		t.Errorf("%+v, %v", m, err)
	}
	if err := process.Close(); err != nil {
		t.Error(err)
	}
	if _, _, err := c.Program(t.Context(), "absent"); !errors.Is(err, host.ErrUnknown) {
		t.Errorf("an unknown name: %v", err)
	}
}

// write makes a directory with these files, by name.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestInstallPython(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	library := write(t, map[string]string{"tuned_plugin/__init__.py": "serve = 'architecture'\n"})
	dir := write(t, map[string]string{
		"main.py":                   "import os, helper, tuned_plugin\nos.execv(helper.path, ['python', tuned_plugin.serve, 'echo'])\n",
		"helper.py":                 "path = " + strconv.Quote(self) + "\n",
		"__pycache__/helper.12.pyc": "cached",
		".git/config":               "hidden",
	})
	c, _ := catalog(t)
	c.PythonLibrary = library
	e, err := c.Install(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range e.Files {
		names = append(names, f.Path)
	}
	if want := []string{"helper.py", "main.py", "tuned_plugin/__init__.py"}; !slices.Equal(names, want) {
		t.Errorf("files %v, want %v", names, want)
	}
	shown, err := c.Show(t.Context(), "echo")
	if err != nil || !shown.Python || shown.Summary != "Adds up rows." || shown.SHA256 != e.SHA256 {
		t.Errorf("%+v, %v", shown, err)
	}
	list, err := c.List(t.Context())
	if err != nil || len(list) != 2 || !list[1].Builtin {
		t.Errorf("%+v, %v", list, err)
	}
}

// A program in another language has a directory with what it needs beside it; a main that cannot be executed starts nothing.
func TestInstallDirectoryWithMain(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := write(t, map[string]string{
		"main":             "#!/bin/sh\nexec \"$(cat \"$(dirname \"$0\")/modules/path\")\" architecture echo\n",
		"modules/path":     self,
		"modules/.bin/npm": "hidden",
	})
	c, _ := catalog(t)
	if _, err := c.Install(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "an executable main") {
		t.Error(err)
	}
	if err := os.Chmod(filepath.Join(dir, "main"), 0o755); err != nil {
		t.Fatal(err)
	}
	e, err := c.Install(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if e.Name != "echo" || e.Main != "main" || e.Python || len(e.Files) != 2 {
		t.Errorf("installed: %+v", e)
	}
}

// What a Python lacks is often there in another one: whoever reads the error is told how to name it.
func TestInstallPythonWithoutItsPackages(t *testing.T) {
	dir := write(t, map[string]string{"main.py": "import absent\n"})
	c, _ := catalog(t)
	c.PythonLibrary = write(t, map[string]string{"tuned_plugin/__init__.py": ""})
	_, err := c.Install(t.Context(), dir)
	if err == nil || !strings.Contains(err.Error(), "has no module 'absent'") || !strings.Contains(err.Error(), "TUNED_PYTHON") {
		t.Error(err)
	}
}

// What is refused replaces nothing and leaves nothing behind.
func TestInstallRefused(t *testing.T) {
	c, home := catalog(t)
	refusal := errors.New("no rule")
	c.Accept = func(m model.Manifest) error { return fmt.Errorf("%s: %w", m.Name, refusal) }
	if _, err := c.Install(t.Context(), program(t, "echo")); !errors.Is(err, refusal) || !strings.Contains(err.Error(), "echo") {
		t.Error(err)
	}
	left, err := os.ReadDir(filepath.Join(home, "architectures"))
	if err != nil || len(left) > 0 || len(c.Names()) != 1 {
		t.Errorf("left %v, %v", left, err)
	}
}

// A Python of a virtual environment, into which pip installs what it needs, is started as one.
func TestInstallPythonOfVirtualEnvironment(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal(err)
	}
	venv := filepath.Join(t.TempDir(), "venv")
	if out, err := exec.Command(python, "-m", "venv", "--without-pip", venv).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Setenv("TUNED_PYTHON", filepath.Join(venv, "bin", "python3"))
	c, _ := catalog(t)
	_, err = c.Install(t.Context(), write(t, map[string]string{"main.py": "import sys\nsys.exit('it is in ' + sys.prefix)\n"}))
	if err == nil || !strings.Contains(err.Error(), "it is in "+venv) {
		t.Error(err)
	}
}

func TestInstallGo(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	main := "package main\n\nimport (\n\t\"os\"\n\t\"syscall\"\n)\n\nfunc main() {\n\t_ = syscall.Exec(" + strconv.Quote(self) +
		", []string{\"x\", \"architecture\", \"echo\"}, os.Environ())\n}\n"
	dir := write(t, map[string]string{"go.mod": "module example\n\ngo 1.26\n", "main.go": main})
	c, _ := catalog(t)
	if e, err := c.Install(t.Context(), dir); err != nil || e.Name != "echo" || len(e.Files) != 1 || e.Source != dir {
		t.Errorf("%+v, %v", e, err)
	}
	broken := write(t, map[string]string{"go.mod": "module example\n", "main.go": "package main\n\nfunc main() { x }\n"})
	if _, err := c.Install(t.Context(), broken); err == nil || !strings.Contains(err.Error(), "undefined: x") {
		t.Errorf("a package that does not compile: %v", err)
	}
}
