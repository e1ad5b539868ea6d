package data

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"tuned/trainer/data/pixels"
	"tuned/trainer/data/random"
	"tuned/trainer/model"
	"tuned/trainer/npy"
)

// labelFile holds the codes of the classes of images that come with no table.
const labelFile = "labels.npy"

// Picture is what is known of a data set's images.
type Picture struct {
	pixels.Shape
	Mean   []float64 `json:"mean,omitempty"` // by channel, over training rows, of values in 0 … 1
	Std    []float64 `json:"std,omitempty"`
	Paths  string    `json:"paths,omitempty"`  // the table's column of paths, if the images come from one
	Pixels []string  `json:"pixels,omitempty"` // the table's columns of pixels, if they do,
	Low    float64   `json:"low,omitempty"`    // and the numbers that are black
	High   float64   `json:"high,omitempty"`   // and white
}

// input describes the images as a session sees them.
func (p *Picture) input() model.Input {
	return model.Input{Kind: model.Image, File: pixels.File, Height: p.Height, Width: p.Width, Channels: p.Channels, Mean: p.Mean, Std: p.Std}
}

// fitPicture learns each channel's mean and deviation from training rows.
func (d *Dataset) fitPicture(rows []int32) *Picture {
	p := *d.Picture
	p.Mean, p.Std = d.raw.images.Moments(rows)
	return &p
}

var errNoImages = errors.New("the data are no images")

// Thumbnail is a row's image as a PNG file, as it was read; one whose longer side exceeds 160 pixels is made smaller.
func (d *Dataset) Thumbnail(row int32) ([]byte, error) {
	if d.Picture == nil {
		return nil, fmt.Errorf("thumbnail of row %d: %w", row, errNoImages)
	}
	return d.raw.images.Thumbnail(row)
}

// mirrorRows is how many training images mirrorKept looks at, at most.
const mirrorRows = 4000

// mirrorKept tells whether mirror images may stand for images (see pixels.Images.MirrorKept). Images of a regression, and tables, have 0.
func (d *Dataset) mirrorKept() float64 {
	labels := d.Labels()
	if d.Picture == nil || labels == nil {
		return 0
	}
	return d.raw.images.MirrorKept(random.Sample(d.Train, mirrorRows, d.Spec.SplitSeed), labels, len(d.Classes))
}

// gather makes a data set of images that lie in its directory, with their classes' codes and the sides that they come with.
// Spec.MaxRows limits the training rows alone.
func (d *Dataset) gather(codes []int32, sides []string) (*Dataset, error) {
	if d.Spec.Task == model.Regression {
		return nil, &Error{
			Op: "read", Path: d.Spec.Path, Place: "data.task", Hint: `task = "classification"; for numbers, a table with an image_column`,
			Err: errors.New("these images are in classes"),
		}
	}
	d.Task, d.Rows, d.raw = model.Classification, len(codes), &table{rows: len(codes)}
	d.Target = Column{Name: "label", Type: Categorical, File: labelFile, Used: true, Levels: d.Classes}
	err := d.mapImages(codes)
	if err == nil && !d.splitBySides(sides) {
		err = d.split()
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	d.Train = random.Sample(d.Train, d.Spec.MaxRows, d.Spec.SplitSeed)
	return d, nil
}

// mapImages stores the codes as the target and maps both arrays.
func (d *Dataset) mapImages(codes []int32) error {
	path := filepath.Join(d.Dir, labelFile)
	w, err := npy.Create(path, npy.Int32, len(codes))
	if err != nil {
		return fmt.Errorf("read images: %w", err)
	}
	_, err = w.Write(npy.Bytes(codes))
	if err := errors.Join(err, w.Close()); err != nil {
		return fmt.Errorf("read images: %w", err)
	}
	labels, err := npy.Open(path)
	if err != nil {
		return err
	}
	d.raw.columns, d.raw.arrays = []Column{d.Target}, []*npy.File{labels}
	d.raw.images, err = pixels.Open(d.Dir, d.Picture.Shape)
	return err
}

// splitBySides takes the division that the images come with, if they have one.
func (d *Dataset) splitBySides(sides []string) bool {
	if !slices.Contains(sides, "train") || !slices.Contains(sides, "test") {
		return false
	}
	for row, side := range sides {
		d.put(int32(row), side)
	}
	d.Notes = append(d.Notes, "The images' own division into training and test images is the split.")
	return true
}
