package pixels

import (
	"bytes"
	"fmt"
	"image"
	"image/png"

	"golang.org/x/image/draw"
)

// thumbnailSide is how long the longer side of a thumbnail may be: enough for a person to see what is shown.
const thumbnailSide = 160 // pixels

// Thumbnail is a row's image as a PNG file, as it was read; one whose longer side exceeds 160 pixels is made smaller.
func (m *Images) Thumbnail(row int32) ([]byte, error) {
	var file bytes.Buffer
	if err := png.Encode(&file, smaller(m.show(m.At(row)))); err != nil {
		return nil, fmt.Errorf("thumbnail of row %d: %w", row, err)
	}
	return file.Bytes(), nil
}

// show makes an image of pixels: grey of one or two channels, of which the first counts; colours of more, of which three do.
func (s Shape) show(pixels []uint8) image.Image {
	frame := image.Rect(0, 0, s.Width, s.Height)
	if s.Channels < 3 {
		grey := image.NewGray(frame)
		for i := range grey.Pix {
			grey.Pix[i] = pixels[i*s.Channels]
		}
		return grey
	}
	colour := image.NewRGBA(frame)
	for i := range s.Height * s.Width {
		copy(colour.Pix[4*i:4*i+3], pixels[i*s.Channels:])
		colour.Pix[4*i+3] = 255
	}
	return colour
}

// smaller brings the longer side down to thumbnailSide.
func smaller(m image.Image) image.Image {
	size := m.Bounds().Size()
	longer := max(size.X, size.Y)
	if longer <= thumbnailSide {
		return m
	}
	frame := image.Rect(0, 0, max(1, size.X*thumbnailSide/longer), max(1, size.Y*thumbnailSide/longer))
	scaled := image.NewRGBA(frame)
	draw.CatmullRom.Scale(scaled, frame, m, m.Bounds(), draw.Src, nil)
	return scaled
}
