package data

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tuned/trainer/data/source"
)

// album is images in files of their own. A folder for each class holds them, or they have no classes.
type album struct {
	root    string
	files   []string // relative to root, in order
	labels  []int32  // by file: 1 + its class; 0 when it has none
	sides   []string // by file: train, test or validation, where folders of that name divide the classes' folders
	classes []string
	others  int // files that are neither PNG nor JPEG, left out
}

// HoldsImages reports whether a path is a directory, which can only hold images, or a file of images in IDX form: a job
// needs no target for either.
func HoldsImages(path string) bool {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return true
	}
	return strings.Contains(filepath.Base(path), "-idx")
}

func isImageFile(name string) bool {
	return slices.Contains([]string{".png", ".jpg", ".jpeg"}, strings.ToLower(filepath.Ext(name)))
}

// openAlbum lists the images under a directory, or the one image that the path names: in folders of their classes, in such
// folders within train, test and validation, or without any.
func openAlbum(path string) (*album, error) {
	a := &album{root: path}
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		a.root, a.files, a.labels = filepath.Dir(path), []string{filepath.Base(path)}, []int32{0}
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
func (a *album) list(dir string) (folders, files []string, err error) {
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
		case isImageFile(name):
			files = append(files, filepath.Join(dir, name))
		default:
			a.others++
		}
	}
	return folders, files, nil
}

// divided reports whether the folders are sides of a split, training among them.
func (a *album) divided(folders []string) bool {
	train := false
	for _, name := range folders {
		side := sides[strings.ToLower(name)]
		if side == "" {
			return false
		}
		train = train || side == "train"
	}
	return train && len(folders) > 1
}

func (a *album) addSides(folders []string) error {
	for _, name := range folders {
		inner, _, err := a.list(name)
		if err != nil {
			return err
		}
		if err := a.addClasses(name, inner, sides[strings.ToLower(name)]); err != nil {
			return err
		}
	}
	if !slices.Contains(a.sides, "test") { // what is called validation is the only judge there is
		for i, side := range a.sides {
			if side == "validation" {
				a.sides[i] = "test"
			}
		}
	}
	return nil
}

// addClasses adds a folder for each class.
func (a *album) addClasses(dir string, folders []string, side string) error {
	for _, name := range folders {
		if !slices.Contains(a.classes, name) {
			a.classes = append(a.classes, name)
		}
		_, files, err := a.list(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		a.add(files, int32(1+slices.Index(a.classes, name)), side)
		if len(files) == 0 {
			return &Error{
				Op: "read", Path: filepath.Join(a.root, dir, name), Hint: "a folder is a class, and holds its PNG and JPEG files; remove it, or put some in",
				Err: errors.New("the folder holds no images"),
			}
		}
	}
	return nil
}

func (a *album) add(files []string, label int32, side string) {
	for _, f := range files {
		a.files, a.labels, a.sides = append(a.files, f), append(a.labels, label), append(a.sides, side)
	}
}

// checkClasses refuses an album that nothing can be learned from.
func (a *album) checkClasses() error {
	fault := func(why, hint string) error {
		return &Error{Op: "read", Path: a.root, Hint: hint, Err: errors.New(why)}
	}
	switch {
	case len(a.files) == 0:
		return fault("the directory holds no images", "expected is a folder of PNG or JPEG files for each class, or IDX files such as train-images-idx3-ubyte.gz")
	case len(a.classes) == 0:
		return fault("the images lie in no folders", "put the images of each class into a folder of its name")
	}
	if why, hint := classFault(a.classes, tally(a.labels, len(a.classes)), "image"); why != "" {
		return fault(why, hint)
	}
	return nil
}

func (a *album) paths() []string {
	paths := make([]string, len(a.files))
	for i, f := range a.files {
		paths[i] = filepath.Join(a.root, f)
	}
	return paths
}

// notes says what was left out.
func (a *album) notes() []string {
	switch a.others {
	case 0:
		return nil
	case 1:
		return []string{"1 file that is neither PNG nor JPEG was left out."}
	}
	return []string{fmt.Sprintf("%d files that are neither PNG nor JPEG were left out.", a.others)}
}

// readAlbum is Read for a directory of images in folders of their classes. Where these lie in folders train and test, that is the
// split.
func readAlbum(ctx context.Context, s Spec, dir string, tell func(done, total int64)) (*Dataset, error) {
	a, err := openAlbum(s.Path)
	if err == nil {
		err = a.checkClasses()
	}
	if err != nil {
		return nil, err
	}
	r := &decoder{paths: a.paths(), tell: tell}
	note, err := r.measure(ctx, s.ImageSize)
	if err != nil {
		return nil, err
	}
	hash, err := r.write(ctx, dir)
	if err != nil {
		return nil, err
	}
	d := &Dataset{Dir: dir, Spec: s, Picture: &r.picture, Classes: a.classes, Hash: specHash(hash+a.key(), s), Notes: a.notes()}
	if note != "" {
		d.Notes = append(d.Notes, note)
	}
	return d.gather(a.labels, a.sides)
}

// key stands for what the folders say.
func (a *album) key() string { return fmt.Sprintf("%q %v %q", a.classes, a.labels, a.sides) }
