package trees

import (
	"fmt"
	"math"
	"slices"

	"tuned/trainer/model"
	"tuned/trainer/nn"
)

// mostSorted is how many rows at most are sorted to cut a column into bins.
const mostSorted = 100_000

// columns are what trees split on: the view's numbers, and for each column of categories one number for each of them, by which
// they are in order.
type columns struct {
	numeric int
	cards   []int
	offsets []int // of each column of categories in values
	count   int

	edges  []float32 // column × (bins-1), ascending; bin b holds what is above b edges; unused ones are +Inf
	values []float32 // of the categories
}

// read learns the columns of a view.
func (c *columns) read(v model.View) error {
	for _, in := range v.Inputs {
		switch in.Kind {
		case model.Numeric:
			c.numeric = in.Columns
		case model.Categorical:
			c.cards = in.Cardinalities
		default:
			return fmt.Errorf("trees do not read inputs of kind %s", in.Kind)
		}
	}
	at := 0
	for _, n := range c.cards {
		c.offsets = append(c.offsets, at)
		at += n
	}
	c.count = c.numeric + len(c.cards)
	if c.count == 0 {
		return fmt.Errorf("the data has no columns to learn from")
	}
	return nil
}

// codes is how many categories there are in all columns.
func (c *columns) codes() int {
	n := 0
	for _, card := range c.cards {
		n += card
	}
	return n
}

func (c *columns) edgeFloats(bins int) int64 { return int64(c.count) * int64(bins-1) }

func (c *columns) floats(bins int) int64 { return c.edgeFloats(bins) + int64(c.codes()) }

func (c *columns) allocate(bins int) {
	c.edges, c.values = make([]float32, c.edgeFloats(bins)), make([]float32, c.codes())
}

// categories are the values of the categories, as a tensor where there are any.
func (c *columns) categories() []nn.Tensor {
	if len(c.values) == 0 {
		return nil
	}
	return []nn.Tensor{{Name: "category", Shape: []int{len(c.values)}, Data: c.values}}
}

func (c *columns) edgeTensor(bins int) nn.Tensor {
	return nn.Tensor{Name: "edge", Shape: []int{c.count, bins - 1}, Data: c.edges}
}

// of is the edges of one column.
func (c *columns) of(column int) []float32 {
	n := len(c.edges) / c.count
	return c.edges[column*n : (column+1)*n]
}

// fill writes a row's values.
func (c *columns) fill(d *nn.Data, row int32, to []float32) {
	copy(to, d.Numeric[int(row)*c.numeric:(int(row)+1)*c.numeric])
	codes := d.Codes[int(row)*len(c.cards) : (int(row)+1)*len(c.cards)]
	for i, code := range codes {
		to[c.numeric+i] = c.values[c.offsets[i]+int(code)]
	}
}

// fit puts the categories in order and cuts every column into bins.
func (c *columns) fit(d nn.Data, rows []int32, l loss, bins int) {
	for i := range c.cards {
		c.order(i, &d, rows, l)
	}
	if len(rows) > mostSorted {
		sample := make([]int32, mostSorted)
		for i := range sample {
			sample[i] = rows[i*len(rows)/mostSorted]
		}
		rows = sample
	}
	values := make([]float32, len(rows))
	for column := range c.count {
		c.column(&d, column, rows, values)
		slices.Sort(values)
		cut(values, c.of(column), bins)
	}
}

// column writes what rows have in a column.
func (c *columns) column(d *nn.Data, column int, rows []int32, to []float32) {
	if column < c.numeric {
		for i, r := range rows {
			to[i] = d.Numeric[int(r)*c.numeric+column]
		}
		return
	}
	column -= c.numeric
	values := c.values[c.offsets[column]:]
	for i, r := range rows {
		to[i] = values[d.Codes[int(r)*len(c.cards)+column]]
	}
}

// cut sets the edges of a column from its values in ascending order: between all of them where they are few, else at
// quantiles.
func cut(values, edges []float32, bins int) {
	n := 0
	add := func(below, above float32) {
		edge := below + (above-below)/2
		if !(edge < above) {
			edge = below
		}
		edges[n] = edge
		n++
	}
	if distinct(values) <= bins {
		for i := 1; i < len(values); i++ {
			if values[i-1] < values[i] {
				add(values[i-1], values[i])
			}
		}
	} else {
		for b := 1; b < bins; b++ {
			at := b * len(values) / bins
			if values[at-1] < values[at] && (n == 0 || values[at-1] > edges[n-1]) {
				add(values[at-1], values[at])
			} else if above := next(values, at); above < len(values) && (n == 0 || values[at] > edges[n-1]) {
				add(values[at], values[above])
			}
		}
	}
	for ; n < len(edges); n++ {
		edges[n] = float32(math.Inf(1))
	}
}

// next is the first index behind at with a larger value.
func next(values []float32, at int) int {
	i, _ := slices.BinarySearchFunc(values[at:], values[at], func(v, than float32) int {
		if v > than {
			return 1
		}
		return -1
	})
	return at + i
}

// distinct counts the different values of an ascending list.
func distinct(values []float32) int {
	n := 0
	for i, v := range values {
		if i == 0 || values[i-1] < v {
			n++
		}
	}
	return n
}

// above counts the edges that v is above. A value that is no number is above none.
func above(edges []float32, v float32) uint8 {
	low, high := 0, len(edges)
	for low < high {
		if middle := (low + high) / 2; v > edges[middle] {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return uint8(low)
}
