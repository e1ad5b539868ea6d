package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The fields of the package's type tiles, each of 8 bytes.
const (
	fieldA = 8 * iota
	fieldARows
	fieldAStride
	fieldAStep
	fieldB
	fieldBStride
	fieldC
	fieldCRows
	fieldCStride
	fieldM
	fieldSegments
	fieldSegment
	fieldSegmentJump
	fieldBias
	fieldAt
	fieldAtRows
	fieldAtStride
	fieldAlpha
	fieldFlags
	fieldMask
	fieldMaskBits
	fieldPack
)

// The bits of the field Flags.
const (
	flagAccumulate = 1 << iota
	flagReLU
	flagScale // by Alpha, or add Bias
	flagPlain // no tables
	flagAhead // fetch the next tile's rows of A early
)

// tile is one kernel: rows × vectors registers of sums for a column of C.
type tile struct {
	*generator
	height  int  // rows of sums
	vectors int  // registers across a row of C
	columns bool // A lies column by column: packed in panels, or a transposed operand; else row by row
	masked  bool // the last register is partly outside C
	packing bool // B's rows are copied on the way
	half    bool // the operands' elements are pairs of bfloat16

	args reg.GPVirtual
	walk map[int]operand.Mem // copies of the fields that walk over rows: the garbage collector must not see them past their ends
	sums [][]reg.VecVirtual
	mask reg.Register
}

// shortRows is the height of the tiles for the last rows of C.
const shortRows = 4

// products emits the tiles that the package dispatches to.
func (g *generator) products() {
	g.tileSet(false)
	for _, columns := range []bool{false, true} {
		(&tile{generator: g, height: g.rows, columns: columns, vectors: 2, packing: true}).emit()
	}
}

// tileSet emits the tiles of all heights and widths, of floats or of pairs of bfloat16.
func (g *generator) tileSet(half bool) {
	for _, height := range []int{g.rows, shortRows} {
		for _, columns := range []bool{false, true} {
			for _, width := range []tile{{vectors: 2}, {vectors: 2, masked: true}, {vectors: 1, masked: true}} {
				(&tile{generator: g, height: height, columns: columns, vectors: width.vectors, masked: width.masked, half: half}).emit()
			}
		}
	}
}

// variant is the kernel's name.
func (t *tile) variant() string {
	name := "tiles"
	if t.half {
		name += "Half"
	}
	if t.height < t.rows {
		name += "Short"
	}
	if t.columns {
		name += "Columns"
	} else {
		name += "Rows"
	}
	name += fmt.Sprint(t.vectors)
	switch {
	case t.masked:
		name += "Masked"
	case t.packing:
		name += "Packing"
	}
	return name
}

// field is a field of the argument.
func (t *tile) field(offset int) operand.Mem {
	if m, ok := t.walk[offset]; ok {
		return m
	}
	return mem(t.args, offset)
}

// copyWalkers moves the fields that change to the kernel's own frame.
func (t *tile) copyWalkers() {
	t.walk = map[int]operand.Mem{}
	for _, field := range []int{fieldA, fieldARows, fieldC, fieldCRows, fieldM, fieldAt, fieldAtRows} {
		v, local := t.get(field), t.AllocLocal(8)
		t.MOVQ(v, local)
		t.walk[field] = local
	}
}

// get loads a field.
func (t *tile) get(offset int) reg.GPVirtual {
	r := t.GP64()
	t.MOVQ(t.field(offset), r)
	return r
}

// emit writes the kernel: a loop over tiles of rows.
func (t *tile) emit() {
	doc := fmt.Sprintf("multiplies M rows of A with one panel of B, %d×%d sums at a time.", t.height, t.vectors*t.lanes)
	if t.half {
		doc += " Their elements are pairs of bfloat16."
	}
	if t.packing {
		doc += " It copies the panel's rows to Pack."
	}
	t.function(t.variant(), "func(t *tiles)", doc)
	t.args = t.load("t")
	t.copyWalkers()
	next := t.at("tile")
	t.Label(next)
	t.clear()
	t.prefetch()
	t.accumulate()
	t.epilogue()
	t.advance(next)
	t.VZEROUPPER()
	t.RET()
}

// prefetch asks for the tile's rows of C, which the epilogue will read or write. Missing rows do no harm.
func (t *tile) prefetch() {
	c, stride := t.get(fieldC), t.get(fieldCStride)
	for r := range t.height {
		t.PREFETCHT0(mem(c, 0))
		if r < t.height-1 {
			t.ADDQ(stride, c)
		}
	}
}

// clear makes new sums.
func (t *tile) clear() {
	t.sums = nil
	for range t.height {
		row := t.vecs(t.vectors)
		for _, v := range row {
			t.zero(v)
		}
		t.sums = append(t.sums, row)
	}
}

// accumulate adds up all terms of the tile's sums.
func (t *tile) accumulate() {
	b := t.operandB()
	a := t.operand()
	segments, count := t.get(fieldSegments), t.GP64()

	segment, tail, by1, done := t.at("segment"), t.at("tail"), t.at("one"), t.at("segmentDone")
	t.TESTQ(segments, segments)
	t.jump("zero", done)
	t.Label(segment)
	t.MOVQ(t.field(fieldSegment), count)
	t.SUBQ(imm(4), count)
	t.jump("less", tail)
	if !t.columns && !t.wide && !t.packing && t.height == t.rows { // eight rows leave no register for it
		near := t.at("near")
		t.TESTQ(operand.U32(flagAhead), t.field(fieldFlags))
		t.jump("zero", near)
		t.fours(a, b, count, t.ahead(a))
		t.JMP(operand.LabelRef(tail))
		t.Label(near)
	}
	t.fours(a, b, count, nil)
	t.Label(tail)
	t.ADDQ(imm(4), count)
	next := t.at("next")
	t.jump("zero", next)
	t.Label(by1)
	t.step(a, 0, b)
	b.forward(t, 1)
	a.forward(t, 1)
	t.DECQ(count)
	t.jump("nonzero", by1)
	t.Label(next)
	if !t.columns {
		t.ADDQ(t.field(fieldSegmentJump), a.index)
	}
	t.DECQ(segments)
	t.jump("nonzero", segment)
	t.Label(done)
}

// fours loops over four terms at a time until count is below zero. With ahead, the next tile's rows are fetched early.
func (t *tile) fours(a *pointers, b *panel, count, ahead reg.GPVirtual) {
	loop := t.at("four")
	t.Label(loop)
	for u := range 4 {
		t.step(a, u, b)
	}
	b.forward(t, 4)
	if ahead != nil {
		for _, row := range a.rows {
			t.PREFETCHT0(indexed(row, ahead, 1, 0))
		}
		t.ADDQ(imm(16), ahead)
	}
	a.forward(t, 4)
	t.SUBQ(imm(4), count)
	t.JGE(operand.LabelRef(loop))
}

// ahead is the index of the next tile's rows.
func (t *tile) ahead(a *pointers) reg.GPVirtual {
	next := t.get(fieldAStride)
	t.IMUL3Q(imm(t.height), next, next)
	t.ADDQ(a.index, next)
	return next
}

// step adds the products of one column of A with one row of B.
func (t *tile) step(a *pointers, u int, b *panel) {
	vb := b.load(t, u)
	for r := range t.height {
		x := t.vec()
		t.VBROADCASTSS(a.element(r, u), x)
		for v := range vb {
			if t.half {
				t.addPairs(vb[v], x, t.sums[r][v])
			} else {
				t.VFMADD231PS(vb[v], x, t.sums[r][v])
			}
		}
	}
}

// advance moves the argument to the next tile and loops. The epilogue has moved C and At.
func (t *tile) advance(next string) {
	done, strided := t.at("done"), t.at("strided")
	t.SUBQ(imm(t.height), t.field(fieldM))
	t.jump("less or equal", done)
	stride := t.get(fieldAStride)
	if !t.columns {
		t.IMUL3Q(imm(t.height), stride, stride)
		t.CMPQ(t.field(fieldARows), imm(0))
		t.jump("zero", strided)
		t.ADDQ(imm(8*t.height), t.field(fieldARows))
		t.JMP(operand.LabelRef(next))
		t.Label(strided)
	}
	t.ADDQ(stride, t.field(fieldA))
	t.JMP(operand.LabelRef(next))
	t.Label(done)
}
