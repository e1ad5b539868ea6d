package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pointers say where the tile's part of A is. Rows need a pointer each and share an index; columns need one pointer.
type pointers struct {
	rows        []reg.GPVirtual
	index       reg.GPVirtual // of rows, in bytes
	step, step3 reg.GPVirtual // from column to column, in bytes
}

// operand finds the tile's rows of A; rows below the last stand in for missing ones.
func (t *tile) operand() *pointers {
	if t.columns {
		p := &pointers{rows: []reg.GPVirtual{t.get(fieldA)}, step: t.get(fieldAStep), step3: t.GP64()}
		t.LEAQ(indexed(p.step, p.step, 2, 0), p.step3)
		return p
	}
	p := &pointers{index: t.GP64()}
	m, table, stride := t.get(fieldM), t.get(fieldARows), t.get(fieldAStride)
	for range t.height {
		p.rows = append(p.rows, t.GP64())
	}
	few, strided, ready := t.at("few"), t.at("strided"), t.at("ready")
	t.CMPQ(m, imm(t.height))
	t.jump("less", few)
	t.TESTQ(table, table)
	t.jump("nonzero", few)
	t.MOVQ(t.field(fieldA), p.rows[0])
	for r := 1; r < t.height; r++ {
		t.LEAQ(indexed(p.rows[r-1], stride, 1, 0), p.rows[r])
	}
	t.JMP(operand.LabelRef(ready))
	t.Label(few)
	t.TESTQ(table, table)
	t.jump("zero", strided)
	t.tablePointers(p.rows, table, m)
	t.JMP(operand.LabelRef(ready))
	t.Label(strided)
	t.stridedPointers(p.rows, stride, m)
	t.Label(ready)
	t.XORQ(p.index, p.index)
	return p
}

// tablePointers reads row offsets, in floats, from a table.
func (t *tile) tablePointers(rows []reg.GPVirtual, table, m reg.GPVirtual) {
	base, last := t.get(fieldA), t.GP64()
	for r, row := range rows {
		if r == 0 {
			t.MOVQ(mem(table, 0), row)
		} else {
			t.MOVQ(operand.U32(r), last)
			t.CMPQ(m, imm(r+1))
			inside := t.at("inside")
			t.JGE(operand.LabelRef(inside))
			t.LEAQ(mem(m, -1), last)
			t.Label(inside)
			t.MOVQ(indexed(table, last, 8, 0), row)
		}
		t.LEAQ(indexed(base, row, 4, 0), row)
	}
}

// stridedPointers adds up the stride.
func (t *tile) stridedPointers(rows []reg.GPVirtual, stride, m reg.GPVirtual) {
	zero := t.GP64()
	t.XORQ(zero, zero)
	t.MOVQ(t.field(fieldA), rows[0])
	for r := 1; r < len(rows); r++ {
		t.CMPQ(m, imm(r))
		t.CMOVQLE(zero, stride)
		t.LEAQ(indexed(rows[r-1], stride, 1, 0), rows[r])
	}
}

// element is A's element of row r, u < 4 columns on.
func (p *pointers) element(r, u int) operand.Mem {
	if p.index != nil {
		return indexed(p.rows[r], p.index, 1, 4*u)
	}
	m := multiple(p.rows[0], p.step, p.step3, u)
	m.Disp = 4 * r
	return m
}

// forward moves n columns on, 1 or 4.
func (p *pointers) forward(t *tile, n int) {
	if p.index != nil {
		t.ADDQ(imm(4*n), p.index)
		return
	}
	t.LEAQ(indexed(p.rows[0], p.step, uint8(n), 0), p.rows[0])
}

// panel says where the part of B is. While it is copied it has no registers to reach several rows at once.
type panel struct {
	row, stride, stride3 reg.GPVirtual
	pack                 reg.GPVirtual // where row goes, or nil
}

// operandB finds the tile's panel of B.
func (t *tile) operandB() *panel {
	p := &panel{row: t.get(fieldB), stride: t.get(fieldBStride)}
	if t.packing {
		p.pack = t.get(fieldPack)
		return p
	}
	p.stride3 = t.GP64()
	t.LEAQ(indexed(p.stride, p.stride, 2, 0), p.stride3)
	return p
}

// load reads the row u < 4 rows on. Copying moves on by itself, and asks early for what lies a stride apart.
func (p *panel) load(t *tile, u int) []reg.VecVirtual {
	vb := t.vecs(t.vectors)
	from := mem(p.row, 0)
	if p.pack == nil {
		from = multiple(p.row, p.stride, p.stride3, u)
	}
	for v := range vb {
		m := from
		m.Disp += v * t.bytes()
		t.VMOVUPS(m, vb[v])
		if p.pack != nil {
			t.VMOVUPS(vb[v], mem(p.pack, (u*t.vectors+v)*t.bytes()))
		}
	}
	if p.pack != nil {
		for at := 0; at < t.vectors*t.bytes(); at += 64 {
			t.PREFETCHT0(indexed(p.row, p.stride, 8, at))
		}
		t.ADDQ(p.stride, p.row)
	}
	return vb
}

// forward moves n rows on, 1 or 4.
func (p *panel) forward(t *tile, n int) {
	if p.pack != nil {
		t.ADDQ(imm(n*t.vectors*t.bytes()), p.pack)
		return
	}
	t.LEAQ(indexed(p.row, p.stride, uint8(n), 0), p.row)
}

// multiple is base + n*stride for n < 4; stride3 is 3*stride.
func multiple(base, stride, stride3 reg.Register, n int) operand.Mem {
	return []operand.Mem{mem(base, 0), indexed(base, stride, 1, 0), indexed(base, stride, 2, 0), indexed(base, stride3, 1, 0)}[n]
}
