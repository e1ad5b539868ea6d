package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// notLessOrEqual is VCMPPS's predicate that is true for NaN too.
const notLessOrEqual = 6

// epilogue turns sums into C: whole tiles of evenly spaced rows take a straight way, others go row by row.
func (t *tile) epilogue() {
	t.loadMask()
	t.scale()
	flags, m := t.get(fieldFlags), t.get(fieldM)
	slow, finished := t.at("rowByRow"), t.at("finished")
	t.TESTQ(operand.U32(flagPlain), flags)
	t.jump("zero", slow)
	t.CMPQ(m, imm(t.height))
	t.jump("less", slow)
	t.plain(flags)
	t.JMP(operand.LabelRef(finished))
	t.Label(slow)
	t.rowByRow(flags, m, finished)
	t.Label(finished)
}

// plain stores a whole tile.
func (t *tile) plain(flags reg.GPVirtual) {
	c, zero := t.spaced(fieldC, fieldCStride), t.vec()
	t.zero(zero)
	t.when(flags, flagAccumulate, func() {
		t.each(func(r, v int, s reg.VecVirtual) {
			old := t.vec()
			t.fetch(c.place(r, v), old, v)
			t.VADDPS(old, s, s)
		})
	})
	t.when(flags, flagReLU, func() {
		t.each(func(_, _ int, s reg.VecVirtual) { t.VMAXPS(s, zero, s) })
	})
	t.maskAll(zero)
	t.each(func(r, v int, s reg.VecVirtual) { t.put(s, c.place(r, v), v) })
	c.save(fieldC)
}

// maskAll zeroes sums where At is not above zero, if there is an At.
func (t *tile) maskAll(zero reg.VecVirtual) {
	none := t.at("noAt")
	t.CMPQ(t.field(fieldAt), imm(0))
	t.jump("zero", none)
	at := t.spaced(fieldAt, fieldAtStride)
	t.each(func(r, v int, s reg.VecVirtual) { t.keepPositive(s, at.place(r, v), v, zero) })
	at.save(fieldAt)
	t.Label(none)
}

// keepPositive zeroes sums where At is not above zero.
func (t *tile) keepPositive(s reg.VecVirtual, at operand.Mem, v int, zero reg.VecVirtual) {
	x := t.vec()
	t.fetch(at, x, v)
	if t.wide {
		k := t.K()
		t.VCMPPS(imm(notLessOrEqual), zero, x, k)
		t.VMOVAPS_Z(s, k, s)
		return
	}
	t.VCMPPS(imm(notLessOrEqual), zero, x, x)
	t.VANDPS(x, s, s)
}

// spaced are the rows of a tile at equal distances.
type spaced struct {
	*tile
	first, fifth, stride, stride3 reg.GPVirtual
}

func (t *tile) spaced(base, stride int) *spaced {
	s := &spaced{t, t.get(base), t.GP64(), t.get(stride), t.GP64()}
	t.LEAQ(indexed(s.stride, s.stride, 2, 0), s.stride3)
	t.LEAQ(indexed(s.first, s.stride, 4, 0), s.fifth)
	return s
}

// place is register v of row r.
func (s *spaced) place(r, v int) operand.Mem {
	base := s.first
	if r >= 4 {
		base, r = s.fifth, r-4
	}
	m := multiple(base, s.stride, s.stride3, r)
	m.Disp = v * s.bytes()
	return m
}

// save moves the argument on by one tile.
func (s *spaced) save(field int) {
	if s.height > 4 {
		s.LEAQ(indexed(s.fifth, s.stride, uint8(s.height-4), 0), s.fifth)
	}
	s.MOVQ(s.fifth, s.field(field))
}

// each visits all sums.
func (t *tile) each(visit func(r, v int, s reg.VecVirtual)) {
	for r, row := range t.sums {
		for v, s := range row {
			visit(r, v, s)
		}
	}
}

// rowByRow stores any tile.
func (t *tile) rowByRow(flags, m reg.GPVirtual, finished string) {
	c := t.cursor(fieldC, fieldCRows, fieldCStride)
	at := t.cursor(fieldAt, fieldAtRows, fieldAtStride)
	zero := t.vec()
	t.zero(zero)
	for r := range t.height {
		row := c.row(r)
		t.when(flags, flagAccumulate, func() { t.addRow(r, row) })
		t.when(flags, flagReLU, func() {
			for _, s := range t.sums[r] {
				t.VMAXPS(s, zero, s)
			}
		})
		t.maskRow(r, at, zero)
		for v, s := range t.sums[r] {
			t.put(s, mem(row, v*t.bytes()), v)
		}
		if r < t.height-1 {
			t.CMPQ(m, imm(r+1))
			t.jump("zero", finished)
		}
	}
	c.save()
	at.save()
}

// scale computes Alpha * sum + Bias, where there is any of them.
func (t *tile) scale() {
	flags, none := t.get(fieldFlags), t.at("unscaled")
	t.TESTQ(operand.U32(flagScale), flags)
	t.jump("zero", none)
	alpha, bias := t.vec(), t.vecs(t.vectors)
	for _, b := range bias {
		t.zero(b)
	}
	pointer, noBias := t.get(fieldBias), t.at("noBias")
	t.TESTQ(pointer, pointer)
	t.jump("zero", noBias)
	for v, b := range bias {
		t.fetch(mem(pointer, v*t.bytes()), b, v)
	}
	t.Label(noBias)
	t.VBROADCASTSS(t.field(fieldAlpha), alpha)
	t.each(func(_, v int, s reg.VecVirtual) { t.VFMADD213PS(bias[v], alpha, s) })
	t.Label(none)
}

// addRow adds what C held.
func (t *tile) addRow(r int, row reg.GPVirtual) {
	for v, s := range t.sums[r] {
		old := t.vec()
		t.fetch(mem(row, v*t.bytes()), old, v)
		t.VADDPS(old, s, s)
	}
}

// maskRow zeroes sums where At is not above zero, if there is an At.
func (t *tile) maskRow(r int, at *cursor, zero reg.VecVirtual) {
	none := t.at("noAt")
	t.TESTQ(at.base, at.base)
	t.jump("zero", none)
	row := at.row(r)
	for v, s := range t.sums[r] {
		t.keepPositive(s, mem(row, v*t.bytes()), v, zero)
	}
	t.Label(none)
}

// when runs a block if a flag is set.
func (t *tile) when(flags reg.GPVirtual, bit int, block func()) {
	skip := t.at("skip")
	t.TESTQ(operand.U32(bit), flags)
	t.jump("zero", skip)
	block()
	t.Label(skip)
}

// loadMask fetches the mask of the last register.
func (t *tile) loadMask() {
	if !t.masked {
		return
	}
	if t.wide {
		k, r := t.K(), t.get(fieldMaskBits)
		t.KMOVW(r.As32(), k)
		t.mask = k
		return
	}
	v := t.vec()
	t.VMOVUPS(mem(t.get(fieldMask), 0), v)
	t.mask = v
}

// fetch loads a register of a row; what lies outside C is neither read nor written.
func (t *tile) fetch(from operand.Mem, to reg.VecVirtual, v int) {
	switch {
	case !t.masked || v < t.vectors-1:
		t.VMOVUPS(from, to)
	case t.wide:
		t.VMOVUPS_Z(from, t.mask, to)
	default:
		t.VMASKMOVPS(from, t.mask, to)
	}
}

// put stores a register of a row.
func (t *tile) put(from reg.VecVirtual, to operand.Mem, v int) {
	switch {
	case !t.masked || v < t.vectors-1:
		t.VMOVUPS(from, to)
	case t.wide:
		t.VMOVUPS(from, t.mask, to)
	default:
		t.VMASKMOVPS(from, t.mask, to)
	}
}

// cursor walks over the rows of C or At.
type cursor struct {
	*tile
	base, table, stride reg.GPVirtual
	fieldBase, fieldRow int
}

func (t *tile) cursor(base, rows, stride int) *cursor {
	return &cursor{t, t.get(base), t.get(rows), t.get(stride), base, rows}
}

// row is the address of row r; rows are asked for in order.
func (c *cursor) row(r int) reg.GPVirtual {
	row, strided, ready := c.GP64(), c.at("strided"), c.at("ready")
	c.TESTQ(c.table, c.table)
	c.jump("zero", strided)
	c.MOVQ(mem(c.table, 8*r), row)
	c.LEAQ(indexed(c.base, row, 4, 0), row)
	c.JMP(operand.LabelRef(ready))
	c.Label(strided)
	c.MOVQ(c.base, row)
	c.ADDQ(c.stride, c.base)
	c.Label(ready)
	return row
}

// save moves the argument on by one tile.
func (c *cursor) save() {
	none := c.at("noTable")
	c.MOVQ(c.base, c.field(c.fieldBase))
	c.TESTQ(c.table, c.table)
	c.jump("zero", none)
	c.ADDQ(imm(8*c.height), c.field(c.fieldRow))
	c.Label(none)
}
