// Package pixels makes one array of all images of a data set, whether they come as PNG and JPEG files, in IDX form, or as columns of a
// table, and looks at what is in it. Which of them are learned from, and what they show, is for the package data to say.
package pixels

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"tuned/trainer/data/source"
	"tuned/trainer/npy"
)

// File is the array's name in its directory: uint8, images × height × width × channels.
const File = "images.npy"

// What is read, at most.
const (
	maxSide    = 4096 // pixels
	maxChannel = 4
)

// Shape is the shape that all images of a data set have.
type Shape struct {
	Height   int `json:"height"`
	Width    int `json:"width"`
	Channels int `json:"channels"`
}

// ShapeOf is a shape of a size that IsSize accepts.
func ShapeOf(size []int) Shape {
	s := Shape{Height: size[0], Width: size[1], Channels: 1}
	if len(size) == 3 {
		s.Channels = size[2]
	}
	return s
}

// IsSize reports whether a job's image_size can be one: height, width and perhaps 1 or 3 channels.
func IsSize(size []int) bool {
	side := func(n int) bool { return n >= 1 && n <= maxSide }
	return (len(size) == 2 || len(size) == 3 && (size[2] == 1 || size[2] == 3)) && side(size[0]) && side(size[1])
}

// Bytes is the size of an image.
func (s Shape) Bytes() int { return s.Height * s.Width * s.Channels }

// Holds reports whether a path is a directory, which can only hold images, or a file of images in IDX form: a job needs no target for
// either.
func Holds(path string) bool {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return true
	}
	return strings.Contains(filepath.Base(path), "-idx")
}

// create makes the array under dir anew: a view may be linked to an older one, which must not be written over.
func create(dir string, images int, s Shape) (*npy.Writer, error) {
	path := filepath.Join(dir, File)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("write images: %w", err)
	}
	w, err := npy.Create(path, npy.Uint8, images, s.Height, s.Width, s.Channels)
	if err != nil {
		return nil, fmt.Errorf("write images: %w", err)
	}
	return w, nil
}

// fault is an error in what a person gave us.
func fault(path, hint string, err error) error {
	return &source.Error{Op: "read", Path: path, Hint: hint, Err: err}
}
