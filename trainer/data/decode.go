package data

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // the formats that are read
	_ "image/png"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/image/draw"

	"tuned/trainer/npy"
)

// Without a size of the job's, images of one size are kept as they are up to keptSide; all others are brought to one shape, the
// median's, whose longer side is at most autoSide: enough to tell things apart, and small enough for a processor.
const (
	keptSide = 96 // pixels
	autoSide = 64 // pixels
)

const decodeBytes = 16 << 20 // of pixels decoded between two writes

// IsImageSize reports whether a job's image_size can be one: height, width and perhaps 1 or 3 channels.
func IsImageSize(size []int) bool {
	side := func(n int) bool { return n >= 1 && n <= maxSide }
	return (len(size) == 2 || len(size) == 3 && (size[2] == 1 || size[2] == 3)) && side(size[0]) && side(size[1])
}

// decoder reads image files into one array of pixels. See-through parts are black.
type decoder struct {
	picture Picture
	paths   []string
	tell    func(done, total int64)
}

// measure decides the shape from the heads of the files: grey if all of them are, and of size if that is given.
func (d *decoder) measure(ctx context.Context, size []int) (note string, err error) {
	sizes, grey := make([]image.Point, len(d.paths)), make([]bool, len(d.paths))
	err = d.each(ctx, 0, len(d.paths), func(i int) error {
		c, err := readHead(d.paths[i])
		sizes[i] = image.Point{X: c.Width, Y: c.Height}
		grey[i] = c.ColorModel == color.GrayModel || c.ColorModel == color.Gray16Model
		return err
	})
	if err != nil {
		return "", err
	}
	d.picture.Channels = 3
	if !slices.Contains(grey, false) {
		d.picture.Channels = 1
	}
	if len(size) == 3 {
		d.picture.Channels = size[2]
	}
	return d.resize(sizes, size), nil
}

// resize chooses height and width, and says so if they are not every image's own.
func (d *decoder) resize(sizes []image.Point, size []int) string {
	ordered := slices.Clone(sizes)
	median := func(of func(image.Point) int) int {
		slices.SortFunc(ordered, func(a, b image.Point) int { return of(a) - of(b) })
		return of(ordered[len(ordered)/2])
	}
	height, width := median(func(p image.Point) int { return p.Y }), median(func(p image.Point) int { return p.X })
	own := image.Point{X: width, Y: height}
	alike := !slices.ContainsFunc(sizes, func(p image.Point) bool { return p != own })
	switch {
	case size != nil:
		height, width = size[0], size[1]
	case alike && max(height, width) <= keptSide:
	case max(height, width) > autoSide:
		longer := max(height, width)
		height, width = max(1, height*autoSide/longer), max(1, width*autoSide/longer)
	}
	d.picture.Height, d.picture.Width = height, width
	if alike && own == (image.Point{X: width, Y: height}) {
		return ""
	}
	was := fmt.Sprintf("have %d × %d pixels", own.Y, own.X)
	if !alike {
		was = fmt.Sprintf("differ in size, with %d × %d pixels in the middle", own.Y, own.X)
	}
	return fmt.Sprintf("The images %s: all were brought to %d × %d (image_size in the job sets another size).", was, height, width)
}

// write decodes every file into images.npy under dir and returns a hash of all of them.
func (d *decoder) write(ctx context.Context, dir string) (hash string, err error) {
	w, err := createImages(dir, len(d.paths), d.picture)
	if err != nil {
		return "", err
	}
	hash, err = d.fill(ctx, w)
	return hash, errors.Join(err, w.Close())
}

// createImages makes images.npy anew: a view may be linked to an older one, which must not be written over.
func createImages(dir string, rows int, p Picture) (*npy.Writer, error) {
	path := filepath.Join(dir, imageFile)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("write images: %w", err)
	}
	w, err := npy.Create(path, npy.Uint8, rows, p.Height, p.Width, p.Channels)
	if err != nil {
		return nil, fmt.Errorf("write images: %w", err)
	}
	return w, nil
}

func (d *decoder) fill(ctx context.Context, w io.Writer) (string, error) {
	size, sums := d.picture.bytes(), sha256.New()
	block := max(1, min(decodeBytes/size, len(d.paths)))
	pixels, each := make([]uint8, block*size), make([][sha256.Size]byte, block)
	for from := 0; from < len(d.paths); from += block {
		n := min(block, len(d.paths)-from)
		err := d.each(ctx, from, n, func(i int) (err error) {
			each[i], err = d.picture.decode(pixels[i*size:(i+1)*size], d.paths[from+i])
			return err
		})
		if err != nil {
			return "", err
		}
		for _, sum := range each[:n] {
			sums.Write(sum[:])
		}
		if _, err := w.Write(pixels[:n*size]); err != nil {
			return "", fmt.Errorf("write images: %w", err)
		}
		if d.tell != nil {
			d.tell(int64(from+n), int64(len(d.paths)))
		}
	}
	return hex.EncodeToString(sums.Sum(nil)), nil
}

// each calls f for n files, several at a time, and returns the first file's error; i counts from 0, whatever from is.
func (d *decoder) each(ctx context.Context, from, n int, f func(i int) error) error {
	workers := min(runtime.GOMAXPROCS(0), n)
	errs := make([]error, n)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := w; i < n && ctx.Err() == nil; i += workers {
				errs[i] = f(i)
			}
		})
	}
	group.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	for i, err := range errs {
		if err != nil {
			return badImage(d.paths[from+i], err)
		}
	}
	return nil
}

func badImage(path string, err error) error {
	hint := "the file is damaged, or no PNG or JPEG image; remove or replace it"
	if errors.Is(err, os.ErrNotExist) {
		hint, err = "there is no such file; paths in a table are relative to it", errors.Unwrap(err)
	}
	return &Error{Op: "read", Path: path, Hint: hint, Err: err}
}

func readHead(path string) (image.Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return image.Config{}, err
	}
	defer f.Close()
	c, _, err := image.DecodeConfig(f)
	if err == nil && (c.Width < 1 || c.Height < 1 || c.Width > maxSide || c.Height > maxSide) {
		err = fmt.Errorf("%d × %d pixels, where sides of 1 to %d are read", c.Height, c.Width, maxSide)
	}
	return c, err
}

// decode reads one file into pixels of the picture's shape, and returns the sha256 of its bytes.
func (p *Picture) decode(dst []uint8, path string) (sum [sha256.Size]byte, err error) {
	if _, err := readHead(path); err != nil {
		return sum, err // before a huge claim is believed
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return sum, err
	}
	img, _, err := image.Decode(bytes.NewReader(text))
	if err != nil {
		return sum, err
	}
	p.take(dst, img)
	return sha256.Sum256(text), nil
}

// take brings an image to the picture's shape.
func (p *Picture) take(dst []uint8, img image.Image) {
	at := image.Rect(0, 0, p.Width, p.Height)
	scaled := image.NewRGBA(at)
	if b := img.Bounds(); b.Dx() == p.Width && b.Dy() == p.Height {
		draw.Draw(scaled, at, img, b.Min, draw.Src)
	} else {
		draw.CatmullRom.Scale(scaled, at, img, b, draw.Src, nil)
	}
	for i := range p.Height * p.Width {
		pixel := scaled.Pix[4*i : 4*i+4]
		if p.Channels == 1 {
			dst[i] = color.GrayModel.Convert(color.RGBA{R: pixel[0], G: pixel[1], B: pixel[2], A: 255}).(color.Gray).Y
			continue
		}
		copy(dst[3*i:3*i+3], pixel)
	}
}
