package trees

import (
	"math"
	"slices"
)

// binned is the view's table with a bin for each value.
type binned struct {
	of                      []uint8   // row × column
	edges, values, training []float32 // by which
	counts                  []int     // of bins that each column uses
}

// bin works out the bins where the edges, categories or training rows are other than before.
func (f *Forest) bin() {
	c, b := &f.columns, &f.bins
	if b.of != nil && slices.Equal(b.edges, c.edges) && slices.Equal(b.values, c.values) && slices.Equal(b.training, f.training) {
		return
	}
	if b.of == nil {
		b.of = make([]uint8, f.rows*c.count)
	}
	b.edges, b.values, b.training = slices.Clone(c.edges), slices.Clone(c.values), slices.Clone(f.training)
	row := make([]float32, c.count)
	for r := range f.rows {
		c.fill(&f.data, int32(r), row)
		for column, v := range row {
			b.of[r*c.count+column] = above(c.of(column), v)
		}
	}
	f.binTraining()
	b.counts = b.counts[:0]
	for column := range c.count {
		b.counts = append(b.counts, c.used(column))
	}
}

// used is the number of bins that a column uses.
func (c *columns) used(column int) int { return 1 + finite(c.of(column)) }

// cells is the number of bins that all columns use.
func (c *columns) cells() (n int) {
	for column := range c.count {
		n += c.used(column)
	}
	return n
}

// finite counts the edges that a value may be above.
func finite(edges []float32) int {
	n, _ := slices.BinarySearch(edges, float32(math.Inf(1)))
	return n
}

// binTraining sets the bins of the training rows' categories, of which each is judged by other rows.
func (f *Forest) binTraining() {
	c := &f.columns
	if len(c.cards) == 0 {
		return
	}
	var rows []int32
	for r, known := range f.training {
		if known == 1 {
			rows = append(rows, int32(r))
		}
	}
	for i := range c.cards {
		column := c.numeric + i
		edges := c.of(column)
		c.cross(i, &f.data, rows, f.loss, func(row int32, value float32) {
			f.bins.of[int(row)*c.count+column] = above(edges, value)
		})
	}
}
