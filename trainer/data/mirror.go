package data

import (
	"math"
	"slices"

	"tuned/trainer/data/random"
	"tuned/trainer/npy"
)

// mirrorRows is how many training images mirrorKept looks at, at most.
const mirrorRows = 4000

// mirrorKept tells whether mirror images, left for right, may stand for images. Of the images that are nearest to their own
// class's mean image, it is the share that still are when they are mirrored: near 1 for photographs, near chance for digits
// and letters. Images of a regression, and tables, have 0.
func (d *Dataset) mirrorKept() float64 {
	labels := d.Labels()
	if d.Picture == nil || labels == nil {
		return 0
	}
	rows := random.Sample(d.Train, mirrorRows, d.Spec.SplitSeed)
	means := d.classMeans(rows, labels)
	mirror := mirrored(*d.Picture)
	right, kept := 0, 0
	for _, row := range rows {
		image := d.image(row)
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

// image is the pixels of a row.
func (d *Dataset) image(row int32) []uint8 {
	size := d.Picture.bytes()
	return npy.Elements[uint8](d.raw.pixels)[int(row)*size : (int(row)+1)*size]
}

// classMeans are the mean images of the classes; nil for one without rows.
func (d *Dataset) classMeans(rows, labels []int32) [][]float64 {
	means, counts := make([][]float64, len(d.Classes)), make([]float64, len(d.Classes))
	for _, row := range rows {
		label := labels[row]
		if means[label] == nil {
			means[label] = make([]float64, d.Picture.bytes())
		}
		counts[label]++
		for i, v := range d.image(row) {
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
func mirrored(p Picture) []int {
	order := make([]int, 0, p.bytes())
	for y := range p.Height {
		for x := range p.Width {
			for c := range p.Channels {
				order = append(order, (y*p.Width+p.Width-1-x)*p.Channels+c)
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
