package data

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
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tuned/trainer/data/random"
	"tuned/trainer/data/source"
	"tuned/trainer/model"
	"tuned/trainer/npy"
)

// Images are kept as one raw array, uint8, rows × height × width × channels.
const (
	imageFile  = "images.npy"
	labelFile  = "labels.npy"
	maxSide    = 4096 // pixels
	maxChannel = 4
)

// Picture is the shape of a data set's images.
type Picture struct {
	Height   int       `json:"height"`
	Width    int       `json:"width"`
	Channels int       `json:"channels"`
	Mean     []float64 `json:"mean,omitempty"` // by channel, over training rows, of values in 0 … 1
	Std      []float64 `json:"std,omitempty"`
	Paths    string    `json:"paths,omitempty"`  // the table's column of paths, if the images come from one
	Pixels   []string  `json:"pixels,omitempty"` // the table's columns of pixels, if they do,
	Low      float64   `json:"low,omitempty"`    // and the numbers that are black
	High     float64   `json:"high,omitempty"`   // and white
}

func (p *Picture) bytes() int { return p.Height * p.Width * p.Channels }

// imageParts are files of images, in IDX form, and of their labels; sides as a split column would name them.
type imageParts struct {
	images, labels string
	side           string
}

// imageSides are how MNIST and its kin name their files.
var imageSides = []struct{ prefix, side string }{{"train-", "train"}, {"t10k-", "test"}, {"test-", "test"}, {"", "train"}}

// findIDX returns the parts that a path stands for: a directory with IDX files, or one file of images. None: it is no IDX.
func findIDX(path string) ([]imageParts, error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		if strings.Contains(filepath.Base(path), "-idx") {
			return []imageParts{partOfFile(path, "")}, nil
		}
		return nil, nil // a table, or a path that reading will complain about
	}
	var parts []imageParts
	for _, s := range imageSides {
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
func partOfFile(images, side string) imageParts {
	name := filepath.Base(images)
	for _, kind := range []string{"images-idx3", "images-idx4"} {
		name = strings.Replace(name, kind, "labels-idx1", 1)
	}
	return imageParts{images, filepath.Join(filepath.Dir(images), name), side}
}

// idx is an IDX file being read: a head with its shape, then bytes.
type idx struct {
	*bufio.Reader
	in    *source.Input
	path  string
	shape []int
}

// openIDX reads the head and checks the number of dimensions.
func openIDX(ctx context.Context, path string, sums io.Writer, tell func(done, total int64), dimensions ...int) (*idx, error) {
	in, err := source.OpenInput(ctx, path, sums, tell)
	if err != nil {
		return nil, err
	}
	x := &idx{in: in, path: path}
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

func (x *idx) damaged() error {
	return &Error{Op: "read", Path: x.path, Hint: "an IDX file of bytes is expected, whole", Err: errors.New("the file is damaged, cut short, or not in IDX form")}
}

// picture is the shape of the images in the file.
func (x *idx) picture() (Picture, error) {
	p := Picture{Height: x.shape[1], Width: x.shape[2], Channels: 1}
	if len(x.shape) == 4 {
		p.Channels = x.shape[3]
	}
	if p.Height > maxSide || p.Width > maxSide || p.Channels > maxChannel {
		return p, &Error{
			Op: "read", Path: x.path, Hint: fmt.Sprintf("at most %d × %d pixels of %d channels are read", maxSide, maxSide, maxChannel),
			Err: fmt.Errorf("images of %d × %d pixels, %d channels", p.Height, p.Width, p.Channels),
		}
	}
	return p, nil
}

// imageReader gathers the parts into one array of images and one of labels.
type imageReader struct {
	ctx     context.Context
	dir     string
	tell    func(done, total int64)
	sums    hash.Hash
	picture Picture
	labels  []uint8 // nil when there are none
	counts  []int   // rows of each part
}

// read writes images.npy under dir.
func (r *imageReader) read(parts []imageParts) (err error) {
	total := 0
	for _, p := range parts {
		n, err := r.measure(p, total == 0)
		if err != nil {
			return err
		}
		total += n
		r.counts = append(r.counts, n)
	}
	w, err := createImages(r.dir, total, r.picture)
	if err != nil {
		return err
	}
	for i, p := range parts {
		if err = r.copy(w, p, r.counts[i]); err != nil {
			return errors.Join(err, w.Close())
		}
	}
	return w.Close()
}

// measure reads a part's head, and its labels if it has any. All parts have images of one shape.
func (r *imageReader) measure(p imageParts, first bool) (int, error) {
	x, err := openIDX(r.ctx, p.images, nil, nil, 3, 4)
	if err != nil {
		return 0, err
	}
	picture, err := x.picture()
	if err := errors.Join(err, x.in.Close()); err != nil {
		return 0, err
	}
	if !first && (picture.Height != r.picture.Height || picture.Width != r.picture.Width || picture.Channels != r.picture.Channels) {
		return 0, &Error{Op: "read", Path: p.images, Hint: "all images of a data set have one size", Err: errors.New("the images differ in size from those before")}
	}
	r.picture = picture
	return x.shape[0], r.readLabels(p, x.shape[0])
}

func (r *imageReader) readLabels(p imageParts, n int) error {
	if _, err := os.Stat(p.labels); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	x, err := openIDX(r.ctx, p.labels, r.sums, nil, 1)
	if err != nil {
		return err
	}
	labels, err := io.ReadAll(io.LimitReader(x, int64(n))) // as many as there are, whatever the head claims
	if err != nil || len(labels) != n || x.shape[0] != n {
		err = &Error{Op: "read", Path: p.labels, Hint: "each image needs one label", Err: fmt.Errorf("%d labels for %d images, or a file cut short", x.shape[0], n)}
	}
	r.labels = append(r.labels, labels...)
	return errors.Join(err, x.in.Close())
}

func (r *imageReader) copy(w io.Writer, p imageParts, n int) error {
	x, err := openIDX(r.ctx, p.images, r.sums, r.tell, 3, 4)
	if err != nil {
		return err
	}
	if _, err = io.CopyN(w, x, int64(n)*int64(r.picture.bytes())); err != nil && r.ctx.Err() == nil {
		err = x.damaged()
	}
	return errors.Join(err, x.in.Close())
}

// readIDX is Read for images in IDX form: all of them are kept, and files named train- and test- or t10k- are the split.
func readIDX(ctx context.Context, s Spec, parts []imageParts, dir string, tell func(done, total int64)) (*Dataset, error) {
	r := &imageReader{ctx: ctx, dir: dir, tell: tell, sums: sha256.New()}
	if err := r.read(parts); err != nil {
		return nil, err
	}
	d := &Dataset{Dir: dir, Spec: s, Picture: &r.picture, Hash: specHash(hex.EncodeToString(r.sums.Sum(nil)), s)}
	codes, err := d.recode(r, parts)
	if err != nil {
		return nil, err
	}
	var sides []string
	for i, p := range parts {
		sides = append(sides, slices.Repeat([]string{p.side}, r.counts[i])...)
	}
	return d.gather(codes, sides)
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

// recode names the classes after their labels, and gives the codes of all labels.
func (d *Dataset) recode(r *imageReader, parts []imageParts) ([]int32, error) {
	if sum(r.counts) != len(r.labels) {
		return nil, &Error{Op: "read", Path: parts[0].labels, Hint: "labels are looked for beside the images", Err: errors.New("there are no labels for the images")}
	}
	counts := make([]int, 256)
	for _, label := range r.labels {
		counts[label]++
	}
	recode, codes := make([]int32, 256), make([]int32, len(r.labels))
	for label, n := range counts {
		if n > 0 {
			d.Classes = append(d.Classes, fmt.Sprint(label))
			recode[label] = int32(len(d.Classes))
		}
	}
	for i, label := range r.labels {
		codes[i] = recode[label]
	}
	if why, hint := classFault(d.Classes, tally(codes, len(d.Classes)), "image"); why != "" {
		return nil, &Error{Op: "read", Path: parts[0].labels, Hint: hint, Err: errors.New(why)}
	}
	return codes, nil
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
	pixels, err := npy.Open(filepath.Join(d.Dir, imageFile))
	if err == nil {
		d.raw.pixels = pixels
	}
	return err
}

// splitBySides takes the division that the images come with, if they have one.
func (d *Dataset) splitBySides(sides []string) bool {
	if !slices.Contains(sides, "train") || !slices.Contains(sides, "test") {
		return false
	}
	for i, side := range sides {
		row := int32(i)
		if side == "test" {
			d.Holdout = append(d.Holdout, row)
			continue
		}
		d.Train = append(d.Train, row)
		if side == "validation" {
			d.Validation = append(d.Validation, row)
		}
	}
	d.Notes = append(d.Notes, "The images' own division into training and test images is the split.")
	return true
}

func sum(v []int) (n int) {
	for _, x := range v {
		n += x
	}
	return n
}

// fitPicture learns each channel's mean and deviation from training rows.
func (d *Dataset) fitPicture(rows []int32) *Picture {
	p := *d.Picture
	size, pixels := p.bytes(), npy.Elements[uint8](d.raw.pixels)
	counts := make([][256]int64, p.Channels)
	for _, row := range rows {
		for i, v := range pixels[int(row)*size : (int(row)+1)*size] {
			counts[i%p.Channels][v]++
		}
	}
	n := float64(len(rows)) * float64(p.Height*p.Width)
	p.Mean, p.Std = make([]float64, p.Channels), make([]float64, p.Channels)
	for c := range counts {
		var first, second float64
		for v, k := range counts[c] {
			x := float64(v) / 255
			first, second = first+float64(k)*x/n, second+float64(k)*x*x/n
		}
		p.Mean[c], p.Std[c] = first, math.Sqrt(max(second-first*first, 1e-12))
	}
	return &p
}

// input describes the images as a session sees them.
func (p *Picture) input() model.Input {
	return model.Input{Kind: model.Image, File: imageFile, Height: p.Height, Width: p.Width, Channels: p.Channels, Mean: p.Mean, Std: p.Std}
}

// linkImages puts the raw images into a view's directory: the same file under another name where the file system can, a
// copy elsewhere.
func linkImages(from, to string) error {
	if err := os.Remove(to); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("write view: %w", err)
	}
	if os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("write view: %w", err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return fmt.Errorf("write view: %w", err)
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
