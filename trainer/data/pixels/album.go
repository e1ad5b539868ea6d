package pixels

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tuned/trainer/data/source"
)

// Album is a directory of images in files of their own. A folder for each class holds them, or they have no classes.
type Album struct {
	Names   []string // of the files, relative to the directory, in order
	Labels  []int32  // by file: 1 + its class; 0 when it has none
	Sides   []string // by file: train, test or validation, where folders of that name divide the classes' folders
	Classes []string

	root   string
	others int // files that are neither PNG nor JPEG, left out
	side   func(folder string) string
}

// OpenAlbum lists the images under a directory, or the one image that the path names: in folders of their classes, in such
// folders within train, test and validation, or without any. side says which of these the name of a folder stands for, "" where it is none.
func OpenAlbum(path string, side func(folder string) string) (*Album, error) {
	a := &Album{root: path, side: side}
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		a.root, a.Names, a.Labels = filepath.Dir(path), []string{filepath.Base(path)}, []int32{0}
		return a, nil
	}
	folders, files, err := a.list(".")
	if err != nil {
		return nil, err
	}
	if a.divided(folders) {
		err = a.addSides(folders)
	} else if len(folders) > 0 {
		err = a.addClasses(".", folders, "")
	} else {
		a.add(files, 0, "")
	}
	return a, err
}

// list names the folders and the images in a directory, in order.
func (a *Album) list(dir string) (folders, files []string, err error) {
	entries, err := os.ReadDir(filepath.Join(a.root, dir))
	if err != nil {
		return nil, nil, source.Unopened(filepath.Join(a.root, dir), err)
	}
	for _, e := range entries {
		name := e.Name()
		info, err := os.Stat(filepath.Join(a.root, dir, name)) // a link to a folder is one
		switch {
		case strings.HasPrefix(name, "."):
		case err == nil && info.IsDir():
			folders = append(folders, name)
		case IsFile(name):
			files = append(files, filepath.Join(dir, name))
		default:
			a.others++
		}
	}
	return folders, files, nil
}

// divided reports whether the folders are sides of a split, training among them.
func (a *Album) divided(folders []string) bool {
	train := false
	for _, name := range folders {
		side := a.side(name)
		if side == "" {
			return false
		}
		train = train || side == "train"
	}
	return train && len(folders) > 1
}

func (a *Album) addSides(folders []string) error {
	for _, name := range folders {
		inner, _, err := a.list(name)
		if err != nil {
			return err
		}
		if err := a.addClasses(name, inner, a.side(name)); err != nil {
			return err
		}
	}
	if !slices.Contains(a.Sides, "test") { // what is called validation is the only judge there is
		for i, side := range a.Sides {
			if side == "validation" {
				a.Sides[i] = "test"
			}
		}
	}
	return nil
}

// addClasses adds a folder for each class.
func (a *Album) addClasses(dir string, folders []string, side string) error {
	for _, name := range folders {
		if !slices.Contains(a.Classes, name) {
			a.Classes = append(a.Classes, name)
		}
		_, files, err := a.list(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		a.add(files, int32(1+slices.Index(a.Classes, name)), side)
		if len(files) == 0 {
			return fault(filepath.Join(a.root, dir, name), "a folder is a class, and holds its PNG and JPEG files; remove it, or put some in",
				errors.New("the folder holds no images"))
		}
	}
	return nil
}

func (a *Album) add(files []string, label int32, side string) {
	for _, f := range files {
		a.Names, a.Labels, a.Sides = append(a.Names, f), append(a.Labels, label), append(a.Sides, side)
	}
}

// Paths are the files.
func (a *Album) Paths() []string {
	paths := make([]string, len(a.Names))
	for i, f := range a.Names {
		paths[i] = filepath.Join(a.root, f)
	}
	return paths
}

// Notes says what was left out.
func (a *Album) Notes() []string {
	switch a.others {
	case 0:
		return nil
	case 1:
		return []string{"1 file that is neither PNG nor JPEG was left out."}
	}
	return []string{fmt.Sprintf("%d files that are neither PNG nor JPEG were left out.", a.others)}
}

// Key stands for what the folders say.
func (a *Album) Key() string { return fmt.Sprintf("%q %v %q", a.Classes, a.Labels, a.Sides) }
