package pixels

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
	"strings"
	"sync"

	"golang.org/x/image/draw"
)

// Without a size of the job's, images of one size are kept as they are up to keptSide; all others are brought to one shape, the
// median's, whose longer side is at most autoSide: enough to tell things apart, and small enough for a processor.
const (
	keptSide = 96 // pixels
	autoSide = 64 // pixels
)

const decodeBytes = 16 << 20 // of pixels decoded between two writes

// Files are images in files of their own, PNG or JPEG. See-through parts are black.
type Files struct {
	Shape                         // what all are brought to
	Paths []string                // at least one
	Tell  func(done, total int64) // hears of images read, if not nil
}

// IsFile reports whether a file's name is one of an image that is read.
func IsFile(name string) bool {
	return slices.Contains([]string{".png", ".jpg", ".jpeg"}, strings.ToLower(filepath.Ext(name)))
}

// Measure decides the shape from the heads of the files: grey if all of them are, and of size if that is given.
func (f *Files) Measure(ctx context.Context, size []int) (note string, err error) {
	sizes, grey := make([]image.Point, len(f.Paths)), make([]bool, len(f.Paths))
	err = f.each(ctx, 0, len(f.Paths), func(i int) error {
		c, err := readHead(f.Paths[i])
		sizes[i] = image.Point{X: c.Width, Y: c.Height}
		grey[i] = c.ColorModel == color.GrayModel || c.ColorModel == color.Gray16Model
		return err
	})
	if err != nil {
		return "", err
	}
	f.Channels = 3
	if !slices.Contains(grey, false) {
		f.Channels = 1
	}
	if len(size) == 3 {
		f.Channels = size[2]
	}
	return f.resize(sizes, size), nil
}

// resize chooses height and width, and says so if they are not every image's own.
func (f *Files) resize(sizes []image.Point, size []int) string {
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
	f.Height, f.Width = height, width
	if alike && own == (image.Point{X: width, Y: height}) {
		return ""
	}
	was := fmt.Sprintf("have %d × %d pixels", own.Y, own.X)
	if !alike {
		was = fmt.Sprintf("differ in size, with %d × %d pixels in the middle", own.Y, own.X)
	}
	return fmt.Sprintf("The images %s: all were brought to %d × %d (image_size in the job sets another size).", was, height, width)
}

// Write decodes every file into images.npy under dir and returns a hash of all of them.
func (f *Files) Write(ctx context.Context, dir string) (hash string, err error) {
	w, err := create(dir, len(f.Paths), f.Shape)
	if err != nil {
		return "", err
	}
	hash, err = f.fill(ctx, w)
	return hash, errors.Join(err, w.Close())
}

func (f *Files) fill(ctx context.Context, w io.Writer) (string, error) {
	size, sums := f.Bytes(), sha256.New()
	block := max(1, min(decodeBytes/size, len(f.Paths)))
	pixels, each := make([]uint8, block*size), make([][sha256.Size]byte, block)
	for from := 0; from < len(f.Paths); from += block {
		n := min(block, len(f.Paths)-from)
		err := f.each(ctx, from, n, func(i int) (err error) {
			each[i], err = f.decode(pixels[i*size:(i+1)*size], f.Paths[from+i])
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
		if f.Tell != nil {
			f.Tell(int64(from+n), int64(len(f.Paths)))
		}
	}
	return hex.EncodeToString(sums.Sum(nil)), nil
}

// each calls do for n files, several at a time, and returns the first file's error; i counts from 0, whatever from is.
func (f *Files) each(ctx context.Context, from, n int, do func(i int) error) error {
	workers := min(runtime.GOMAXPROCS(0), n)
	errs := make([]error, n)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := w; i < n && ctx.Err() == nil; i += workers {
				errs[i] = do(i)
			}
		})
	}
	group.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	for i, err := range errs {
		if err != nil {
			return badImage(f.Paths[from+i], err)
		}
	}
	return nil
}

func badImage(path string, err error) error {
	hint := "the file is damaged, or no PNG or JPEG image; remove or replace it"
	if errors.Is(err, os.ErrNotExist) {
		hint, err = "there is no such file; paths in a table are relative to it", errors.Unwrap(err)
	}
	return fault(path, hint, err)
}

func readHead(path string) (image.Config, error) {
	file, err := os.Open(path)
	if err != nil {
		return image.Config{}, err
	}
	defer file.Close()
	c, _, err := image.DecodeConfig(file)
	if err == nil && (c.Width < 1 || c.Height < 1 || c.Width > maxSide || c.Height > maxSide) {
		err = fmt.Errorf("%d × %d pixels, where sides of 1 to %d are read", c.Height, c.Width, maxSide)
	}
	return c, err
}

// decode reads one file into pixels of the shape, and returns the sha256 of its bytes.
func (s Shape) decode(dst []uint8, path string) (sum [sha256.Size]byte, err error) {
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
	s.take(dst, img)
	return sha256.Sum256(text), nil
}

// take brings an image to the shape.
func (s Shape) take(dst []uint8, img image.Image) {
	at := image.Rect(0, 0, s.Width, s.Height)
	scaled := image.NewRGBA(at)
	if b := img.Bounds(); b.Dx() == s.Width && b.Dy() == s.Height {
		draw.Draw(scaled, at, img, b.Min, draw.Src)
	} else {
		draw.CatmullRom.Scale(scaled, at, img, b, draw.Src, nil)
	}
	for i := range s.Height * s.Width {
		pixel := scaled.Pix[4*i : 4*i+4]
		if s.Channels == 1 {
			dst[i] = color.GrayModel.Convert(color.RGBA{R: pixel[0], G: pixel[1], B: pixel[2], A: 255}).(color.Gray).Y
			continue
		}
		copy(dst[3*i:3*i+3], pixel)
	}
}
