package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"tuned/machine"
	"tuned/plugins"
	"tuned/trainer/model"
)

// Catalog knows architectures by name: the built-in ones, and those that were installed in a directory.
type Catalog struct {
	// PythonLibrary is a directory with the package tuned_plugin, which installed Python programs get a copy of. Empty: they
	// bring their own.
	PythonLibrary string
	// Accept may refuse what an architecture says of itself, before it is installed. Nil: nothing is refused.
	Accept func(model.Manifest) error

	dir    string
	names  []string
	lookup func(name string) (model.Architecture, bool)
}

// ErrUnknown: no architecture has that name.
var ErrUnknown = errors.New("unknown architecture")

// ErrBuiltIn: an architecture of that name is part of tuned, and can be neither replaced nor removed. It is a [model.ErrInvalid].
var ErrBuiltIn = fmt.Errorf("%w: the name is that of a built-in architecture", model.ErrInvalid)

// Home is where tuned keeps what it installs: $TUNED_HOME, else $XDG_DATA_HOME/tuned, else ~/.local/share/tuned.
func Home() (string, error) {
	if home := os.Getenv("TUNED_HOME"); home != "" {
		return filepath.Abs(home)
	}
	if data := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(data) {
		return filepath.Join(data, "tuned"), nil
	}
	home, err := machine.Home()
	if err != nil {
		return "", fmt.Errorf("no place for installed architectures: %w (set TUNED_HOME)", err)
	}
	return filepath.Join(home, ".local", "share", "tuned"), nil
}

// NewCatalog gives the catalog of the architectures that are installed beneath home, and the built-in ones: their names, sorted,
// and the function that finds them. Nothing is read, or made, before it is needed.
func NewCatalog(home string, names []string, lookup func(name string) (model.Architecture, bool)) *Catalog {
	return &Catalog{dir: filepath.Join(home, "architectures"), names: names, lookup: lookup}
}

// Entry is an architecture of a catalog.
type Entry struct {
	model.Manifest              // as it described itself
	Builtin        bool         `json:"-"`
	SHA256         string       `json:"sha256,omitempty"` // over the names and contents of all files
	Source         string       `json:"source,omitempty"` // what was installed
	Main           string       `json:"main,omitempty"`   // the file that is started
	Python         bool         `json:"python,omitempty"` // whether Python starts it
	Files          []model.File `json:"files,omitempty"`  // paths relative to Dir
	Dir            string       `json:"-"`                // the private copy
}

// Names lists all architectures, sorted.
func (c *Catalog) Names() []string {
	names := append(slices.Clone(c.names), c.installed()...)
	slices.Sort(names)
	return names
}

func (c *Catalog) installed() []string {
	var names []string
	entries, _ := os.ReadDir(c.dir) // a directory that is not there holds nothing
	for _, e := range entries {
		if e.IsDir() && plugins.CheckName(e.Name()) == nil && !slices.Contains(c.names, e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names
}

// Lookup gives the program of that name. An installed one is verified at each start.
func (c *Catalog) Lookup(name string) (Program, error) {
	if slices.Contains(c.names, name) {
		return Self(name), nil
	}
	e, err := c.read(name)
	if err != nil {
		return Program{}, err
	}
	p, err := program(name, e.Dir, e.Main, e.Python)
	p.Verify = func() (string, error) { return e.SHA256, e.verify() }
	return p, err
}

// Show describes the architecture of that name.
func (c *Catalog) Show(ctx context.Context, name string) (Entry, error) {
	if !slices.Contains(c.names, name) {
		return c.read(name)
	}
	a, ok := c.lookup(name)
	if !ok {
		return Entry{}, fmt.Errorf("%w: %s", ErrUnknown, name)
	}
	m, err := a.Describe(ctx)
	if err != nil {
		return Entry{}, fmt.Errorf("architecture %s: %w", name, err)
	}
	return Entry{Manifest: m, Builtin: true}, nil
}

// List describes all architectures, by name. One that cannot be read is left out, and is among the errors.
func (c *Catalog) List(ctx context.Context) ([]Entry, error) {
	var entries []Entry
	var problems []error
	for _, name := range c.Names() {
		e, err := c.Show(ctx, name)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		entries = append(entries, e)
	}
	return entries, errors.Join(problems...)
}

// Program gives the program of an architecture by its name or, where the argument is a path, of one that is not installed. It is
// for trying an architecture out; call done afterwards.
func (c *Catalog) Program(ctx context.Context, nameOrPath string) (p Program, done func(), err error) {
	if plugins.CheckName(nameOrPath) == nil {
		p, err := c.Lookup(nameOrPath)
		if !errors.Is(err, ErrUnknown) {
			return p, func() {}, err
		}
	}
	s, err := resolve(ctx, nameOrPath)
	if errors.Is(err, os.ErrNotExist) {
		return Program{}, nil, fmt.Errorf("%w: %s is neither a name of %v nor a path", ErrUnknown, nameOrPath, c.Names())
	}
	if err != nil {
		return Program{}, nil, err
	}
	p, err = program(s.name(), s.root, s.main, s.python, c.places()...)
	return p, s.remove, err
}

func (c *Catalog) places() []string {
	if c.PythonLibrary == "" {
		return nil
	}
	return []string{c.PythonLibrary}
}
