package data

import (
	"bytes"
	"context"
	"fmt"
	"image/color"
	"image/png"
	"testing"
)

func TestThumbnails(t *testing.T) {
	for name, c := range map[string]struct {
		picture       Picture
		pixels        []uint8
		width, height int
		first         color.RGBA
	}{
		"grey":         {Picture{Height: 1, Width: 2, Channels: 1}, []uint8{7, 9}, 2, 1, color.RGBA{7, 7, 7, 255}},
		"two channels": {Picture{Height: 1, Width: 2, Channels: 2}, []uint8{7, 1, 9, 2}, 2, 1, color.RGBA{7, 7, 7, 255}},
		"colours":      {Picture{Height: 2, Width: 1, Channels: 3}, []uint8{1, 2, 3, 4, 5, 6}, 1, 2, color.RGBA{1, 2, 3, 255}},
		"four":         {Picture{Height: 1, Width: 1, Channels: 4}, []uint8{1, 2, 3, 4}, 1, 1, color.RGBA{1, 2, 3, 255}},
		"large":        {Picture{Height: 400, Width: 200, Channels: 1}, bytes.Repeat([]uint8{50}, 80000), 80, 160, color.RGBA{50, 50, 50, 255}},
		"a line":       {Picture{Height: 1, Width: 4000, Channels: 1}, bytes.Repeat([]uint8{50}, 4000), 160, 1, color.RGBA{50, 50, 50, 255}},
	} {
		m := smaller(c.picture.show(c.pixels))
		if size := m.Bounds().Size(); size.X != c.width || size.Y != c.height {
			t.Errorf("%s: %d × %d pixels", name, size.Y, size.X)
		}
		if got := color.RGBAModel.Convert(m.At(0, 0)); got != c.first {
			t.Errorf("%s: the first pixel is %v", name, got)
		}
	}
}

func TestThumbnailIsTheRowsImage(t *testing.T) {
	dir := t.TempDir()
	saveClasses(t, dir, 6, "cat", "dog")
	d := must(Read(context.Background(), Spec{Path: dir, Holdout: 0.2}, t.TempDir(), nil))
	defer d.Close()
	m, err := png.Decode(bytes.NewReader(must(d.Thumbnail(7))))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := m.At(2, 3), grey(4, 3, 107).At(2, 3); got != want {
		t.Errorf("the last pixel is %v, want %v", got, want)
	}
	table := read(t, rows("a,y", 30, func(i int) string { return fmt.Sprint(i, ",", i%2) }), Spec{Target: "y", Holdout: 0.2})
	if _, err := table.Thumbnail(0); err == nil {
		t.Error("a table's row has an image")
	}
}
