package host_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
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
		{"a built-in name", program(t, "echo-builtin"), "name echo-builtin is that of a built-in"},
		{"a program that serves nothing", "/bin/true", "ended (exit status 0)"},
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
