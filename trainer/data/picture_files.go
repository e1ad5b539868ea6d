package data

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tuned/trainer/data/pixels"
)

// readIDX is Read for images in IDX form: all of them are kept, and files named train- and test- or t10k- are the split.
func readIDX(ctx context.Context, s Spec, parts []pixels.Part, dir string, tell func(done, total int64)) (*Dataset, error) {
	x, err := pixels.ReadIDX(ctx, parts, dir, tell)
	if err != nil {
		return nil, err
	}
	d := &Dataset{Dir: dir, Spec: s, Picture: &Picture{Shape: x.Shape}, Hash: specHash(x.Hash, s)}
	codes, err := d.recode(x, parts)
	if err != nil {
		return nil, err
	}
	var sides []string
	for i, p := range parts {
		sides = append(sides, slices.Repeat([]string{p.Side}, x.Counts[i])...)
	}
	return d.gather(codes, sides)
}

// recode names the classes after their labels, and gives the codes of all labels.
func (d *Dataset) recode(x *pixels.IDX, parts []pixels.Part) ([]int32, error) {
	if x.Total() != len(x.Labels) {
		return nil, &Error{Op: "read", Path: parts[0].Labels, Hint: "labels are looked for beside the images", Err: errors.New("there are no labels for the images")}
	}
	counts := make([]int, 256)
	for _, label := range x.Labels {
		counts[label]++
	}
	recode, codes := make([]int32, 256), make([]int32, len(x.Labels))
	for label, n := range counts {
		if n > 0 {
			d.Classes = append(d.Classes, fmt.Sprint(label))
			recode[label] = int32(len(d.Classes))
		}
	}
	for i, label := range x.Labels {
		codes[i] = recode[label]
	}
	if why, hint := classFault(d.Classes, tally(codes, len(d.Classes)), "image"); why != "" {
		return nil, &Error{Op: "read", Path: parts[0].Labels, Hint: hint, Err: errors.New(why)}
	}
	return codes, nil
}

// readAlbum is Read for a directory of images in folders of their classes. Where these lie in folders train and test, that is the
// split.
func readAlbum(ctx context.Context, s Spec, dir string, tell func(done, total int64)) (*Dataset, error) {
	a, err := pixels.OpenAlbum(s.Path, sideOf)
	if err == nil {
		err = checkAlbum(a, s.Path)
	}
	if err != nil {
		return nil, err
	}
	d := &Dataset{Dir: dir, Spec: s, Classes: a.Classes, Notes: a.Notes()}
	hash, err := d.readFiles(ctx, a.Paths(), tell)
	if err != nil {
		return nil, err
	}
	d.Hash = specHash(hash+a.Key(), s)
	return d.gather(a.Labels, a.Sides)
}

// readFiles reads images in files of their own, and returns a hash of all of them.
func (d *Dataset) readFiles(ctx context.Context, paths []string, tell func(done, total int64)) (hash string, err error) {
	files := &pixels.Files{Paths: paths, Tell: tell}
	note, err := files.Measure(ctx, d.Spec.ImageSize)
	if err != nil {
		return "", err
	}
	if hash, err = files.Write(ctx, d.Dir); err != nil {
		return "", err
	}
	if note != "" {
		d.Notes = append(d.Notes, note)
	}
	d.Picture = &Picture{Shape: files.Shape}
	return hash, nil
}

// checkAlbum refuses an album that nothing can be learned from.
func checkAlbum(a *pixels.Album, path string) error {
	fault := func(why, hint string) error {
		return &Error{Op: "read", Path: path, Hint: hint, Err: errors.New(why)}
	}
	switch {
	case len(a.Names) == 0:
		return fault("the directory holds no images", "expected is a folder of PNG or JPEG files for each class, or IDX files such as train-images-idx3-ubyte.gz")
	case len(a.Classes) == 0:
		return fault("the images lie in no folders", "put the images of each class into a folder of its name")
	}
	if why, hint := classFault(a.Classes, tally(a.Labels, len(a.Classes)), "image"); why != "" {
		return fault(why, hint)
	}
	return nil
}
