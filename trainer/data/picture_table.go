package data

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"tuned/trainer/data/pixels"
	"tuned/trainer/data/source"
)

// picture turns a table that has been read and split into images: of the files that a column names, or of its columns of numbers,
// a pixel each. The columns that are left stay for slices and are not learned from.
func (d *Dataset) picture(ctx context.Context, tell func(done, total int64)) (err error) {
	if d.Spec.ImageColumn != "" {
		err = d.pictureFiles(ctx, tell)
	} else {
		err = d.picturePixels()
	}
	if err != nil {
		return err
	}
	for i := range d.Columns {
		d.Columns[i].Filled = false
		if d.Columns[i].Used {
			d.Columns[i].Used, d.Columns[i].Note = false, "is beside the images, which alone are learned from"
		}
	}
	d.raw.images, err = pixels.Open(d.Dir, d.Picture.Shape)
	return err
}

// pictureFiles reads the files that the image column names.
func (d *Dataset) pictureFiles(ctx context.Context, tell func(done, total int64)) error {
	at := d.column(d.Spec.ImageColumn)
	paths, err := d.raw.imagePaths(at, d.Spec.Path)
	if err != nil {
		return err
	}
	hash, err := d.readFiles(ctx, paths, tell)
	if err != nil {
		return err
	}
	d.Picture.Paths, d.Hash = d.Spec.ImageColumn, specHash(d.Hash+hash, d.Spec)
	d.Columns[at].Used, d.Columns[at].Note = false, "names the images"
	return nil
}

// Beside are the files that are read beside the one at path: the images that a column of a table, or of a sheet of a workbook, names, each once, in the order of
// its rows, or the labels of images in IDX form. A directory is read as a whole. Not every file need be there.
func Beside(ctx context.Context, path, sheet, imageColumn string) ([]string, error) {
	if imageColumn != "" {
		return imagesNamed(ctx, source.File{Path: path, Sheet: sheet}, imageColumn)
	}
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return nil, err
	}
	parts, err := pixels.FindIDX(path)
	var labels []string
	for _, p := range parts {
		labels = append(labels, p.Labels)
	}
	return labels, err
}

// imagesNamed reads one column of a table.
func imagesNamed(ctx context.Context, file source.File, column string) (files []string, err error) {
	dir, err := os.MkdirTemp("", "tuned-images-")
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file.Path, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	l := &loader{file: file, dir: dir}
	err = l.load(ctx, func(fields []source.Field) ([]*builder, error) {
		at := slices.IndexFunc(fields, func(f source.Field) bool { return f.Name == column })
		if at < 0 {
			return nil, &Error{Op: "read", Path: file.Path, Place: "data.image_column", Err: fmt.Errorf("there is no column %q", column)}
		}
		names := newBuilder(at, fields[at])
		names.force(Categorical, "", nil)
		return []*builder{names}, nil
	})
	if err != nil {
		return nil, err
	}
	for _, name := range l.builders[0].levels {
		files = append(files, imagePath(file.Path, name))
	}
	return files, l.spool.close()
}

// imagePath is the file that a cell of the table at path names: it is relative to the table.
func imagePath(path, cell string) string {
	file := filepath.FromSlash(cell)
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(filepath.Dir(path), file)
}

// imagePaths are the paths in a column of a table, which they are relative to.
func (t *table) imagePaths(column int, path string) ([]string, error) {
	c := t.columns[column]
	paths := make([]string, t.rows)
	for row, code := range t.codes(column) {
		if code < 1 || int(code) > len(c.Levels) {
			return nil, &Error{
				Op: "read", Path: path, Place: fmt.Sprintf("row %d, column %s", row+1, c.Name),
				Hint: fmt.Sprintf("each row names an image; up to %d different ones are read", maxLevels), Err: errors.New("no path is there"),
			}
		}
		paths[row] = imagePath(path, c.Levels[code-1])
	}
	return paths, nil
}

// picturePixels takes the columns of numbers, in the file's order, as the pixels of an image: line by line, the channels of a pixel
// beside each other.
func (d *Dataset) picturePixels() error {
	var at []int
	p := &Picture{Shape: pixels.ShapeOf(d.Spec.ImageSize)}
	for i, c := range d.Columns {
		if c.Used && c.Type == Numeric {
			at, p.Pixels = append(at, i), append(p.Pixels, c.Name)
		}
	}
	if len(at) != p.Bytes() {
		return &Error{
			Op: "read", Path: d.Spec.Path, Place: "data.image_size", Hint: "--ignore COLUMN leaves columns out that are no pixels",
			Err: fmt.Errorf("%d columns of numbers, where %d × %d pixels of %d channels are %d", len(at), p.Height, p.Width, p.Channels, p.Bytes()),
		}
	}
	columns := d.raw.pixelColumns(at)
	if err := columns.Complete(d.Spec.Path); err != nil {
		return err
	}
	p.Low, p.High = columns.Span(d.Train)
	if err := columns.Write(d.Dir, p.Shape, p.Low, p.High); err != nil {
		return err
	}
	d.Picture = p
	return d.dropColumns(at)
}

// dropColumns forgets columns that have become pixels: there may be thousands.
func (d *Dataset) dropColumns(at []int) error {
	var errs []error
	t := d.raw
	columns, arrays := t.columns, t.arrays
	t.columns, t.arrays = nil, nil
	for i, c := range columns {
		if slices.Contains(at, i) {
			errs = append(errs, arrays[i].Close())
			continue
		}
		t.columns, t.arrays = append(t.columns, c), append(t.arrays, arrays[i])
	}
	d.Columns = t.columns[:len(t.columns)-1]
	return errors.Join(errs...)
}

// pixelColumns are columns of numbers that are pixels.
func (t *table) pixelColumns(at []int) pixels.Columns {
	p := pixels.Columns{Rows: t.rows}
	for _, i := range at {
		c := t.columns[i]
		p.Names, p.Values, p.Center = append(p.Names, c.Name), append(p.Values, t.numbers(i)), append(p.Center, c.Center)
	}
	return p
}
