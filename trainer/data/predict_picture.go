package data

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tuned/trainer/data/pixels"
	"tuned/trainer/data/source"
	"tuned/trainer/model"
)

// readImages encodes new images: in IDX form, in a directory, one file, or a table like the one of the training. Labels beside them, or
// the folders' names, are taken.
func (p *Preprocess) readImages(ctx context.Context, path, dir string) (*Rows, model.View, error) {
	rows := &Rows{}
	parts, err := pixels.FindIDX(path)
	switch {
	case err != nil:
	case parts != nil:
		err = p.readIDX(ctx, rows, parts, dir)
	case pixels.Holds(path) || pixels.IsFile(path):
		err = p.readAlbum(ctx, rows, path, dir)
	default:
		err = p.readTable(ctx, rows, path, dir)
	}
	if err != nil {
		return nil, model.View{}, err
	}
	w := viewWriter{dir: dir, rows: rows.Count, encoder: &encoder{}}
	v, err := w.write(p, nil, nil, "")
	return rows, v, err
}

func (p *Preprocess) readIDX(ctx context.Context, rows *Rows, parts []pixels.Part, dir string) error {
	x, err := pixels.ReadIDX(ctx, parts, dir, nil)
	if err != nil {
		return err
	}
	if x.Shape != p.Picture.Shape {
		return &Error{
			Op: "read", Path: parts[0].Images,
			Hint: fmt.Sprintf("the model reads %d × %d pixels of %d channels", p.Picture.Height, p.Picture.Width, p.Picture.Channels),
			Err:  fmt.Errorf("images of %d × %d pixels, %d channels", x.Height, x.Width, x.Channels),
		}
	}
	rows.Count = x.Total()
	if len(x.Labels) == rows.Count {
		rows.Labels = p.labelsOf(x.Labels)
	}
	return nil
}

// labelsOf are the classes of labels; -1 for those that are none.
func (p *Preprocess) labelsOf(labels []uint8) []int32 {
	out := make([]int32, len(labels))
	for i, label := range labels {
		out[i] = int32(slices.Index(p.Classes, fmt.Sprint(label)))
	}
	return out
}

// readAlbum brings every image to the size of the training's.
func (p *Preprocess) readAlbum(ctx context.Context, rows *Rows, path, dir string) error {
	a, err := pixels.OpenAlbum(path, sideOf)
	if err != nil {
		return err
	}
	if len(a.Names) == 0 {
		return &Error{Op: "read", Path: path, Hint: "expected are PNG or JPEG files, in folders or not", Err: errors.New("the directory holds no images")}
	}
	rows.Count, rows.Names, rows.Notes = len(a.Names), a.Names, a.Notes()
	if len(a.Classes) > 0 && p.Task == model.Classification {
		for _, label := range a.Labels {
			rows.Labels = append(rows.Labels, int32(slices.Index(p.Classes, a.Classes[label-1])))
		}
	}
	return p.decode(ctx, a.Paths(), dir)
}

func (p *Preprocess) decode(ctx context.Context, paths []string, dir string) error {
	files := &pixels.Files{Shape: p.Picture.Shape, Paths: paths}
	_, err := files.Write(ctx, dir)
	return err
}

// readTable reads the columns that the training's images came from.
func (p *Preprocess) readTable(ctx context.Context, rows *Rows, path, dir string) error {
	if p.Picture.Paths == "" && p.Picture.Pixels == nil {
		return &Error{Op: "read", Path: path, Hint: "the model reads a directory of images, an image file, or images in IDX form", Err: errors.New("it holds no images")}
	}
	columns := *p
	columns.Features = p.pictureFeatures()
	r := &rereading{p: &columns, path: path, dir: dir, t: &table{}}
	err := r.read(ctx, r.prepareImages)
	if err == nil {
		err = p.convert(ctx, r)
	}
	*rows = r.rows
	return errors.Join(err, r.close())
}

// pictureFeatures are the columns that the images come from, as if they were features.
func (p *Preprocess) pictureFeatures() (all []Feature) {
	if p.Picture.Paths != "" {
		return []Feature{{Name: p.Picture.Paths, Type: Categorical}}
	}
	for _, name := range p.Picture.Pixels {
		all = append(all, Feature{Name: name, Type: Numeric})
	}
	return all
}

// prepareImages is prepare for pixels or paths: the paths are new ones, all of them kept.
func (r *rereading) prepareImages(fields []source.Field) ([]*builder, error) {
	builders, err := r.prepare(fields)
	if err == nil && r.p.Picture.Paths != "" {
		paths := newBuilder(builders[0].index, builders[0].field)
		paths.force(Categorical, "", nil)
		builders[0] = paths
	}
	return builders, err
}

// convert writes the images of a table that has been read.
func (p *Preprocess) convert(ctx context.Context, r *rereading) error {
	if p.Picture.Paths != "" {
		paths, err := r.t.imagePaths(0, r.path)
		if err != nil {
			return err
		}
		r.rows.Names = paths
		return p.decode(ctx, paths, r.dir)
	}
	at := make([]int, len(p.Picture.Pixels))
	for i := range at {
		at[i] = i
	}
	columns := r.t.pixelColumns(at)
	if err := columns.Complete(r.path); err != nil {
		return err
	}
	return columns.Write(r.dir, p.Picture.Shape, p.Picture.Low, p.Picture.High)
}
