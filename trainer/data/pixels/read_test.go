package pixels

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// put writes a file below dir.
func put(t *testing.T, text []byte, dir string, path ...string) {
	t.Helper()
	file := filepath.Join(append([]string{dir}, path...)...)
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// grey is a PNG file of one shade.
func grey(t *testing.T, height, width int, shade uint8) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, width, height))
	for i := range m.Pix {
		m.Pix[i] = shade
	}
	var file strings.Builder
	if err := png.Encode(&file, m); err != nil {
		t.Fatal(err)
	}
	return []byte(file.String())
}

func TestIDXFilesAreReadTogether(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	put(t, []byte{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4}, dir, "train-images-idx3-ubyte")
	put(t, []byte{0, 0, 8, 1, 0, 0, 0, 2, 7, 9}, dir, "train-labels-idx1-ubyte")
	put(t, []byte{0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 5, 6}, dir, "t10k-images-idx3-ubyte")
	parts, err := FindIDX(dir)
	if err != nil || len(parts) != 2 || parts[0].Side != "train" || parts[1].Side != "test" {
		t.Fatalf("parts %+v, %v", parts, err)
	}
	x, err := ReadIDX(t.Context(), parts, out, nil)
	if err != nil || x.Shape != (Shape{Height: 1, Width: 2, Channels: 1}) || !slices.Equal(x.Counts, []int{2, 1}) || !slices.Equal(x.Labels, []uint8{7, 9}) {
		t.Fatalf("got %+v, %v", x, err)
	}
	m, err := Open(out, x.Shape)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if !slices.Equal(m.Values(), []uint8{1, 2, 3, 4, 5, 6}) {
		t.Errorf("pixels %v", m.Values())
	}
}

func TestAFileThatIsNoIDXHasNoParts(t *testing.T) {
	if parts, err := FindIDX(filepath.Join(t.TempDir(), "table.csv")); err != nil || parts != nil {
		t.Errorf("got %v, %v", parts, err)
	}
}

func TestAlbumOfSides(t *testing.T) {
	dir := t.TempDir()
	put(t, nil, dir, "Train", "cat", "1.png")
	put(t, nil, dir, "Train", "dog", "1.JPG")
	put(t, nil, dir, "Train", "dog", "notes.txt")
	put(t, nil, dir, "Val", "dog", "2.jpeg")
	side := func(folder string) string { return map[string]string{"Train": "train", "Val": "validation"}[folder] }
	a, err := OpenAlbum(dir, side)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.Classes, []string{"cat", "dog"}) || !slices.Equal(a.Labels, []int32{1, 2, 2}) || !slices.Equal(a.Sides, []string{"train", "train", "test"}) {
		t.Errorf("got %+v", a)
	}
	if len(a.Notes()) != 1 || a.Paths()[2] != filepath.Join(dir, "Val", "dog", "2.jpeg") {
		t.Errorf("notes %v, files %v", a.Notes(), a.Paths())
	}
}

func TestFilesOfOneShadeKeepIt(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	put(t, grey(t, 4, 2, 90), dir, "a.png")
	put(t, grey(t, 8, 4, 30), dir, "b.png")
	told := int64(0)
	f := &Files{Paths: []string{filepath.Join(dir, "a.png"), filepath.Join(dir, "b.png")}, Tell: func(done, _ int64) { told = done }}
	note, err := f.Measure(t.Context(), []int{2, 1})
	if err != nil || f.Shape != (Shape{Height: 2, Width: 1, Channels: 1}) || !strings.Contains(note, "brought to 2 × 1") {
		t.Fatalf("%+v, %q, %v", f.Shape, note, err)
	}
	if _, err := f.Write(t.Context(), out); err != nil || told != 2 {
		t.Fatalf("told of %d images, %v", told, err)
	}
	m, err := Open(out, f.Shape)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if !slices.Equal(m.Values(), []uint8{90, 90, 30, 30}) {
		t.Errorf("pixels %v", m.Values())
	}
}

func TestSizesThatAJobMayAskFor(t *testing.T) {
	for _, size := range [][]int{{1, 4096}, {28, 28, 1}, {32, 32, 3}} {
		if !IsSize(size) {
			t.Errorf("%v is refused", size)
		}
	}
	for _, size := range [][]int{nil, {8}, {0, 8}, {8, 4097}, {8, 8, 2}, {8, 8, 3, 1}} {
		if IsSize(size) {
			t.Errorf("%v is accepted", size)
		}
	}
}
