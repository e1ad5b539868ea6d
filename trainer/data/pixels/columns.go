package pixels

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"tuned/trainer/data/source"
)

// Columns are columns of numbers, one for each value of an image: line by line, the channels of a pixel beside each other.
type Columns struct {
	Names  []string
	Rows   int
	Values [][]float32 // by column, less its centre
	Center []float64
}

// Complete refuses missing pixels in the table at path.
func (c Columns) Complete(path string) error {
	for i, values := range c.Values {
		if row := slices.IndexFunc(values, func(v float32) bool { return v != v }); row >= 0 {
			return &source.Error{
				Op: "read", Path: path, Place: fmt.Sprintf("row %d, column %s", row+1, c.Names[i]), Hint: "every pixel needs a number",
				Err: errors.New("a pixel is missing"),
			}
		}
	}
	return nil
}

// Span is what is black and what is white: 0 and 255 where the training rows look like bytes, else their least and largest value.
func (c Columns) Span(rows []int32) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	whole := true
	for i, values := range c.Values {
		for _, row := range rows {
			v := c.Center[i] + float64(values[row])
			low, high, whole = min(low, v), max(high, v), whole && v == math.Round(v)
		}
	}
	if whole && low >= 0 && high > 127 && high <= 255 {
		return 0, 255
	}
	return low, high
}

// Write writes the images under dir, given what is black and what is white.
func (c Columns) Write(dir string, s Shape, low, high float64) error {
	w, err := create(dir, c.Rows, s)
	if err != nil {
		return err
	}
	return errors.Join(c.fill(w, low, high), w.Close())
}

func (c Columns) fill(w io.Writer, low, high float64) error {
	image, factor := make([]uint8, len(c.Values)), 0.0
	if high > low {
		factor = 255 / (high - low)
	}
	for row := range c.Rows {
		for i, values := range c.Values {
			v := c.Center[i] + float64(values[row])
			image[i] = uint8(math.Round(min(max((v-low)*factor, 0), 255)))
		}
		if _, err := w.Write(image); err != nil {
			return fmt.Errorf("write images: %w", err)
		}
	}
	return nil
}
