package data

import (
	"cmp"
	"math"
	"slices"

	"tuned/trainer/data/random"
	"tuned/trainer/model"
)

const (
	scoreBins  = 32 // a power of two
	driftRows  = 50 // drift is judged by coarser bins, of so many rows at least: it asks for a trend, not for a copy
	scoreFolds = 5
	// scorePrior is how many rows' worth of the overall mean each bin's own mean is drawn to.
	scorePrior = 0.25
)

// binning assigns every row of the data set to a bin.
type binning struct {
	of     []int32
	bins   int
	values []float64 // of a numeric column: by row of the data set
}

// quantileBins cuts a column at quantiles of ascending values; a missing value's bin is 0.
func quantileBins(sorted, values []float64) binning {
	var cuts [scoreBins]float64
	for k := range cuts {
		cuts[k] = quantile(sorted, float64(k+1)/scoreBins)
	}
	of := make([]int32, len(values))
	for i, v := range values {
		if v == v {
			of[i] = 1 + below(&cuts, v)
		}
	}
	return binning{of: of, bins: scoreBins + 1, values: values}
}

// below counts the cuts that are less than v, all but the last, which is the largest value.
func below(cuts *[scoreBins]float64, v float64) int32 {
	at := int32(0)
	for step := int32(scoreBins / 2); step > 0; step /= 2 {
		if cuts[at+step-1] < v {
			at += step
		}
	}
	return at
}

// coarser joins neighbouring bins until each would hold so many of n rows; levels are left as they are.
func (b binning) coarser(n, rows int) binning {
	bins := scoreBins
	for bins > 2 && n/bins < rows {
		bins /= 2
	}
	if b.values == nil || bins == scoreBins {
		return b
	}
	of := make([]int32, len(b.of))
	for i, bin := range b.of {
		if bin > 0 {
			of[i] = 1 + (bin-1)*int32(bins)/scoreBins
		}
	}
	return binning{of: of, bins: bins + 1, values: b.values}
}

// judge scores how well one column alone predicts something, by the means of its bins in the other four fifths of the rows.
// For two classes the score is the AUC (0.5: nothing), for more the AUC of each against the rest, weighted by its rows, and
// for numbers R² (0: nothing).
type judge struct {
	rows    []int32
	fold    []uint8   // of each of rows
	of      [][]int32 // by class: the places of its rows among rows; nil for numbers
	numbers []float64
	means   []float64 // of the classes, or of the numbers
}

func newJudge(rows []int32) *judge {
	j := &judge{rows: rows, fold: make([]uint8, len(rows))}
	r := random.New(0, random.Fold, 0)
	for i, row := range rows {
		j.fold[i] = uint8(r.Below(uint64(row), scoreFolds))
	}
	return j
}

// targetJudge scores against the target.
func targetJudge(d *Dataset, rows []int32) *judge {
	if d.Task == model.Classification {
		return classJudge(rows, d.Labels(), len(d.Classes))
	}
	j := newJudge(rows)
	j.means, j.numbers = make([]float64, 1), make([]float64, d.Rows)
	for i, v := range d.raw.numbers(len(d.Columns)) {
		j.numbers[i] = float64(v)
	}
	for _, row := range rows {
		j.means[0] += j.numbers[row] / float64(len(rows))
	}
	return j
}

// classJudge scores against classes.
func classJudge(rows, classes []int32, n int) *judge {
	j := newJudge(rows)
	j.of, j.means = make([][]int32, n), make([]float64, n)
	for i, row := range rows {
		class := classes[row]
		j.of[class] = append(j.of[class], int32(i))
		j.means[class] += 1 / float64(len(rows))
	}
	return j
}

// cells are sums over the rows of each fold and bin: how many, and of one class at a time, or of the numbers. Of all classes at once, a
// column of many levels would take more memory than the table.
type cells struct {
	binning
	rows []float64
	sums []float64
}

func (j *judge) tally(b binning) *cells {
	c := &cells{binning: b, rows: make([]float64, scoreFolds*b.bins), sums: make([]float64, scoreFolds*b.bins)}
	for i, row := range j.rows {
		at := j.at(c, i)
		c.rows[at]++
		if j.of == nil {
			c.sums[at] += j.numbers[row]
		}
	}
	return c
}

// at is the cell of a row at its place among those that are judged by.
func (j *judge) at(c *cells, place int) int {
	return int(j.fold[place])*c.bins + int(c.of[j.rows[place]])
}

// outside returns the mean of a cell's bin over the other folds, drawn a little to the overall mean.
func (c *cells) outside(at int, mean float64) float64 {
	n, sum := 0.0, 0.0
	for other := at % c.bins; other < len(c.rows); other += c.bins {
		if other != at {
			n += c.rows[other]
			sum += c.sums[other]
		}
	}
	return (sum + scorePrior*mean) / (n + scorePrior)
}

// score judges one column.
func (j *judge) score(b binning) float64 {
	if b.bins < 2 {
		return 0
	}
	c := j.tally(b)
	if j.of == nil {
		return j.explained(c)
	}
	if len(j.of) == 2 {
		return j.auc(c, 1)
	}
	total := 0.0
	for class, share := range j.means {
		if share > 0 {
			total += share * j.auc(c, class)
		}
	}
	return total
}

// explained is R² of numbers.
func (j *judge) explained(c *cells) float64 {
	guess := make([]float64, len(c.rows))
	for at := range guess {
		guess[at] = c.outside(at, j.means[0])
	}
	var left, all float64
	for i, row := range j.rows {
		v := j.numbers[row]
		e, s := v-guess[j.at(c, i)], v-j.means[0]
		left += e * e
		all += s * s
	}
	if all == 0 {
		return 0
	}
	return max(0, 1-left/all, j.linear(c.values, all))
}

// linear is R² of a straight line, which bins would cut into steps: a column that is the target in another unit scores 1.
func (j *judge) linear(values []float64, all float64) float64 {
	if values == nil {
		return 0
	}
	var mean, n float64
	for _, row := range j.rows {
		if v := values[row]; v == v {
			mean += v
			n++
		}
	}
	mean /= n
	var both, own float64
	for _, row := range j.rows {
		if v := values[row]; v == v {
			both += (v - mean) * (j.numbers[row] - j.means[0])
			own += (v - mean) * (v - mean)
		}
	}
	if own == 0 {
		return 0
	}
	return both * both / own / all
}

// auc is the area under the curve of one class against the rest, at least 0.5.
func (j *judge) auc(c *cells, class int) float64 {
	type cell struct{ guess, yes, no float64 }
	var list []cell
	clear(c.sums)
	for _, place := range j.of[class] {
		c.sums[j.at(c, int(place))]++
	}
	for at, n := range c.rows {
		if n > 0 {
			list = append(list, cell{c.outside(at, j.means[class]), c.sums[at], n - c.sums[at]})
		}
	}
	slices.SortFunc(list, func(a, b cell) int { return cmp.Compare(a.guess, b.guess) })
	var below, area, yes float64
	for from := 0; from < len(list); {
		to, y, n := from, 0.0, 0.0
		for ; to < len(list) && list[to].guess == list[from].guess; to++ {
			y, n = y+list[to].yes, n+list[to].no
		}
		area += y * (below + n/2)
		below, yes, from = below+n, yes+y, to
	}
	if yes == 0 || below == 0 {
		return 0.5
	}
	return math.Max(0.5, area/(yes*below))
}
