package trees

import (
	"sync"
	"sync/atomic"
)

// fork is an inner node as rows meet it: those whose value in a column, or its bin, is above go right.
type fork[V float32 | uint8] struct {
	column int32
	above  V
}

// decode reads a tree's nodes from what its tensors hold. That takes far less than walking through it with the rows of a block,
// and so nobody has to remember which trees stood in the tensors when.
func decode[V float32 | uint8](tree []fork[V], feature []float32, above []V, columns int) {
	for i := range tree {
		tree[i] = fork[V]{int32(within(feature[i], columns)), above[i]}
	}
}

// leafAt is the leaf that a row's values lead to. Processors guess wrong which way rows go about as often as not, and then wait:
// there is no branch on it.
func leafAt[V float32 | uint8](tree []fork[V], values []V) int {
	at := 0
	for at < len(tree) {
		at = below(tree, at, values)
	}
	return at - len(tree)
}

// below is the node under another one to which a row's values lead.
func below[V float32 | uint8](tree []fork[V], at int, values []V) int {
	node, right := &tree[at], 0
	if values[node.column] > node.above {
		right = 1
	}
	return 2*at + 1 + right
}

// together is how many rows go through a tree side by side.
const together = 4

// leavesAt are the leaves of rows that lie one behind another, each of so many columns. What a node asks is known once the one above
// it is answered: while one row waits for that, the others go on.
func leavesAt[V float32 | uint8](tree []fork[V], values []V, columns int) (leaves [together]int) {
	a, b, c, d := values[:columns], values[columns:2*columns], values[2*columns:3*columns], values[3*columns:4*columns]
	var i, j, k, l int
	for i < len(tree) { // all leaves are on one level
		i, j, k, l = below(tree, i, a), below(tree, j, b), below(tree, k, c), below(tree, l, d)
	}
	return [together]int{i - len(tree), j - len(tree), k - len(tree), l - len(tree)}
}

// add adds what a tree's leaves say to every step-th output, from the first one on: one of each row, which lie one behind another.
func add[V float32 | uint8](tree []fork[V], leaves []float32, values []V, columns int, out []float32, step int) {
	row, rows := 0, (len(out)+step-1)/step
	for ; row+together <= rows; row += together {
		for i, leaf := range leavesAt(tree, values[row*columns:], columns) {
			out[(row+i)*step] += leaves[leaf]
		}
	}
	for ; row < rows; row++ {
		out[row*step] += leaves[leafAt(tree, values[row*columns:(row+1)*columns])]
	}
}

// predictRows is how many rows go through the trees together: few enough to stay in the first cache with a tree, many enough
// that the trees are read from memory only now and then.
const predictRows = 64

// walker is what one goroutine predicts with.
type walker struct {
	tree   []fork[float32]
	values []float32 // of the columns, of predictRows rows
}

func (f *Forest) newWalker() *walker {
	return &walker{make([]fork[float32], f.inner()), make([]float32, predictRows*f.columns.count)}
}

func (f *Forest) walkerBytes() int64 {
	return 8*int64(f.inner()) + 4*predictRows*int64(f.columns.count)
}

// walkersAtMost is how many goroutines predict at once: no more than threads, nor than memory allows.
func (f *Forest) walkersAtMost() int {
	return max(1, min(f.config.Threads, int(f.config.room()/f.walkerBytes())))
}

// Predict predicts rows, row × Outputs. Blocks of them are shared out among goroutines: no row's bits depend on another one.
func (f *Forest) Predict(rows []int32, out []float32) {
	blocks := (len(rows) + predictRows - 1) / predictRows
	var next atomic.Int64
	var open sync.WaitGroup
	for i := range min(blocks, f.walkersAtMost()) {
		if i == len(f.walkers) {
			f.walkers = append(f.walkers, f.newWalker())
		}
		w := f.walkers[i]
		open.Go(func() { f.predictBlocks(w, &next, rows, out) })
	}
	open.Wait()
}

// predictBlocks takes blocks of rows until none is left.
func (f *Forest) predictBlocks(w *walker, next *atomic.Int64, rows []int32, out []float32) {
	k := f.loss.outputs
	for {
		at := (int(next.Add(1)) - 1) * predictRows
		if at >= len(rows) {
			return
		}
		some := rows[at:min(at+predictRows, len(rows))]
		f.predict(w, some, out[at*k:(at+len(some))*k])
	}
}

// predict predicts at most predictRows rows, each by one tree after another.
func (f *Forest) predict(w *walker, rows []int32, z []float32) {
	k, count, n := f.loss.outputs, f.columns.count, f.inner()
	for i, r := range rows {
		f.columns.fill(&f.data, r, w.values[i*count:(i+1)*count])
		copy(z[i*k:], f.base)
	}
	for tree := range f.standing() * k {
		decode(w.tree, f.feature[tree*n:], f.threshold[tree*n:], count)
		leaves := f.leaf[tree*f.leaves() : (tree+1)*f.leaves()]
		add(w.tree, leaves, w.values[:len(rows)*count], count, z[tree%k:], k)
	}
	for i := range rows {
		f.loss.predict(z[i*k : (i+1)*k])
	}
}
