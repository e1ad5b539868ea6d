package trees

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"tuned/trainer/model"
	"tuned/trainer/nn"
)

// rarity is how many rows of the whole stand beside a category's own, so that a rare one is taken for a usual one.
const rarity = 10

// folds is how many parts the training rows fall into, so that none of them is told its own target: see cross.
const folds = 16

// fold is the part that a row belongs to: the upper bits of Fibonacci hashing (Knuth, volume 3, 6.4), so that no order of the
// rows shows in it.
func fold(row int32) int { return int(uint32(row) * 2654435769 >> 28) }

// tally is what rows say of the target, by their category in one column.
type tally struct{ sums, counts []float64 }

func newTally(categories int) tally {
	return tally{make([]float64, categories), make([]float64, categories)}
}

func (t tally) add(code int32, y float64) {
	t.sums[code] += y
	t.counts[code]++
}

// value is the mean of the target over a category's rows and some more of the whole, whose mean is given. Rows that are
// counted in without have no part in it.
func (t tally) value(code int32, mean float64, without tally) float32 {
	sum, count := t.sums[code]-without.sums[code], t.counts[code]-without.counts[code]
	return float32((sum + rarity*mean) / (count + rarity))
}

// tally counts the rows of a column's categories, and returns the mean of their targets.
func (c *columns) tally(column int, d *nn.Data, rows []int32, target func(row int32) float64) (t tally, mean float64) {
	t = newTally(c.cards[column])
	for _, r := range rows {
		y := target(r)
		t.add(c.code(column, d, r), y)
		mean += y / float64(len(rows))
	}
	return t, mean
}

func (c *columns) code(column int, d *nn.Data, row int32) int32 {
	return d.Codes[int(row)*len(c.cards)+column]
}

// order gives each category of a column its value.
func (c *columns) order(column int, d *nn.Data, rows []int32, l loss) {
	all, mean := c.tally(column, d, rows, c.direction(column, d, rows, l))
	none := newTally(c.cards[column])
	values := c.values[c.offsets[column]:]
	for code := range c.cards[column] {
		values[code] = all.value(int32(code), mean, none)
	}
}

// cross tells what a training row's category in a column is worth to the other folds. By their categories' own values the
// rows would tell their targets away where categories are rare: trees would learn names by heart, and nothing else
// (target statistics: Prokhorenkova et al. 2018, arXiv:1706.09516).
func (c *columns) cross(column int, d *nn.Data, rows []int32, l loss, tell func(row int32, value float32)) {
	target := c.direction(column, d, rows, l)
	all, mean := c.tally(column, d, rows, target)
	var parts [folds][]int32
	for _, r := range rows {
		parts[fold(r)] = append(parts[fold(r)], r)
	}
	for _, part := range parts {
		own, _ := c.tally(column, d, part, target)
		for _, r := range part {
			tell(r, all.value(c.code(column, d, r), mean, own))
		}
	}
}

// direction tells for a row the number by whose mean the categories of a column are put in order: the value, or a number for
// each class.
func (c *columns) direction(column int, d *nn.Data, rows []int32, l loss) func(row int32) float64 {
	if l.task == model.Regression {
		return func(r int32) float64 { return float64(d.Values[r]) }
	}
	numbers := []float64{0, 1}
	if l.outputs > 1 {
		numbers = c.apart(column, d, rows, l.outputs)
	}
	return func(r int32) float64 { return numbers[d.Labels[r]] }
}

// apart is a number for each of several classes, by whose means a column's categories lie furthest from each other: the first
// principal component of the classes' shares in the categories (Coppersmith, Hong and Hosking 1999).
func (c *columns) apart(column int, d *nn.Data, rows []int32, classes int) []float64 {
	shares, counts, whole := mat.NewDense(c.cards[column], classes, nil), make([]float64, c.cards[column]), make([]float64, classes)
	for _, r := range rows {
		code, class := int(c.code(column, d, r)), int(d.Labels[r])
		shares.Set(code, class, shares.At(code, class)+1)
		counts[code]++
		whole[class] += 1 / float64(len(rows))
	}
	for code, n := range counts {
		for class, share := range whole {
			shares.Set(code, class, (shares.At(code, class)-n*share)/(n+rarity)*math.Sqrt(n))
		}
	}
	var between mat.SymDense
	between.SymOuterK(1, shares.T())
	var e mat.EigenSym
	if !e.Factorize(&between, true) {
		return whole
	}
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	return mat.Col(nil, classes-1, &vectors) // of the largest one, as they are in ascending order
}
