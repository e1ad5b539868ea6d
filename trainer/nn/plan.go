package nn

import (
	"cmp"
	"slices"
)

// align is the granularity of buffers in floats: one cache line.
const align = 16

func aligned(n int) int { return (n + align - 1) &^ (align - 1) }

// buffer is a piece of a worker's arena that lives from one instruction to another, both included.
type buffer struct {
	perRow, fixed int // floats for each of the worker's rows, and besides
	first, last   int
	floats        int // altogether, for the rows that it was placed for
	offset        int
}

func (b *buffer) meets(o *buffer) bool { return b.first <= o.last && o.first <= b.last }

// touch extends the buffer's life to an instruction.
func (b *buffer) touch(t int) {
	b.first, b.last = min(b.first, t), max(b.last, t)
}

// in is the buffer's memory.
func (b *buffer) in(arena []float32) []float32 {
	return arena[b.offset : b.offset+b.floats : b.offset+b.floats]
}

// placeAll gives every buffer its size for a number of rows and an offset, such that buffers which live at the same
// time do not overlap: the largest first, each at the lowest place. It returns the arena's size.
func placeAll(buffers []*buffer, rows int) int {
	for _, b := range buffers {
		b.floats = b.perRow*rows + b.fixed
	}
	order := slices.Clone(buffers)
	slices.SortStableFunc(order, func(a, b *buffer) int { return cmp.Compare(b.floats, a.floats) })
	size := 0
	var placed []*buffer // by offset
	for _, b := range order {
		b.offset = 0
		for _, o := range placed {
			if b.meets(o) && b.offset < o.offset+aligned(o.floats) && o.offset < b.offset+aligned(b.floats) {
				b.offset = o.offset + aligned(o.floats)
			}
		}
		at, _ := slices.BinarySearchFunc(placed, b, func(x, y *buffer) int { return cmp.Compare(x.offset, y.offset) })
		placed = slices.Insert(placed, at, b)
		size = max(size, b.offset+aligned(b.floats))
	}
	return size
}
