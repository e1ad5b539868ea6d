package pixels

import (
	"math"
	"slices"
)

// MirrorKept tells whether mirror images, left for right, may stand for images. Of the images that are nearest to their own
// class's mean image, it is the share that still are when they are mirrored: near 1 for photographs, near chance for digits
// and letters. rows are the images that are looked at; labels are of all.
func (m *Images) MirrorKept(rows, labels []int32, classes int) float64 {
	means, mirror := m.classMeans(rows, labels, classes), m.mirrored()
	right, kept := 0, 0
	for _, row := range rows {
		image := m.At(row)
		if nearest := nearestMean(means, image, nil); nearest != int(labels[row]) {
			continue
		}
		right++
		if nearestMean(means, image, mirror) == int(labels[row]) {
			kept++
		}
	}
	return float64(kept) / float64(max(1, right))
}

// classMeans are the mean images of the classes; nil for one without rows.
func (m *Images) classMeans(rows, labels []int32, classes int) [][]float64 {
	means, counts := make([][]float64, classes), make([]float64, classes)
	for _, row := range rows {
		label := labels[row]
		if means[label] == nil {
			means[label] = make([]float64, m.Bytes())
		}
		counts[label]++
		for i, v := range m.At(row) {
			means[label][i] += float64(v)
		}
	}
	for label, mean := range means {
		for i := range mean {
			mean[i] /= counts[label]
		}
	}
	return means
}

// mirrored is, for each value of an image, the place of the one that takes its place when left and right change sides.
func (s Shape) mirrored() []int {
	order := make([]int, 0, s.Bytes())
	for y := range s.Height {
		for x := range s.Width {
			for c := range s.Channels {
				order = append(order, (y*s.Width+s.Width-1-x)*s.Channels+c)
			}
		}
	}
	return order
}

// nearestMean is the class whose mean image is nearest to an image, read in an order if one is given.
func nearestMean(means [][]float64, image []uint8, order []int) int {
	best, least := 0, math.Inf(1)
	values := image
	if order != nil {
		values = slices.Clone(image)
		for i, from := range order {
			values[i] = image[from]
		}
	}
	for class, mean := range means {
		if mean == nil {
			continue
		}
		distance := 0.0
		for i, v := range values {
			difference := float64(v) - mean[i]
			distance += difference * difference
		}
		if distance < least {
			best, least = class, distance
		}
	}
	return best
}
