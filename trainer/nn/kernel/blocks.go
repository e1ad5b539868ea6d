//go:build amd64 || arm64

package kernel

import "unsafe"

// How a product is cut: panels of C's columns stay in the first cache level with their part of B (kMost × panel),
// blocks of A's rows in the second, and nMost columns of packed B in the third.
const (
	kMost = 320
	mMost = 264
	nMost = 768
)

// packA, packB and packTurned are the floats of a workspace: one block of A, with room for panels of overhang, of B, and a
// piece of a narrow product's transpose, of fewer rows than a panel has columns.
const (
	packA      = (mMost + 32) * kMost
	packB      = nMost * kMost
	packTurned = 32 * turnedColumns
)

// tileSet are the kernels of an instruction set for tiles of rows × columns sums, in registers of lanes.
type tileSet struct {
	rows, lanes, columns int
	// run are the kernels, short those of shortRows rows; packing copy a whole panel of B, without or with A in columns, where
	// there are such kernels.
	run, short kernels
	packing    [2]func(t *tiles)
}

// kernels are chosen by whether A lies in columns, and by the width of C's panel: whole, more than one register, or less.
type kernels [2][3]func(t *tiles)

// shortRows is the height of the tiles for the last rows of C.
const shortRows = 4

// job is a product being computed.
type job struct {
	*Product
	*Workspace
	*tileSet
}

// compute chooses how the product is cut. Every sum is added up in the order of its terms, block after block.
func (j *job) compute() {
	switch {
	case j.narrow():
		j.turned()
	case j.Form == ATB && j.A.Segment > 0 && j.A.Segment < j.M:
		j.bySegment()
	default:
		j.byBlock()
	}
}

// bySegment computes the rows of C that belong to one segment of Aᵀ after the other.
func (j *job) bySegment() {
	for first := 0; first < j.M; first += j.A.Segment {
		part := &j.Workspace.part
		*part = *j.Product
		part.M = min(j.A.Segment, j.M-first)
		part.A.Data = j.A.Data[first/j.A.Segment*j.A.SegmentStride:]
		part.A.Segment = 0
		part.C = j.C.from(first)
		part.Before, part.At = j.Before.from(first), j.At.from(first)
		k := job{Product: part, Workspace: j.Workspace, tileSet: j.tileSet}
		k.byBlock()
	}
}

// from is the matrix without its first rows.
func (m *Matrix) from(rows int) Matrix {
	part := *m
	switch {
	case m.Data == nil:
	case m.Rows != nil:
		part.Rows = m.Rows[rows:]
	default:
		part.Data = m.Data[rows*m.Stride:]
	}
	return part
}

// block is the part of a product that is in work: rows i…i+m, columns n0…n0+n, terms of the span.
type block struct {
	i, m, n0, n int
	span
	last bool // no terms follow
}

// span is a range of terms: k…k+terms, which begin offset floats into a row of A, in segments.
type span struct {
	k, terms, offset  int
	segments, segment int
	jump              int // floats from the end of a segment to the next one
}

// short cuts one long segment into equal short ones: processors foresee the end of a loop of at most about 16 rounds.
func (s span) short() span {
	for segment := 64; segment >= 32; segment -= 4 {
		if s.terms%segment == 0 {
			s.segments, s.segment = s.terms/segment, segment
			return s
		}
	}
	return s
}

func (j *job) byBlock() {
	rows := share(j.M, mMost, j.rows)
	columns := share(j.N, nMost, j.columns)
	for n0 := 0; n0 < j.N; n0 += columns {
		for s := j.span(0); ; s = j.span(s.k + s.terms) {
			b := block{n0: n0, n: min(columns, j.N-n0), span: s, last: s.k+s.terms >= j.K}
			for b.i = 0; b.i < j.M; b.i += rows {
				b.m = min(rows, j.M-b.i)
				j.panels(&b)
			}
			if b.last {
				break
			}
		}
	}
}

// share cuts a total into equal parts, multiples of unit, of at most about most.
func share(total, most, unit int) int {
	parts := max(1, (total+most-1)/most)
	return ((total+parts-1)/parts + unit - 1) / unit * unit
}

// span is the range of terms that begins at k.
func (j *job) span(k int) span {
	segment := j.A.Segment
	if segment == 0 || segment >= j.K || j.Form == ATB {
		n := min(share(j.K, kMost, 8), j.K-k)
		return span{k: k, terms: n, offset: k, segments: 1, segment: n}.short()
	}
	offset := k/segment*j.A.SegmentStride + k%segment
	if segment > kMost {
		n := min(share(segment, kMost, 8), segment-k%segment)
		return span{k: k, terms: n, offset: offset, segments: 1, segment: n}.short()
	}
	n := min(share(j.K/segment, kMost/segment, 1), (j.K-k)/segment)
	return span{k: k, terms: n * segment, offset: offset, segments: n, segment: segment, jump: j.A.SegmentStride - segment}
}

// panels computes a block, panel after panel of C's columns.
func (j *job) panels(b *block) {
	t, operand := &j.Workspace.tiles, tiles{}
	j.operandA(&operand, b)
	for at := 0; at < b.n; at += j.columns {
		*t = operand
		width := min(j.columns, b.n-at)
		j.operandB(t, b, at, width)
		j.result(t, b, b.n0+at)
		j.multiply(t, width)
	}
	if b.last {
		j.finish(b)
	}
}

// operandA says where the block's part of A is, packing it where that pays.
func (j *job) operandA(t *tiles, b *block) {
	t.segments, t.segment, t.segmentJump = b.segments, b.segment, 4*b.jump
	if b.terms == 0 {
		t.segments = 0
		return
	}
	if j.packs(b) {
		j.packA(b)
		t.a, t.aStep, t.aStride = &j.a[0], 4*j.rows, 4*j.rows*b.terms
		return
	}
	if j.Form == ATB {
		t.a, t.aStep, t.aStride = &j.A.Data[b.k*j.A.Stride+b.i], 4*j.A.Stride, 4*j.rows
		return
	}
	t.a, t.aStride = &j.A.Data[b.offset], 4*j.A.Stride
	if j.A.Rows != nil {
		t.aRows = &j.A.Rows[b.i]
		return
	}
	t.a = &j.A.Data[b.i*j.A.Stride+b.offset]
}

// packs tells whether the block's part of A is copied into panels. The answer depends on shapes alone.
func (j *job) packs(b *block) bool {
	if j.Form == ATB {
		return j.A.Rows != nil || b.m%j.rows != 0 || b.n > 2*j.columns
	}
	return j.A.Rows == nil && j.A.Segment == 0 && b.n > 16*j.columns
}

// operandB says where the panel's part of B is; B is packed when the first rows of C meet it, by their tiles if they can.
func (j *job) operandB(t *tiles, b *block, at, width int) {
	if b.terms == 0 {
		return
	}
	if !j.packsB(b.m) && width == j.columns {
		t.b, t.bStride = &j.B.Data[b.k*j.B.Stride+b.n0+at], 4*j.B.Stride
		return
	}
	panel := j.Workspace.b[at*b.terms:]
	switch {
	case b.i == 0 && j.packsOnTheWay(width):
		t.b, t.bStride, t.pack = &j.B.Data[b.k*j.B.Stride+b.n0+at], 4*j.B.Stride, &panel[0]
		return
	case b.i == 0:
		j.packB(panel, b, b.n0+at, width)
	}
	t.b, t.bStride = &panel[0], 4*j.columns
}

// packsOnTheWay tells whether the first tiles copy a panel of B while they multiply.
func (j *job) packsOnTheWay(width int) bool {
	return j.packing[0] != nil && j.Form != ABT && j.B.Rows == nil && width == j.columns
}

// packsB tells whether B is packed for blocks of so many rows, apart from a panel that is not whole.
func (j *job) packsB(rows int) bool { return j.Form == ABT || j.B.Rows != nil || rows >= 4*j.rows }

// result says where the panel's sums go.
func (j *job) result(t *tiles, b *block, column int) {
	t.m, t.alpha = b.m, j.alpha()
	t.c, t.cRows, t.cStride = place(&j.C, b.i, column)
	if j.C.Rows == nil {
		t.flags = flagPlain
	}
	if j.A.Rows == nil && j.A.Segment == 0 {
		t.flags |= flagAhead
	}
	if t.alpha != 1 {
		t.flags |= flagScale
	}
	if j.Accumulate || b.k > 0 {
		t.flags |= flagAccumulate
	}
	if !b.last {
		return
	}
	if j.Bias != nil {
		t.bias = &j.Bias[column]
		t.flags |= flagScale
	}
	if j.Before.Data != nil {
		return
	}
	if j.Activation == ReLU {
		t.flags |= flagReLU
	}
	if j.masks() {
		t.at, t.atRows, t.atStride = place(&j.At, b.i, column)
		if j.At.Rows != nil {
			t.flags &^= flagPlain
		}
	}
}

// masks tells whether the tiles apply the gradient's mask.
func (j *job) masks() bool {
	return j.At.Data != nil && j.Gradient == ReLU && j.Before.Data == nil && (j.Activation == Identity || j.Activation == ReLU)
}

// finish does what the tiles have left of the epilogue, on rows that are still in the second cache level.
func (j *job) finish(b *block) {
	activate := j.Activation != Identity && (j.Activation != ReLU || j.Before.Data != nil)
	mask := j.At.Data != nil && !j.masks()
	if !activate && !mask && j.Before.Data == nil {
		return
	}
	for i := b.i; i < b.i+b.m; i++ {
		c := j.C.slice(i, j.N)[b.n0 : b.n0+b.n]
		if j.Before.Data != nil {
			copy(j.Before.slice(i, j.N)[b.n0:], c)
		}
		if activate {
			Activate(j.Activation, c, c)
		}
		if mask {
			ActivateGrad(j.Gradient, c, c, j.At.slice(i, j.N)[b.n0:b.n0+b.n])
		}
	}
}

// place is the address of element (i, column) for a walk over rows: with a table, the walk adds its offsets.
func place(m *Matrix, i, column int) (*float32, *int, int) {
	if m.Rows != nil {
		return (*float32)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(m.Data)), 4*column)), &m.Rows[i], 0
	}
	return &m.Data[i*m.Stride+column], nil, 4 * m.Stride
}

// multiply runs the kernels for a panel of the given width.
func (j *job) multiply(t *tiles, width int) {
	lanes := width % j.lanes
	if width > 0 && lanes == 0 {
		lanes = j.lanes
	}
	t.mask = &laneMasks[8-min(lanes, 8)]
	t.maskBits = 1<<lanes - 1
	layout, cut := 0, 0
	if t.aStep != 0 {
		layout = 1
	}
	if t.pack != nil {
		j.multiplyPacking(t, layout)
	}
	if width <= j.lanes {
		cut = 2
	} else if width < j.columns {
		cut = 1
	}
	rest := j.rest(t)
	if t.m -= rest; t.m > 0 {
		j.run[layout][cut](t)
	}
	if rest > 0 {
		t.skip(j.tileSet)
		t.m = rest
		j.short[layout][cut](t)
	}
}

// multiplyPacking computes the first tile, such that the panel is packed for the others.
func (j *job) multiplyPacking(t *tiles, layout int) {
	m := t.m
	t.m = j.rows
	j.packing[layout](t)
	t.skip(j.tileSet)
	t.m = m - j.rows
	t.b, t.bStride = t.pack, 4*j.columns
}

// rest is how many of the panel's last rows go to short tiles, such that the fewest rows are computed for nothing. Of columns,
// whose rows lie in panels of a whole tile, that is at most one.
func (j *job) rest(t *tiles) int {
	rest := t.m % j.rows
	switch {
	case t.aStep == 0 && rest > 0 && j.rows+rest <= 2*shortRows && t.m >= j.rows:
		return j.rows + rest
	case rest <= shortRows:
		return rest
	}
	return 0
}

// skip moves on to the rows after the t.m first ones, whole tiles.
func (t *tiles) skip(set *tileSet) {
	if t.aStep != 0 {
		t.a = offset(t.a, t.m/set.rows*t.aStride/4)
	} else {
		skipRows(&t.a, &t.aRows, t.m, t.aStride)
	}
	skipRows(&t.c, &t.cRows, t.m, t.cStride)
	if t.at != nil {
		skipRows(&t.at, &t.atRows, t.m, t.atStride)
	}
}

// skipRows moves to the row n further: by the table, or by the stride, in bytes.
func skipRows(base **float32, table **int, n, stride int) {
	if *table != nil {
		*table = (*int)(unsafe.Add(unsafe.Pointer(*table), 8*n))
		return
	}
	*base = offset(*base, n*stride/4)
}

// laneMasks hold, from element 8-n on, a mask of n lanes.
var laneMasks = [16]int32{-1, -1, -1, -1, -1, -1, -1, -1}
