package trees

import "math/bits"

// A node of few rows is split by the bins alone that they fall into: most of a whole histogram would be empty, and clearing,
// subtracting and reading it would cost more than the rows do. fewBins is how many bins a column uses, at the least, for each row.
const fewBins = 1

// sparse is the histogram of one column over the few bins that rows fall into.
type sparse struct {
	cells [256]cell
	used  [4]uint64 // a bit for each bin
}

// fill sums the rows' derivatives by bin.
func (p *sparse) fill(h *hand, bins []uint8, stride int, rows []int32) {
	for _, r := range rows {
		b := bins[int(r)*stride]
		p.used[b>>6] |= 1 << (b & 63)
		c := &p.cells[b]
		c.first += float64(h.first[r])
		c.second += float64(h.second[r])
	}
}

// bestOf looks for a node's best split, in its histogram or, of few rows, in the bins that they fall into.
func (f *Forest) bestOf(h *hand, rows []int32, sums []cell, all cell) split {
	if len(rows) < f.grower.few {
		return f.bestOfFew(h, rows, all)
	}
	return f.best(h, sums, all)
}

// bestOfFew is what best is of many rows. Above a column's last bin there is nothing to split off.
func (f *Forest) bestOfFew(h *hand, rows []int32, all cell) (best split) {
	g, p, l2, least := &f.grower, &h.sparse, f.config.L2, f.config.MinWeight
	one := score(all, l2)
	for i, column := range g.columns {
		p.fill(h, f.bins.of[column:], f.columns.count, rows)
		var left cell
		last := g.starts[i+1] - g.starts[i] - 1
		for word, used := range p.used {
			for ; used != 0; used &= used - 1 {
				b := word<<6 + bits.TrailingZeros64(used)
				left.first += p.cells[b].first
				left.second += p.cells[b].second
				p.cells[b] = cell{}
				if gain := gain(left, all, l2, least, one); gain > best.gain && b < last {
					best = split{gain, i, b, left}
				}
			}
			p.used[word] = 0
		}
	}
	h.flops += int64(len(rows) * len(g.columns) * (2 + splitFLOPs))
	return best
}
