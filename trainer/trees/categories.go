package trees

import "tuned/trainer/nn"

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

// tallies counts all rows of a column, and those of each fold.
func (c *columns) tallies(column int, d *nn.Data, rows []int32, target func(row int32) float64) (all tally, parts [folds]tally, mean float64) {
	all = newTally(c.cards[column])
	for i := range parts {
		parts[i] = newTally(c.cards[column])
	}
	for _, r := range rows {
		code, y := c.code(column, d, r), target(r)
		all.add(code, y)
		parts[fold(r)].add(code, y)
		mean += y / float64(len(rows))
	}
	return all, parts, mean
}

func (c *columns) code(column int, d *nn.Data, row int32) int32 {
	return d.Codes[int(row)*len(c.cards)+column]
}

// order gives each category of a column its value.
func (c *columns) order(column int, d *nn.Data, rows []int32, target func(row int32) float64) {
	all, _, mean := c.tallies(column, d, rows, target)
	none := newTally(c.cards[column])
	values := c.values[c.offsets[column]:]
	for code := range c.cards[column] {
		values[code] = all.value(int32(code), mean, none)
	}
}

// cross tells what a training row's category in a column is worth to the other folds. By their categories' own values the
// rows would tell their targets away where categories are rare: trees would learn names by heart, and nothing else
// (target statistics: Prokhorenkova et al. 2018, arXiv:1706.09516).
func (c *columns) cross(column int, d *nn.Data, rows []int32, target func(row int32) float64, tell func(row int32, value float32)) {
	all, parts, mean := c.tallies(column, d, rows, target)
	for _, r := range rows {
		tell(r, all.value(c.code(column, d, r), mean, parts[fold(r)]))
	}
}
