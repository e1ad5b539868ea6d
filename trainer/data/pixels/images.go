package pixels

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"tuned/trainer/npy"
)

// Images are the images of a data set, mapped into memory.
type Images struct {
	Shape
	file *npy.Array[uint8]
}

// Open maps the array under dir, of images of this shape.
func Open(dir string, s Shape) (*Images, error) {
	file, err := npy.Map[uint8](filepath.Join(dir, File))
	if err != nil {
		return nil, err
	}
	return &Images{s, file}, nil
}

// Close unmaps the array.
func (m *Images) Close() error { return m.file.Close() }

// Values are all images, one behind the other. Valid until Close.
func (m *Images) Values() []uint8 { return m.file.Values }

// At is one image: line by line, the channels of a pixel beside each other. Valid until Close.
func (m *Images) At(row int32) []uint8 {
	size := m.Bytes()
	return m.file.Values[int(row)*size : (int(row)+1)*size]
}

// Moments are each channel's mean and standard deviation over some images, of values in 0 … 1.
func (m *Images) Moments(rows []int32) (mean, std []float64) {
	counts := make([][256]int64, m.Channels)
	for _, row := range rows {
		for i, v := range m.At(row) {
			counts[i%m.Channels][v]++
		}
	}
	n := float64(len(rows)) * float64(m.Height*m.Width)
	mean, std = make([]float64, m.Channels), make([]float64, m.Channels)
	for c := range counts {
		var first, second float64
		for v, k := range counts[c] {
			x := float64(v) / 255
			first, second = first+float64(k)*x/n, second+float64(k)*x*x/n
		}
		mean[c], std[c] = first, math.Sqrt(max(second-first*first, 1e-12))
	}
	return mean, std
}

// Keys sets a key for each image; equal images have equal ones.
func (m *Images) Keys(keys []uint64) {
	for row := range keys {
		sum := sha256.Sum256(m.At(int32(row)))
		keys[row] = binary.LittleEndian.Uint64(sum[:])
	}
}

// Link puts the array into another directory: the same file under another name where the file system can, a copy elsewhere.
func Link(from, to string) error {
	from, to = filepath.Join(from, File), filepath.Join(to, File)
	if err := os.Remove(to); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("write images: %w", err)
	}
	if os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("write images: %w", err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return fmt.Errorf("write images: %w", err)
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
