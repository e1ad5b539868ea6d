package pixels

import (
	"bytes"
	"image/color"
	"testing"
)

func TestThumbnails(t *testing.T) {
	for name, c := range map[string]struct {
		shape         Shape
		pixels        []uint8
		width, height int
		first         color.RGBA
	}{
		"grey":         {Shape{Height: 1, Width: 2, Channels: 1}, []uint8{7, 9}, 2, 1, color.RGBA{7, 7, 7, 255}},
		"two channels": {Shape{Height: 1, Width: 2, Channels: 2}, []uint8{7, 1, 9, 2}, 2, 1, color.RGBA{7, 7, 7, 255}},
		"colours":      {Shape{Height: 2, Width: 1, Channels: 3}, []uint8{1, 2, 3, 4, 5, 6}, 1, 2, color.RGBA{1, 2, 3, 255}},
		"four":         {Shape{Height: 1, Width: 1, Channels: 4}, []uint8{1, 2, 3, 4}, 1, 1, color.RGBA{1, 2, 3, 255}},
		"large":        {Shape{Height: 400, Width: 200, Channels: 1}, bytes.Repeat([]uint8{50}, 80000), 80, 160, color.RGBA{50, 50, 50, 255}},
		"a line":       {Shape{Height: 1, Width: 4000, Channels: 1}, bytes.Repeat([]uint8{50}, 4000), 160, 1, color.RGBA{50, 50, 50, 255}},
	} {
		m := smaller(c.shape.show(c.pixels))
		if size := m.Bounds().Size(); size.X != c.width || size.Y != c.height {
			t.Errorf("%s: %d × %d pixels", name, size.Y, size.X)
		}
		if got := color.RGBAModel.Convert(m.At(0, 0)); got != c.first {
			t.Errorf("%s: the first pixel is %v", name, got)
		}
	}
}
