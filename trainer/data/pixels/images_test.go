package pixels

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// written maps images of one row of pixels each, made of columns of bytes.
func written(t *testing.T, s Shape, columns ...[]float32) *Images {
	t.Helper()
	dir := t.TempDir()
	c := Columns{Rows: len(columns[0]), Values: columns, Center: make([]float64, len(columns))}
	if err := c.Write(dir, s, 0, 255); err != nil {
		t.Fatal(err)
	}
	m, err := Open(dir, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func TestColumnsBecomeImages(t *testing.T) {
	m := written(t, Shape{Height: 1, Width: 2, Channels: 1}, []float32{0, 10, -9}, []float32{255, 20, 300})
	if got := m.Values(); !slices.Equal(got, []uint8{0, 255, 10, 20, 0, 255}) {
		t.Errorf("pixels %v", got)
	}
	if got := m.At(1); !slices.Equal(got, []uint8{10, 20}) {
		t.Errorf("image 1 is %v", got)
	}
}

func TestBlackAndWhite(t *testing.T) {
	for name, c := range map[string]struct {
		values    []float32
		center    float64
		low, high float64
	}{
		"bytes":      {[]float32{3, 200, 40}, 0, 0, 255},
		"few shades": {[]float32{0, 16, 4}, 0, 0, 16},
		"shares":     {[]float32{-0.5, 0.5, 0}, 0.5, 0, 1},
		"negative":   {[]float32{-3, 200, 40}, 0, -3, 200},
	} {
		columns := Columns{Rows: 3, Values: [][]float32{c.values}, Center: []float64{c.center}}
		if low, high := columns.Span([]int32{0, 1, 2}); low != c.low || high != c.high {
			t.Errorf("%s: from %v to %v, want %v to %v", name, low, high, c.low, c.high)
		}
	}
}

func TestMissingPixelsAreNamed(t *testing.T) {
	c := Columns{Names: []string{"p1", "p2"}, Rows: 2, Values: [][]float32{{1, 2}, {1, float32(math.NaN())}}, Center: []float64{0, 0}}
	if err := c.Complete("t.csv"); err == nil || !strings.Contains(err.Error(), "t.csv: row 2, column p2: a pixel is missing") {
		t.Errorf("got %v", err)
	}
}

func TestMomentsAreOfEachChannel(t *testing.T) {
	m := written(t, Shape{Height: 1, Width: 1, Channels: 2}, []float32{0, 255, 7}, []float32{51, 51, 7})
	mean, std := m.Moments([]int32{0, 1})
	for i, want := range []float64{0.5, 0.2, 0.5, 1e-6} {
		if got := slices.Concat(mean, std)[i]; math.Abs(got-want) > 1e-12 {
			t.Errorf("figure %d is %v, want %v", i, got, want)
		}
	}
}

func TestKeysOfEqualImagesAreEqual(t *testing.T) {
	m := written(t, Shape{Height: 1, Width: 1, Channels: 1}, []float32{1, 2, 1})
	keys := make([]uint64, 3)
	m.Keys(keys)
	if keys[0] != keys[2] || keys[0] == keys[1] {
		t.Errorf("keys %v", keys)
	}
}

// TestMirrorImagesOfSides: one class is bright on the left, the other on the right, so that a mirror image is of the other one. A third
// pixel that both are told apart by makes them stay what they are.
func TestMirrorImagesOfSides(t *testing.T) {
	labels := []int32{0, 1, 0, 1}
	left := written(t, Shape{Height: 1, Width: 2, Channels: 1}, []float32{200, 10, 210, 20}, []float32{10, 200, 20, 210})
	if got := left.MirrorKept([]int32{0, 1, 2, 3}, labels, 2); got != 0 {
		t.Errorf("left and right: %v are kept", got)
	}
	middle := written(t, Shape{Height: 1, Width: 3, Channels: 1}, []float32{90, 90, 80, 80}, []float32{200, 10, 210, 20}, []float32{80, 80, 90, 90})
	if got := middle.MirrorKept([]int32{0, 1, 2, 3}, labels, 2); got != 1 {
		t.Errorf("the middle: %v are kept", got)
	}
}

func TestALinkOutlivesItsSource(t *testing.T) {
	shape := Shape{Height: 1, Width: 1, Channels: 1}
	from, to := t.TempDir(), t.TempDir()
	c := Columns{Rows: 2, Values: [][]float32{{1, 2}}, Center: []float64{0}}
	if err := c.Write(from, shape, 0, 255); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(to, File), []byte("older"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Link(from, to); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(from, File)); err != nil {
		t.Fatal(err)
	}
	again, err := Open(to, shape)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if !slices.Equal(again.Values(), []uint8{1, 2}) {
		t.Errorf("got %v", again.Values())
	}
}
