package data

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tuned/trainer/model"
)

// drawing is an image of one colour with a bright left edge.
func drawing(height, width int, c color.Color) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.Set(x, y, c)
		}
		m.Set(0, y, color.White)
	}
	return m
}

// grey is an image whose pixels count up from a start.
func grey(height, width, start int) image.Image {
	m := image.NewGray(image.Rect(0, 0, width, height))
	for i := range m.Pix {
		m.Pix[i] = uint8(start + i)
	}
	return m
}

func save(t *testing.T, m image.Image, path ...string) {
	t.Helper()
	at := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(at)
	if err != nil {
		t.Fatal(err)
	}
	encode := func(w io.Writer) error { return png.Encode(w, m) }
	if filepath.Ext(at) != ".png" {
		encode = func(w io.Writer) error { return jpeg.Encode(w, m, nil) }
	}
	if err := errors.Join(encode(f), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// saveClasses makes a folder of grey images for each class.
func saveClasses(t *testing.T, dir string, n int, classes ...string) {
	t.Helper()
	for k, class := range classes {
		for i := range n {
			save(t, grey(4, 3, 100*k+7*i), dir, class, fmt.Sprintf("%02d.png", i))
		}
	}
}

func pixelsOf(d *Dataset) []uint8 { return d.raw.images.Values() }

func TestFolders(t *testing.T) {
	dir := t.TempDir()
	saveClasses(t, dir, 10, "cat", "dog")
	if err := os.WriteFile(filepath.Join(dir, "cat", "notes.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	told := int64(0)
	tell := func(done, total int64) { told = done * 100 / total }
	d := must(Read(context.Background(), Spec{Path: dir, Holdout: 0.2}, t.TempDir(), tell))
	defer d.Close()
	if p := d.Picture; p.Height != 4 || p.Width != 3 || p.Channels != 1 || told != 100 {
		t.Errorf("got %+v, told of %d %%", d.Picture, told)
	}
	if !slices.Equal(d.Classes, []string{"cat", "dog"}) || len(d.Train) != 16 || len(d.Holdout) != 4 || d.Labels()[9] != 0 || d.Labels()[10] != 1 {
		t.Errorf("classes %v, %d and %d rows, labels %v", d.Classes, len(d.Train), len(d.Holdout), d.Labels())
	}
	if want := grey(4, 3, 107).(*image.Gray).Pix; !slices.Equal(pixelsOf(d)[11*12:12*12], want) {
		t.Errorf("image 11 is %v, want %v", pixelsOf(d)[11*12:12*12], want)
	}
	if len(d.Notes) != 1 || !strings.Contains(d.Notes[0], "1 file that is neither") {
		t.Errorf("notes: %q", d.Notes)
	}
}

func TestFoldersOfSides(t *testing.T) {
	for name, c := range map[string]struct {
		folders                 []string
		train, held, validation int
	}{
		"train and test":             {[]string{"train", "test"}, 8, 8, 0},
		"train and val":              {[]string{"train", "val"}, 8, 8, 0},
		"train, validation and test": {[]string{"train", "validation", "test"}, 16, 8, 8},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, f := range c.folders {
				saveClasses(t, filepath.Join(dir, f), 4, "a", "b")
			}
			d := must(Read(context.Background(), Spec{Path: dir, Holdout: 0.2}, t.TempDir(), nil))
			defer d.Close()
			if len(d.Train) != c.train || len(d.Holdout) != c.held || len(d.Validation) != c.validation || len(d.Classes) != 2 {
				t.Errorf("%d, %d, %d rows of %v", len(d.Train), len(d.Holdout), len(d.Validation), d.Classes)
			}
		})
	}
}

func TestImagesOfSeveralSizes(t *testing.T) {
	blue := color.RGBA{B: 200, A: 255}
	for name, c := range map[string]struct {
		sizes  [][2]int
		size   []int
		want   string
		noted  bool
		colour bool
	}{
		"alike":           {[][2]int{{9, 8}, {9, 8}}, nil, "9 8 3", false, true},
		"differ":          {[][2]int{{9, 8}, {40, 20}, {40, 20}}, nil, "40 20 3", true, true},
		"large":           {[][2]int{{400, 200}, {400, 200}}, nil, "64 32 3", true, true},
		"asked":           {[][2]int{{9, 8}, {40, 20}}, []int{6, 5}, "6 5 3", true, true},
		"asked for grey":  {[][2]int{{9, 8}, {9, 8}}, []int{9, 8, 1}, "9 8 1", false, false},
		"asked, as it is": {[][2]int{{9, 8}, {9, 8}}, []int{9, 8}, "9 8 3", false, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for i, s := range c.sizes {
				save(t, drawing(s[0], s[1], blue), dir, "blue", fmt.Sprint(i, ".png"))
				save(t, drawing(s[0], s[1], color.Black), dir, "black", fmt.Sprint(i, ".jpg"))
			}
			d := must(Read(context.Background(), Spec{Path: dir, ImageSize: c.size}, t.TempDir(), nil))
			defer d.Close()
			if got := fmt.Sprint(d.Picture.Height, d.Picture.Width, d.Picture.Channels); got != c.want {
				t.Errorf("brought to %s, want %s", got, c.want)
			}
			if noted := len(d.Notes) > 0; noted != c.noted {
				t.Errorf("notes: %q", d.Notes)
			}
			last := pixelsOf(d)[len(pixelsOf(d))-d.Picture.Channels:]
			if c.colour && (last[0] != 0 || last[2] != 200) || !c.colour && last[0] > 40 {
				t.Errorf("the last pixel of a blue image is %v", last)
			}
		})
	}
}

func TestBadFolders(t *testing.T) {
	broken := func(t *testing.T, path ...string) {
		if err := os.WriteFile(filepath.Join(path...), []byte("\x89PNG\r\n\x1a\nand no more"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		make func(t *testing.T, dir string)
		want string
	}{
		"empty":          {func(*testing.T, string) {}, "holds no images"},
		"an empty class": {func(t *testing.T, dir string) { must(0, os.Mkdir(filepath.Join(dir, "none"), 0o700)) }, "none: the folder holds no images"},
		"a broken file":  {func(t *testing.T, dir string) { broken(t, dir, "cat", "05x.png") }, "05x.png"},
		"a text named .png": {func(t *testing.T, dir string) {
			must(0, os.WriteFile(filepath.Join(dir, "dog", "a.png"), []byte("no"), 0o600))
		}, "a.png"},
		"a truncated file": {func(t *testing.T, dir string) { truncate(t, filepath.Join(dir, "dog", "03.png")) }, "03.png"},
		"too large":        {func(t *testing.T, dir string) { save(t, grey(1, 4097, 0), dir, "cat", "wide.png") }, "wide.png: 1 × 4097 pixels"},
		"single images": {func(t *testing.T, dir string) {
			for _, name := range []string{"cow", "gnu", "yak"} {
				save(t, grey(4, 3, 0), dir, name, "1.png")
			}
		}, "3 of the 5 classes have a single image"},
		"one class":          {func(t *testing.T, dir string) { must(0, os.RemoveAll(filepath.Join(dir, "dog"))) }, `the target has one class, "cat", in every image`},
		"no folders":         {func(t *testing.T, dir string) { flatten(t, dir) }, "lie in no folders"},
		"numbers are wanted": {func(*testing.T, string) {}, "in classes"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, s := t.TempDir(), Spec{Holdout: 0.2}
			if name != "empty" {
				saveClasses(t, dir, 6, "cat", "dog")
			}
			if name == "numbers are wanted" {
				s.Task = model.Regression
			}
			c.make(t, dir)
			s.Path = dir
			_, err := Read(context.Background(), s, t.TempDir(), nil)
			var e *Error
			if !errors.As(err, &e) || e.Hint == "" || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func truncate(t *testing.T, path string) {
	t.Helper()
	if err := os.Truncate(path, 60); err != nil {
		t.Fatal(err)
	}
}

// flatten moves all images out of their folders.
func flatten(t *testing.T, dir string) {
	t.Helper()
	for _, class := range []string{"cat", "dog"} {
		for i := range 6 {
			name := fmt.Sprintf("%02d.png", i)
			if err := os.Rename(filepath.Join(dir, class, name), filepath.Join(dir, class+name)); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Remove(filepath.Join(dir, class)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFoldersAreTheSameTwice(t *testing.T) {
	dir := t.TempDir()
	saveClasses(t, dir, 9, "a", "b", "c")
	one := must(Read(context.Background(), Spec{Path: dir, Holdout: 0.2}, t.TempDir(), nil))
	two := must(Read(context.Background(), Spec{Path: dir, Holdout: 0.2}, t.TempDir(), nil))
	defer one.Close()
	defer two.Close()
	if one.Hash != two.Hash || !slices.Equal(pixelsOf(one), pixelsOf(two)) || !slices.Equal(one.Holdout, two.Holdout) {
		t.Error("the second reading differs")
	}
	save(t, grey(4, 3, 9), dir, "a", "00.png")
	three := must(Read(context.Background(), Spec{Path: dir, Holdout: 0.2}, t.TempDir(), nil))
	defer three.Close()
	if three.Hash == one.Hash {
		t.Error("another image, the same hash")
	}
}

func TestPredictingFolders(t *testing.T) {
	dir := t.TempDir()
	saveClasses(t, dir, 6, "cat", "dog")
	d := must(Read(context.Background(), Spec{Path: dir, Holdout: 0.2}, t.TempDir(), nil))
	defer d.Close()
	p := must(d.Fit(Transforms{Numeric: RobustSmoothClip, OneHotMax: 9}, d.Train))
	file := filepath.Join(t.TempDir(), "preprocess.json")
	must(0, p.Save(file))
	p = must(LoadPreprocess(file))
	saveClasses(t, dir, 2, "cow")
	save(t, drawing(20, 30, color.White), dir, "cow", "large.jpeg")
	must(0, os.WriteFile(filepath.Join(dir, "cow", "notes.txt"), nil, 0o600))
	for name, c := range map[string]struct {
		path   string
		labels []int32
		first  string
	}{
		"classes":   {dir, []int32{0, 0, 0, 0, 0, 0, -1, -1, -1, 1, 1, 1, 1, 1, 1}, "cat/00.png"},
		"a folder":  {filepath.Join(dir, "cow"), nil, "00.png"},
		"one image": {filepath.Join(dir, "cow", "large.jpeg"), nil, "large.jpeg"},
	} {
		r, v, err := p.ReadView(context.Background(), c.path, t.TempDir())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !slices.Equal(r.Labels, c.labels) || r.Count != len(r.Names) || filepath.ToSlash(r.Names[0]) != c.first || v.Rows != r.Count || v.Inputs[0].Height != 4 {
			t.Errorf("%s: %+v, %+v", name, r, v)
		}
		if want := filepath.Ext(c.path) == ""; (len(r.Notes) == 1 && strings.HasPrefix(r.Notes[0], "1 file that is neither")) != want {
			t.Errorf("%s: notes %q", name, r.Notes)
		}
	}
	if _, _, err := p.ReadView(context.Background(), write(t, "t.csv", "a,b\n1,2\n"), t.TempDir()); err == nil || !strings.Contains(err.Error(), "holds no images") {
		t.Errorf("a table: %v", err)
	}
}

// FuzzFolder: whatever a folder's image files hold, they are refused with a hint or are read, in memory that their size tells.
func FuzzFolder(f *testing.F) {
	encoded := func(encode func(io.Writer) error) []byte {
		var b bytes.Buffer
		if err := encode(&b); err != nil {
			f.Fatal(err)
		}
		return b.Bytes()
	}
	small := encoded(func(w io.Writer) error { return png.Encode(w, grey(4, 3, 7)) })
	f.Add(small, encoded(func(w io.Writer) error { return jpeg.Encode(w, grey(4, 3, 9), nil) }))
	f.Add(small, encoded(func(w io.Writer) error { return png.Encode(w, drawing(2, 5, color.NRGBA{200, 10, 30, 90})) }))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		dir := t.TempDir()
		for i := range 8 {
			class := filepath.Join(dir, "ab"[i%2:i%2+1])
			content := [][]byte{first, second, small}[i%3]
			must(0, errors.Join(os.MkdirAll(class, 0o700), os.WriteFile(filepath.Join(class, fmt.Sprintf("%d.png", i)), content, 0o600)))
		}
		d, err := Read(context.Background(), Spec{Path: dir, Holdout: 0.25}, t.TempDir(), nil)
		var e *Error
		switch {
		case err != nil && (!errors.As(err, &e) || e.Hint == ""):
			t.Errorf("got %v", err)
		case err == nil:
			defer d.Close()
			if len(pixelsOf(d)) != d.Rows*d.Picture.Bytes() || d.Rows != 8 {
				t.Errorf("%d pixels of %d rows", len(pixelsOf(d)), d.Rows)
			}
		}
	})
}
