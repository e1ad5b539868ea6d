package data

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tuned/trainer/model"
)

// idxFile is bytes in IDX form, packed.
func idxFile(t *testing.T, dir, name string, data []byte, shape ...uint32) {
	t.Helper()
	var b bytes.Buffer
	b.Write([]byte{0, 0, 8, byte(len(shape))})
	for _, n := range shape {
		b.Write(binary.BigEndian.AppendUint32(nil, n))
	}
	b.Write(data)
	if err := os.WriteFile(filepath.Join(dir, name), []byte(compress(t, "gz", b.String())), 0o600); err != nil {
		t.Fatal(err)
	}
}

// pictures are n images of 2 × 3 pixels, each different, of three labels.
func pictures(t *testing.T, dir, side string, n int) (pixels, labels []byte) {
	t.Helper()
	for i := range n {
		for k := range 6 {
			pixels = append(pixels, byte(i*(k+1)))
		}
		labels = append(labels, byte(5+i%3))
	}
	idxFile(t, dir, side+"-images-idx3-ubyte.gz", pixels, uint32(n), 2, 3)
	idxFile(t, dir, side+"-labels-idx1-ubyte.gz", labels, uint32(n))
	return pixels, labels
}

func TestImages(t *testing.T) {
	dir := t.TempDir()
	pixels, _ := pictures(t, dir, "train", 90)
	pictures(t, dir, "t10k", 30)
	d := must(Read(context.Background(), Spec{Path: dir, Holdout: 0.2}, t.TempDir(), nil))
	defer d.Close()
	if d.Rows != 120 || len(d.Train) != 90 || len(d.Holdout) != 30 || d.Holdout[0] != 90 || !slices.Equal(d.Classes, []string{"5", "6", "7"}) {
		t.Fatalf("got %d rows, %d held out, classes %v", d.Rows, len(d.Holdout), d.Classes)
	}
	s := must(d.Scan(context.Background()))
	if s.Facts["data.kind"] != "image" || s.Facts["image.width"] != int64(3) || s.Facts["data.features"] != int64(6) || s.Facts["data.duplicates"] != 0.25 {
		t.Errorf("got %v", s.Facts)
	}
	p := must(d.Fit(Transforms{Numeric: RobustSmoothClip, OneHotMax: 9}, d.Train))
	mean := 0.0
	for _, v := range pixels {
		mean += float64(v) / 255 / float64(len(pixels))
	}
	out := t.TempDir()
	v := must(d.View(p, out))
	in := v.Inputs[0]
	if in.Kind != model.Image || in.Height != 2 || in.Channels != 1 || math.Abs(in.Mean[0]-mean) > 1e-9 || in.Std[0] <= 0 {
		t.Errorf("got %+v", in)
	}
	if raw := must(os.ReadFile(filepath.Join(out, in.File))); !bytes.HasSuffix(raw[:128+len(pixels)], pixels) {
		t.Error("the view holds other pixels")
	}
	r, w, err := p.ReadView(context.Background(), filepath.Join(dir, "t10k-images-idx3-ubyte.gz"), t.TempDir())
	if err != nil || r.Count != 30 || !slices.Equal(r.Labels, d.Labels()[90:]) || w.Rows != 30 {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestImagesWithoutParts(t *testing.T) {
	dir := t.TempDir()
	pictures(t, dir, "train", 90)
	d := must(Read(context.Background(), Spec{Path: filepath.Join(dir, "train-images-idx3-ubyte.gz"), Holdout: 0.2}, t.TempDir(), nil))
	defer d.Close()
	if len(d.Train) != 72 || len(d.Holdout) != 18 {
		t.Errorf("got %d and %d rows", len(d.Train), len(d.Holdout))
	}
}

func TestBadImages(t *testing.T) {
	tests := map[string]func(dir string){
		"nothing there": func(string) {},
		"no labels":     func(dir string) { idxFile(t, dir, "train-images-idx3-ubyte.gz", make([]byte, 6), 1, 2, 3) },
		"cut short": func(dir string) {
			pictures(t, dir, "train", 9)
			idxFile(t, dir, "train-images-idx3-ubyte.gz", make([]byte, 6), 9, 2, 3)
		},
		"few labels": func(dir string) {
			pictures(t, dir, "train", 9)
			idxFile(t, dir, "train-labels-idx1-ubyte.gz", make([]byte, 6), 6)
		},
		"one label": func(dir string) {
			pictures(t, dir, "train", 9)
			idxFile(t, dir, "train-labels-idx1-ubyte.gz", make([]byte, 9), 9)
		},
		"huge claims": func(dir string) { idxFile(t, dir, "train-images-idx3-ubyte.gz", nil, 1<<31, 1<<31, 1<<31) },
		"other sizes": func(dir string) {
			pictures(t, dir, "train", 9)
			idxFile(t, dir, "test-images-idx3-ubyte.gz", make([]byte, 8), 2, 2, 2)
		},
		"labels in there": func(dir string) { idxFile(t, dir, "train-images-idx3-ubyte.gz", make([]byte, 9), 9) },
	}
	for name, prepare := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			prepare(dir)
			_, err := Read(context.Background(), Spec{Path: dir, Holdout: 0.2}, t.TempDir(), nil)
			var e *Error
			if !errors.As(err, &e) || e.Hint == "" {
				t.Errorf("got %v", err)
			}
		})
	}
}

func FuzzIDX(f *testing.F) {
	file := func(dimensions byte, rest ...byte) []byte { return append([]byte{0, 0, 8, dimensions}, rest...) }
	labels := file(1, 0, 0, 0, 8, 0, 1, 0, 1, 0, 1, 0, 1)
	f.Add(file(3, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16), labels)
	f.Add(file(4, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16), labels)
	f.Add(file(3, 0x3f, 255, 255, 255, 0, 0, 16, 0, 0, 0, 16, 0), file(1, 0x3f, 255, 255, 255, 1))
	f.Fuzz(func(t *testing.T, images, labels []byte) {
		dir := t.TempDir()
		must(0, os.WriteFile(filepath.Join(dir, "train-images-idx3-ubyte"), images, 0o600))
		must(0, os.WriteFile(filepath.Join(dir, "train-labels-idx1-ubyte"), labels, 0o600))
		if used := allocated(func() {
			if d, err := Read(context.Background(), Spec{Path: dir, Holdout: 0.25}, t.TempDir(), nil); err == nil {
				defer d.Close()
				if len(pixelsOf(d)) != d.Rows*d.Picture.Bytes() || d.Rows != len(d.Train)+len(d.Holdout) {
					t.Errorf("%d pixels of %d rows, of these %d and %d on the sides", len(pixelsOf(d)), d.Rows, len(d.Train), len(d.Holdout))
				}
				must(d.Scan(context.Background()))
				must(d.View(must(d.Fit(Transforms{Numeric: RobustSmoothClip, OneHotMax: 9}, d.Train)), t.TempDir()))
			}
		}); used > 64<<20 {
			t.Errorf("%d MiB were allocated for %d bytes", used>>20, len(images)+len(labels))
		}
	})
}
