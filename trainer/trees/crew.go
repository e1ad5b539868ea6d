package trees

import (
	"sync"
	"sync/atomic"

	"tuned/trainer/model"
)

// A round is shared out among hands: of several outputs each hand takes one tree after another; a single tree is divided where a
// node's two parts are large. What is done row by row is shared out in blocks of the same rows for any number of hands. Trees, parts
// of a tree and blocks are written to places of their own and read what none of them changes: the bits do not depend on the number
// of hands, nor on which of them does what.
const (
	shareCells = 1 << 17  // rows × columns × levels below of a node's part that is worth another hand
	shareRows  = 1 << 11  // of a block, which is worth another hand
	handsBytes = 64 << 20 // that all hands may take
	handsPart  = 8        // of limited memory that they may
)

// hand is what one goroutine grows trees with.
type hand struct {
	rows          []int32       // of the step, those of a node beside each other; none where another hand's tree is divided
	right         []int32       // of the node that is being split
	first, second []float32     // derivatives by one output, by row
	sums          [][]cell      // a histogram for each level: the used bins of the sampled columns
	sparse        sparse        // of a node of few rows
	tree          []fork[uint8] // that is added to outputs
	flops         int64
}

// errand is work for another hand.
type errand struct {
	hand *hand
	kind kind
	at   place // of a part, whose histogram is the hand's at that depth
	rows []int32
	all  cell
}

type kind int

const (
	part    kind = iota // of a tree
	whole               // trees of the round, until none is left
	looking             // at blocks of the step's rows, until none is left
	adding              // the one tree of a round to blocks of all rows' outputs, until none is left
)

// crew are the hands and those of them that have nothing to do. The first is the caller's.
type crew struct {
	hands []*hand
	idle  chan *hand
	work  chan errand
	open  sync.WaitGroup // errands
	// The round that is in work: which of its trees, or blocks of so many rows, is the next.
	round int
	step  model.Step
	count int
	next  atomic.Int64
}

// size is how many hands a forest has: no more than its threads, trees of a round where there are several, and memory allows.
func (c *crew) size(f *Forest) int {
	n := f.config.Threads
	if f.loss.outputs > 1 {
		n = min(n, f.loss.outputs)
	}
	return max(1, min(n, int(f.config.room()/f.handBytes())))
}

// room is the memory that all hands may take.
func (c Config) room() int64 {
	if c.MemoryBytes > 0 {
		return min(handsBytes, c.MemoryBytes/handsPart)
	}
	return handsBytes
}

// handBytes is what a hand takes: its histograms, the rows that it divides, a tree's nodes and, where it grows trees of its own, their rows and
// derivatives.
func (f *Forest) handBytes() int64 {
	c := f.config
	need := int64(c.Depth)*int64(f.columns.count)*int64(c.Bins)*16 + int64(c.MaxBatch)*4 + int64(f.inner())*8
	if f.loss.outputs > 1 {
		need += f.treeBytes()
	}
	return need
}

// treeBytes are the rows and derivatives of a tree that grows.
func (f *Forest) treeBytes() int64 { return int64(f.config.MaxBatch)*4 + int64(f.rows)*8 }

func (c *crew) bytes(f *Forest) int64 {
	return int64(c.size(f))*f.handBytes() + f.treeBytes()
}

// gather makes the hands, and lets all but the first wait for work.
func (c *crew) gather(f *Forest) {
	n := c.size(f)
	c.idle, c.work = make(chan *hand, n), make(chan errand, n)
	for i := range n {
		h := &hand{right: make([]int32, f.config.MaxBatch), sums: make([][]cell, f.config.Depth), tree: make([]fork[uint8], f.inner())}
		for level := range h.sums {
			h.sums[level] = make([]cell, f.columns.count*f.config.Bins)
		}
		if i == 0 || f.loss.outputs > 1 {
			h.rows = make([]int32, f.config.MaxBatch)
			h.first, h.second = make([]float32, f.rows), make([]float32, f.rows)
		} else {
			h.first, h.second = c.hands[0].first, c.hands[0].second // all work on one tree
		}
		c.hands = append(c.hands, h)
	}
	for _, h := range c.hands[1:] {
		c.idle <- h
		go f.help(c.work)
	}
}

// help runs errands until the crew is dismissed.
func (f *Forest) help(work <-chan errand) {
	c := &f.grower.crew
	for e := range work {
		switch e.kind {
		case part:
			f.node(e.hand, e.at, e.rows, e.hand.sums[e.at.depth], e.all)
		case whole:
			f.growNext(e.hand)
		case looking, adding:
			f.blocks(e.hand, e.kind)
		}
		c.idle <- e.hand
		c.open.Done()
	}
}

// spare is a hand that has nothing to do, or nil.
func (c *crew) spare() *hand {
	select {
	case h := <-c.idle:
		return h
	default:
		return nil
	}
}

func (c *crew) send(e errand) {
	c.open.Add(1)
	c.work <- e
}

// growAll grows the round's trees, adds them to all rows' outputs, and returns what that took.
func (f *Forest) growAll(round int) (flops int64) {
	c := &f.grower.crew
	c.round = round
	c.next.Store(0)
	if f.loss.outputs > 1 {
		for h := c.spare(); h != nil; h = c.spare() {
			c.send(errand{hand: h, kind: whole})
		}
	}
	f.growNext(c.hands[0])
	c.open.Wait()
	if f.loss.outputs == 1 {
		f.inBlocks(adding, f.rows)
	}
	for _, h := range c.hands {
		flops += h.flops
		h.flops = 0
	}
	return flops
}

// inBlocks does something with so many rows, in blocks, and lets hands that have nothing to do take some of them.
func (f *Forest) inBlocks(what kind, rows int) {
	c := &f.grower.crew
	c.count = rows
	c.next.Store(0)
	for range rows/shareRows - 1 {
		if h := c.spare(); h != nil {
			c.send(errand{hand: h, kind: what})
		}
	}
	f.blocks(c.hands[0], what)
	c.open.Wait()
}

// blocks takes blocks of rows until none is left.
func (f *Forest) blocks(h *hand, what kind) {
	c := &f.grower.crew
	for {
		from := (int(c.next.Add(1)) - 1) * shareRows
		if from >= c.count {
			return
		}
		if to := min(from+shareRows, c.count); what == looking {
			f.look(from, to)
		} else {
			f.add(h, c.round, 0, from, to)
		}
	}
}

// growNext grows trees of the round until none is left, and adds them to the rows' outputs where there are several.
func (f *Forest) growNext(h *hand) {
	c := &f.grower.crew
	for {
		output := int(c.next.Add(1)) - 1
		if output >= f.loss.outputs {
			return
		}
		if f.loss.outputs > 1 {
			f.derive(h, output, 0, len(f.scores.rows))
		}
		f.growTree(h, c.round*f.loss.outputs+output, c.step.LR)
		if f.loss.outputs > 1 {
			f.add(h, c.round, output, 0, f.rows)
		}
	}
}

// share gives a node's part, with its histogram, to a hand that has nothing to do, if that is worth it.
func (f *Forest) share(at place, rows []int32, sums []cell, all cell) bool {
	g := &f.grower
	if f.loss.outputs > 1 || len(rows)*len(g.columns)*(f.config.Depth-at.depth) < shareCells {
		return false
	}
	h := g.crew.spare()
	if h == nil {
		return false
	}
	copy(h.sums[at.depth], sums[:g.size()])
	g.crew.send(errand{hand: h, at: at, rows: rows, all: all})
	return true
}

// dismiss ends the goroutines.
func (c *crew) dismiss() {
	if c.work != nil {
		close(c.work)
		c.work = nil
	}
}
