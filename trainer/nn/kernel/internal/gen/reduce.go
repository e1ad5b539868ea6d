package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// reductions emits sums over arrays and over columns.
func (g *generator) reductions() {
	g.reduce("sum", "x", "", "is Sum", func(s, a, _ vec) { g.VADDPS(a, s, s) })
	g.reduce("sumSquares", "x", "", "is SumSquares", func(s, a, _ vec) { g.VFMADD231PS(a, a, s) })
	g.reduce("dot", "a", "b", "is Dot", func(s, a, b vec) { g.VFMADD231PS(a, b, s) })
	g.addSquares()
	g.columnSums()
	g.rowExp()
}

// reduce emits a sum of n = 32·blocks terms in four registers.
func (g *generator) reduce(name, first, second, doc string, step func(s, a, b vec)) {
	signature := "func(" + first + " *float32, blocks int) float32"
	if second != "" {
		signature = "func(" + first + ", " + second + " *float32, blocks int) float32"
	}
	g.function(name, signature, doc+" of 32·blocks elements, in float32; blocks > 0.")
	a, b := g.load(first), reg.GPVirtual(nil)
	if second != "" {
		b = g.load(second)
	}
	blocks, sums, loop := g.load("blocks"), g.zeros(4), g.at("loop")
	g.Label(loop)
	for i, s := range sums {
		x, y := g.vec(), vec(nil)
		g.VMOVUPS(mem(a, 32*i), x)
		if b != nil {
			y = g.vec()
			g.VMOVUPS(mem(b, 32*i), y)
		}
		step(s, x, y)
	}
	g.ADDQ(imm(128), a)
	if b != nil {
		g.ADDQ(imm(128), b)
	}
	g.DECQ(blocks)
	g.jump("nonzero", loop)
	g.returnSum(sums)
}

// zeros are n cleared registers.
func (g *generator) zeros(n int) []vec {
	v := g.vecs(n)
	for _, r := range v {
		g.zero(r)
	}
	return v
}

// returnSum returns the sum of four registers.
func (g *generator) returnSum(s []vec) {
	g.VADDPS(s[1], s[0], s[0])
	g.VADDPS(s[3], s[2], s[2])
	g.VADDPS(s[2], s[0], s[0])
	x := g.across(s[0], g.VADDPS)
	g.VZEROUPPER()
	g.Store(x, g.ReturnIndex(0))
	g.RET()
}

// across combines a register's lanes into the lowest.
func (g *generator) across(v vec, op binary) reg.VecVirtual {
	x, y := g.XMM(), g.XMM()
	g.VEXTRACTF128(imm(1), v, x)
	g.VEXTRACTF128(imm(0), v, y)
	op(y, x, x)
	g.VPERMILPS(imm(0x0e), x, y)
	op(y, x, x)
	g.VPERMILPS(imm(0x01), x, y)
	op(y, x, x)
	return x
}

// addSquares emits the sum of two gradients with its norm.
func (g *generator) addSquares() {
	g.function("addSquares", "func(dst, a, b *float32, blocks int) float32", "is AddSquares of 32·blocks elements; blocks > 0.")
	dst, a, b, blocks := g.load("dst"), g.load("a"), g.load("b"), g.load("blocks")
	sums, loop := g.zeros(4), g.at("loop")
	g.Label(loop)
	for i, s := range sums {
		x := g.vec()
		g.VMOVUPS(mem(a, 32*i), x)
		g.VADDPS(mem(b, 32*i), x, x)
		g.VMOVUPS(x, mem(dst, 32*i))
		g.VFMADD231PS(x, x, s)
	}
	for _, p := range []reg.GPVirtual{dst, a, b} {
		g.ADDQ(imm(128), p)
	}
	g.DECQ(blocks)
	g.jump("nonzero", loop)
	g.returnSum(sums)
}

// columnSums emits the sums of 32 columns, in registers from first to last row.
func (g *generator) columnSums() {
	g.function("columnSums32", "func(sums, x *float32, rows, stride int)", "adds the sums of 32 columns; rows > 0, stride in bytes.")
	sums, x, rows, stride := g.load("sums"), g.load("x"), g.load("rows"), g.load("stride")
	s, loop := g.vecs(4), g.at("loop")
	for i, v := range s {
		g.VMOVUPS(mem(sums, 32*i), v)
	}
	g.Label(loop)
	for i, v := range s {
		g.VADDPS(mem(x, 32*i), v, v)
	}
	g.ADDQ(stride, x)
	g.DECQ(rows)
	g.jump("nonzero", loop)
	for i, v := range s {
		g.VMOVUPS(v, mem(sums, 32*i))
	}
	g.VZEROUPPER()
	g.RET()
}

// rowExp emits a softmax row's maximum, exponentials and their sum.
func (g *generator) rowExp() {
	g.function("rowExp", "func(dst, z *float32, n int) (top, total float32)",
		"stores exp(z - top), with top the greatest of n > 0 logits, and returns top and the sum.")
	dst, z, n := g.load("dst"), g.load("z"), g.load("n")
	top := g.set(math.Inf(-1))
	g.eachVector(n, func(index reg.GPVirtual, mask vec) {
		v := g.vec()
		g.fetch(indexed(z, index, 1, 0), v, mask)
		if mask != nil {
			v = g.choose(mask, v, g.set(math.Inf(-1)))
		}
		g.VMAXPS(top, v, top)
	})
	high := g.across(top, g.VMAXPS)
	g.Store(high, g.Return("top"))
	g.VBROADCASTSS(high, top)
	total := g.zeros(1)[0]
	g.eachVector(n, func(index reg.GPVirtual, mask vec) {
		v := g.vec()
		g.fetch(indexed(z, index, 1, 0), v, mask)
		e := g.exp(g.sub(top, v))
		g.store(e, indexed(dst, index, 1, 0), mask)
		if mask != nil {
			g.VANDPS(mask, e, e)
		}
		g.VADDPS(e, total, total)
	})
	sum := g.across(total, g.VADDPS)
	g.VZEROUPPER()
	g.Store(sum, g.Return("total"))
	g.RET()
}

// eachVector emits a loop over n elements with a masked rest.
func (g *generator) eachVector(n reg.GPVirtual, body func(index reg.GPVirtual, mask vec)) {
	index := g.GP64()
	g.XORQ(index, index)
	g.eachFrom(index, n, func(mask vec) { body(index, mask) })
}

// eachFrom emits the loop over the n elements from an index, in bytes, on.
func (g *generator) eachFrom(index, n reg.GPVirtual, body func(mask vec)) {
	left := g.GP64()
	next, rest, done := g.at("next"), g.at("rest"), g.at("done")
	g.MOVQ(n, left)
	g.SUBQ(imm(g.lanes), left)
	g.jump("less", rest)
	g.Label(next)
	body(nil)
	g.ADDQ(imm(4*g.lanes), index)
	g.SUBQ(imm(g.lanes), left)
	g.JGE(operand.LabelRef(next))
	g.Label(rest)
	g.ADDQ(imm(g.lanes), left)
	g.jump("zero", done)
	body(g.restMask(left))
	g.Label(done)
}
