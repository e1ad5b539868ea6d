package pixels

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tuned/trainer/data/source"
)

// Part is a file of images in IDX form, and the one of their labels, which need not be there.
type Part struct {
	Images, Labels string
	Side           string // of the split, as its name has it: train or test; "" where only this file is asked for
}

// sides are how MNIST and its kin name their files.
var sides = []struct{ prefix, side string }{{"train-", "train"}, {"t10k-", "test"}, {"test-", "test"}, {"", "train"}}

// FindIDX returns the parts that a path stands for: a directory with IDX files, or one file of images. None: it is no IDX.
func FindIDX(path string) ([]Part, error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		if strings.Contains(filepath.Base(path), "-idx") {
			return []Part{partOfFile(path, "")}, nil
		}
		return nil, nil // a table, or a path that reading will complain about
	}
	var parts []Part
	for _, s := range sides {
		found, err := filepath.Glob(filepath.Join(path, s.prefix+"images-idx[34]-ubyte*"))
		if err != nil {
			return nil, fmt.Errorf("look for images: %w", err)
		}
		slices.Sort(found)
		for _, f := range found {
			parts = append(parts, partOfFile(f, s.side))
		}
	}
	return parts, nil
}

// partOfFile finds the labels beside a file of images.
func partOfFile(images, side string) Part {
	name := filepath.Base(images)
	for _, kind := range []string{"images-idx3", "images-idx4"} {
		name = strings.Replace(name, kind, "labels-idx1", 1)
	}
	return Part{images, filepath.Join(filepath.Dir(images), name), side}
}

// idxFile is an IDX file being read: a head with its shape, then bytes.
type idxFile struct {
	*bufio.Reader
	in    *source.Input
	path  string
	shape []int
}

// openIDX reads the head and checks the number of dimensions.
func openIDX(ctx context.Context, path string, sums io.Writer, tell func(done, total int64), dimensions ...int) (*idxFile, error) {
	in, err := source.OpenInput(ctx, path, sums, tell)
	if err != nil {
		return nil, err
	}
	x := &idxFile{in: in, path: path}
	if in.Reader == nil {
		return nil, errors.Join(x.damaged(), in.Close())
	}
	x.Reader = bufio.NewReaderSize(in, 1<<18)
	var head [4]byte
	if _, err := io.ReadFull(x, head[:]); err != nil || head[0]|head[1] != 0 || head[2] != 8 || !slices.Contains(dimensions, int(head[3])) {
		return nil, errors.Join(x.damaged(), in.Close())
	}
	for range head[3] {
		var n uint32
		if err := binary.Read(x, binary.BigEndian, &n); err != nil || n == 0 || n > source.MaxRows {
			return nil, errors.Join(x.damaged(), in.Close())
		}
		x.shape = append(x.shape, int(n))
	}
	return x, nil
}

func (x *idxFile) damaged() error {
	return fault(x.path, "an IDX file of bytes is expected, whole", errors.New("the file is damaged, cut short, or not in IDX form"))
}

// images is the shape of the images in the file.
func (x *idxFile) images() (Shape, error) {
	s := ShapeOf(x.shape[1:])
	if s.Height > maxSide || s.Width > maxSide || s.Channels > maxChannel {
		return s, fault(x.path, fmt.Sprintf("at most %d × %d pixels of %d channels are read", maxSide, maxSide, maxChannel),
			fmt.Errorf("images of %d × %d pixels, %d channels", s.Height, s.Width, s.Channels))
	}
	return s, nil
}

// IDX is what is in the parts together.
type IDX struct {
	Shape
	Labels []uint8 // nil where there are none
	Counts []int   // images of each part
	Hash   string  // of all files
}

// Total is how many images there are.
func (x *IDX) Total() (n int) {
	for _, count := range x.Counts {
		n += count
	}
	return n
}

// ReadIDX writes the images of all parts under dir. tell, if not nil, hears of bytes read.
func ReadIDX(ctx context.Context, parts []Part, dir string, tell func(done, total int64)) (*IDX, error) {
	r := &idxReader{ctx: ctx, tell: tell, sums: sha256.New(), IDX: &IDX{}}
	for i, p := range parts {
		if err := r.measure(p, i == 0); err != nil {
			return nil, err
		}
	}
	w, err := create(dir, r.Total(), r.Shape)
	if err != nil {
		return nil, err
	}
	for i, p := range parts {
		if err = r.copy(w, p, r.Counts[i]); err != nil {
			break
		}
	}
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, err
	}
	r.Hash = hex.EncodeToString(r.sums.Sum(nil))
	return r.IDX, nil
}

// idxReader is one ReadIDX on its way.
type idxReader struct {
	*IDX
	ctx  context.Context
	tell func(done, total int64)
	sums hash.Hash
}

// measure reads a part's head, and its labels if it has any. All parts have images of one shape.
func (r *idxReader) measure(p Part, first bool) error {
	x, err := openIDX(r.ctx, p.Images, nil, nil, 3, 4)
	if err != nil {
		return err
	}
	shape, err := x.images()
	if err := errors.Join(err, x.in.Close()); err != nil {
		return err
	}
	if !first && shape != r.Shape {
		return fault(p.Images, "all images of a data set have one size", errors.New("the images differ in size from those before"))
	}
	r.Shape, r.Counts = shape, append(r.Counts, x.shape[0])
	return r.readLabels(p, x.shape[0])
}

func (r *idxReader) readLabels(p Part, n int) error {
	if _, err := os.Stat(p.Labels); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	x, err := openIDX(r.ctx, p.Labels, r.sums, nil, 1)
	if err != nil {
		return err
	}
	labels, err := io.ReadAll(io.LimitReader(x, int64(n))) // as many as there are, whatever the head claims
	if err != nil || len(labels) != n || x.shape[0] != n {
		err = fault(p.Labels, "each image needs one label", fmt.Errorf("%d labels for %d images, or a file cut short", x.shape[0], n))
	}
	r.Labels = append(r.Labels, labels...)
	return errors.Join(err, x.in.Close())
}

func (r *idxReader) copy(w io.Writer, p Part, n int) error {
	x, err := openIDX(r.ctx, p.Images, r.sums, r.tell, 3, 4)
	if err != nil {
		return err
	}
	if _, err = io.CopyN(w, x, int64(n)*int64(r.Bytes())); err != nil && r.ctx.Err() == nil {
		err = x.damaged()
	}
	return errors.Join(err, x.in.Close())
}
