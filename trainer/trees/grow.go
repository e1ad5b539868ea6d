package trees

import (
	"math"
	"math/rand/v2"
)

// What steps are counted by, in operations: a bin as a split is looked for, a row's prediction and derivatives.
const (
	splitFLOPs = 10
	lossFLOPs  = 12
)

// leastGain is the gain below which a node stays whole.
const leastGain = 1e-9

// cell sums the derivatives of a bin's rows.
type cell struct{ first, second float64 }

// grower grows the trees of a round, each node after node, depth first.
type grower struct {
	columns []int     // that the round may split on, in ascending order
	starts  []int     // of each of them in a histogram, and behind the last one its size
	few     int       // rows of a node that go without a histogram are fewer
	splits  []uint8   // of each inner node of every tree: bins above it go right
	random  *rand.PCG // of the round
	crew    crew
}

func (g *grower) bytes(f *Forest) int64 {
	return g.crew.bytes(f) + int64(f.columns.count)*16 + int64(f.config.Rounds*f.loss.outputs*f.inner())
}

func (g *grower) allocate(f *Forest) {
	if g.splits == nil {
		g.columns, g.starts = make([]int, 0, f.columns.count), make([]int, 0, f.columns.count+1)
		g.splits = make([]uint8, len(f.feature))
		g.random = rand.NewPCG(0, 0)
		g.crew.gather(f)
	}
	if !f.scores.known {
		f.readSplits()
	}
}

// readSplits finds the bins that the thresholds stand for.
func (f *Forest) readSplits() {
	for i := range f.standing() * f.loss.outputs * f.inner() {
		f.grower.splits[i] = above(f.columns.of(within(f.feature[i], f.columns.count)), f.threshold[i])
	}
}

// sample draws the columns of a round, in ascending order: all but a share of them, rounded down, and at least one.
func (g *grower) sample(count int, without float64, seed, round int64) {
	left := max(1, count-int(without*float64(count)))
	g.random.Seed(uint64(seed), uint64(round))
	g.columns = g.columns[:0]
	for i := range count {
		// Algorithm S (Knuth, volume 2, 3.4.2): each column is taken with the share of what is still wanted of what is left.
		if int(g.random.Uint64()%uint64(count-i)) < left {
			g.columns = append(g.columns, i)
			left--
		}
	}
}

// lay sets where the sampled columns' bins lie in a histogram, and how many rows are few beside them.
func (g *grower) lay(counts []int) {
	at := 0
	g.starts = append(g.starts[:0], at)
	for _, column := range g.columns {
		at += counts[column]
		g.starts = append(g.starts, at)
	}
	g.few = at / (fewBins * len(g.columns))
}

// size is the number of cells in a histogram.
func (g *grower) size() int { return g.starts[len(g.columns)] }

// derive works out the derivatives of some of the step's rows by one output, and growTree grows its tree on all of them.
func (f *Forest) derive(h *hand, output, from, to int) {
	k := f.loss.outputs
	for i := from; i < to; i++ {
		row := f.scores.rows[i]
		target := f.loss.target(&f.data, row, output, f.grower.crew.step.LabelSmoothing)
		first, second := f.loss.derivatives(float64(f.scores.p[i*k+output]), target)
		h.first[row], h.second[row] = float32(first), float32(second)
	}
}

func (f *Forest) growTree(h *hand, tree int, rate float64) {
	n := copy(h.rows, f.scores.rows)
	var all cell
	for _, r := range h.rows[:n] {
		all.first += float64(h.first[r])
		all.second += float64(h.second[r])
	}
	if n >= f.grower.few {
		f.histogram(h, h.sums[0], h.rows[:n])
	}
	f.node(h, place{tree: tree, rate: rate}, h.rows[:n], h.sums[0], all)
}

// place is where in a tree a node is.
type place struct {
	tree, at, depth int
	rate            float64
}

// child is the node to the left or, with side 1, to the right.
func (p place) child(side int) place {
	p.at, p.depth = 2*p.at+1+side, p.depth+1
	return p
}

// split is the best way to divide a node's rows.
type split struct {
	gain   float64
	column int // index into the sampled ones
	bin    int // the last one that goes left
	left   cell
}

// node divides its rows or, where that gains nothing, becomes a leaf.
func (f *Forest) node(h *hand, p place, rows []int32, sums []cell, all cell) {
	if p.depth == f.config.Depth {
		f.leaf[p.tree*f.leaves()+p.at-f.inner()] = f.value(all, p.rate)
		return
	}
	s := f.bestOf(h, rows, sums, all)
	if s.gain <= leastGain {
		f.whole(p, f.value(all, p.rate))
		return
	}
	g, i := &f.grower, p.tree*f.inner()+p.at
	column := g.columns[s.column]
	f.feature[i], f.threshold[i], g.splits[i] = float32(column), f.columns.of(column)[s.bin], uint8(s.bin)
	left := f.divide(h, rows, column, uint8(s.bin))
	right := cell{all.first - s.left.first, all.second - s.left.second}
	if p.depth+1 == f.config.Depth {
		f.node(h, p.child(0), nil, nil, s.left)
		f.node(h, p.child(1), nil, nil, right)
		return
	}
	f.children(h, p, rows, left, sums, s.left, right)
}

// children go on with both parts of a node's rows: only the smaller one's histogram is summed, if any, the other is what is left.
func (f *Forest) children(h *hand, p place, rows []int32, left int, sums []cell, l, r cell) {
	small := h.sums[p.depth+1]
	first, second, side := rows[:left], rows[left:], 0
	if len(second) < len(first) {
		first, second, side, l, r = second, first, 1, r, l
	}
	if len(first) >= f.grower.few {
		f.histogram(h, small, first)
		for i, c := range small[:f.grower.size()] {
			sums[i].first -= c.first
			sums[i].second -= c.second
		}
	} else if len(second) >= f.grower.few {
		f.without(h, sums, first)
	}
	shared := f.share(p.child(1-side), second, sums, r)
	f.node(h, p.child(side), first, small, l)
	if !shared {
		f.node(h, p.child(1-side), second, sums, r)
	}
}

// value is a leaf's: the step to the minimum of the loss's second-order approximation, times the rate.
func (f *Forest) value(all cell, rate float64) float32 {
	if all.second+f.config.L2 <= 0 {
		return 0
	}
	return float32(-rate * all.first / (all.second + f.config.L2))
}

// whole makes a leaf of a node above the last level: whatever the way below, its value stands at the end.
func (f *Forest) whole(p place, value float32) {
	if p.depth == f.config.Depth {
		f.leaf[p.tree*f.leaves()+p.at-f.inner()] = value
		return
	}
	i := p.tree*f.inner() + p.at
	f.feature[i], f.threshold[i], f.grower.splits[i] = 0, float32(math.Inf(1)), math.MaxUint8
	f.whole(p.child(0), value)
	f.whole(p.child(1), value)
}

// gain is how much better two answers are than one, whose score is given, where a node's rows are divided into those of left and the
// others; negative where that leaves too little on one side.
func gain(left, all cell, l2, least, one float64) float64 {
	first, second := all.first-left.first, all.second-left.second
	if left.second < least || second < least {
		return -1
	}
	return left.first*left.first/(left.second+l2) + first*first/(second+l2) - one
}

func score(all cell, l2 float64) float64 { return all.first * all.first / (all.second + l2) }

// best looks through all bins of the sampled columns.
func (f *Forest) best(h *hand, sums []cell, all cell) (best split) {
	g, l2, least := &f.grower, f.config.L2, f.config.MinWeight
	one := score(all, l2)
	for i := range g.columns {
		var left cell
		for b, c := range sums[g.starts[i] : g.starts[i+1]-1] {
			if c == (cell{}) {
				continue
			}
			left.first += c.first
			left.second += c.second
			if gain := gain(left, all, l2, least, one); gain > best.gain {
				best = split{gain, i, b, left}
			}
		}
	}
	h.flops += int64(g.size() * splitFLOPs)
	return best
}

// divide moves the rows that go left to the front, in their order as those that go right, and counts them.
func (f *Forest) divide(h *hand, rows []int32, column int, split uint8) int {
	left, right := 0, h.right[:0]
	bins, stride := f.bins.of[column:], f.columns.count
	for _, r := range rows {
		if bins[int(r)*stride] > split {
			right = append(right, r)
		} else {
			rows[left] = r
			left++
		}
	}
	copy(rows[left:], right)
	return left
}

// histogram sums the rows' derivatives by bin of each sampled column.
func (f *Forest) histogram(h *hand, sums []cell, rows []int32) {
	g, count := &f.grower, f.columns.count
	clear(sums[:g.size()])
	for _, r := range rows {
		first, second := float64(h.first[r]), float64(h.second[r])
		row := f.bins.of[int(r)*count : (int(r)+1)*count]
		for i, column := range g.columns {
			c := &sums[g.starts[i]+int(row[column])]
			c.first += first
			c.second += second
		}
	}
	h.flops += int64(2 * len(rows) * len(g.columns))
}

// without takes a few rows out of a histogram.
func (f *Forest) without(h *hand, sums []cell, rows []int32) {
	g, count := &f.grower, f.columns.count
	for _, r := range rows {
		first, second := float64(h.first[r]), float64(h.second[r])
		row := f.bins.of[int(r)*count : (int(r)+1)*count]
		for i, column := range g.columns {
			c := &sums[g.starts[i]+int(row[column])]
			c.first -= first
			c.second -= second
		}
	}
	h.flops += int64(2 * len(rows) * len(g.columns))
}
