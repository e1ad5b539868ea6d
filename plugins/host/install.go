package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/google/renameio/v2"

	"tuned/durable"
	"tuned/plugins"
	"tuned/trainer/model"
)

const (
	// record is the file that says what was installed.
	record = "installed.json"
	// files is the directory of the private copy.
	files = "files"
)

// Install copies the program at path, has the copy describe itself, and makes it known by the name that it gives. An older
// architecture of that name is replaced, unless it is built in: at any moment there is one of the two.
func (c *Catalog) Install(ctx context.Context, path string) (e Entry, err error) {
	s, err := resolve(ctx, path)
	if err != nil {
		return Entry{}, fmt.Errorf("install: %w", err)
	}
	defer s.remove()
	err = c.change(ctx, func(place string) error {
		e, err = c.install(ctx, s, place)
		return err
	})
	if err != nil {
		return Entry{}, fmt.Errorf("install %s: %w", path, err)
	}
	return e, nil
}

func (c *Catalog) install(ctx context.Context, s source, place string) (Entry, error) {
	e := Entry{Source: s.path, Main: s.main, Python: s.python, Dir: filepath.Join(place, files)}
	if err := c.copyAll(s, e.Dir); err != nil {
		return e, err
	}
	var err error
	if e.Files, err = hashTree(e.Dir); err != nil {
		return e, err
	}
	e.SHA256 = hashFiles(e.Files)
	if e.Manifest, err = describe(ctx, s.name(), e); err != nil {
		return e, err
	}
	if slices.Contains(c.names, e.Name) {
		return e, fmt.Errorf("%w: %s", ErrBuiltIn, e.Name)
	}
	if c.Accept != nil {
		if err := c.Accept(e.Manifest); err != nil {
			return e, err
		}
	}
	if err := e.write(place); err != nil {
		return e, err
	}
	target := filepath.Join(c.dir, e.Name)
	e.Dir = filepath.Join(target, files)
	return e, replaceDir(place, target)
}

// describe launches the copy, as it will be from now on, for its manifest.
func describe(ctx context.Context, name string, e Entry) (model.Manifest, error) {
	p, err := program(name, e.Dir, e.Main, e.Python)
	if err != nil {
		return model.Manifest{}, err
	}
	p.Verify = func() (string, error) { return e.SHA256, e.verify() }
	process, err := Launch(ctx, p, Options{})
	if err != nil {
		return model.Manifest{}, err
	}
	m, err := process.Describe(ctx)
	return m, errors.Join(err, process.Close())
}

// copyAll copies the program, and for Python the library that it imports where it brings none, and closes all for writing.
func (c *Catalog) copyAll(s source, to string) error {
	if err := copyTree(s.root, s.files, to); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(to, libraryName)); s.python && c.PythonLibrary != "" && errors.Is(err, fs.ErrNotExist) {
		from := filepath.Join(c.PythonLibrary, libraryName)
		library, err := tree(from)
		if err != nil {
			return err
		}
		if err := copyTree(from, library, filepath.Join(to, libraryName)); err != nil {
			return err
		}
	}
	return chmodDirs(to, 0o500)
}

func copyTree(from string, names []string, to string) error {
	for _, name := range names {
		target := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return err
		}
		if err := copyFile(filepath.Join(from, name), target); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o500)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// hashTree gives the length and checksum of every file beneath dir, hidden ones too.
func hashTree(dir string) ([]model.File, error) {
	var out []model.File
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if !d.Type().IsRegular() {
			return fmt.Errorf("%w: %s is no regular file", model.ErrCorrupt, path)
		}
		sum, length, err := durable.SumFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(dir, path)
		out = append(out, model.File{Path: relative, Length: length, SHA256: sum})
		return err
	})
	return out, err
}

// hashFiles is one checksum over names, lengths and contents.
func hashFiles(files []model.File) string {
	var text []byte
	for _, f := range files {
		text = fmt.Appendf(text, "%q %d %s\n", f.Path, f.Length, f.SHA256)
	}
	return durable.Hash(text)
}

func (e Entry) write(place string) error {
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return err
	}
	return renameio.WriteFile(filepath.Join(place, record), append(text, '\n'), 0o400)
}

// read reads what was installed under a name, which must lie where no one else can write.
func (c *Catalog) read(name string) (Entry, error) {
	if err := plugins.CheckName(name); err != nil {
		return Entry{}, err
	}
	e, err := readEntry(filepath.Join(c.dir, name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Entry{}, fmt.Errorf("%w %q: there are %v; others are installed with `tuned plugins install PATH`", ErrUnknown, name, c.Names())
	case err != nil:
		return Entry{}, fmt.Errorf("architecture %s: %w", name, err)
	case e.Name != name:
		return Entry{}, fmt.Errorf("architecture %s: %w: %s names %q", name, model.ErrCorrupt, record, e.Name)
	}
	return e, checkOwners(e.Dir)
}

// readEntry reads what write left at a place.
func readEntry(place string) (e Entry, err error) {
	text, err := os.ReadFile(filepath.Join(place, record))
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(text, &e); err != nil {
		return e, fmt.Errorf("%w: %s: %w", model.ErrCorrupt, record, err)
	}
	if plugins.CheckName(e.Name) != nil || !filepath.IsLocal(e.Main) {
		return e, fmt.Errorf("%w: %s names %q, %q", model.ErrCorrupt, record, e.Name, e.Main)
	}
	e.Dir = filepath.Join(place, files)
	return e, nil
}

// verify reports whether the private copy is what was installed: every file, and none besides.
func (e Entry) verify() error {
	found, err := hashTree(e.Dir)
	if err != nil {
		return fmt.Errorf("verify %s: %w", e.Dir, err)
	}
	for i := range max(len(found), len(e.Files)) {
		switch {
		case i >= len(found) || i < len(e.Files) && found[i].Path > e.Files[i].Path:
			return fmt.Errorf("verify: %w: %s is missing; install the architecture again", model.ErrCorrupt, e.Files[i].Path)
		case i >= len(e.Files) || found[i].Path < e.Files[i].Path:
			return fmt.Errorf("verify: %w: %s was added after the installation", model.ErrCorrupt, found[i].Path)
		case found[i] != e.Files[i]:
			return fmt.Errorf("verify: %w: %s changed after the installation", model.ErrCorrupt, found[i].Path)
		}
	}
	if sum := hashFiles(e.Files); sum != e.SHA256 {
		return fmt.Errorf("verify: %w: the files' checksum is %s instead of %s", model.ErrCorrupt, sum, e.SHA256)
	}
	return nil
}

// Remove forgets an installed architecture, and removes its copy.
func (c *Catalog) Remove(name string) error {
	if slices.Contains(c.names, name) {
		return fmt.Errorf("remove: %w: %s", ErrBuiltIn, name)
	}
	if err := plugins.CheckName(name); err != nil {
		return fmt.Errorf("remove: %w", err)
	}
	if !slices.Contains(c.installed(), name) {
		return fmt.Errorf("remove: %w %q", ErrUnknown, name)
	}
	err := c.change(context.Background(), func(place string) error {
		return os.Rename(filepath.Join(c.dir, name), filepath.Join(place, name)) // at one moment: half of it would be damaged
	})
	if err != nil {
		return fmt.Errorf("remove %s: %w", name, err)
	}
	return nil
}
