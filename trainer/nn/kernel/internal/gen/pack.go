package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// packers emit the loops that copy operands into panels.
func (g *generator) packers() {
	for _, width := range []int{16, 8} {
		g.packRows(packer{
			name: fmt.Sprintf("packRows%d", width), width: width,
			row: func(dst reg.GPVirtual, src operand.Mem) { g.copyFloats(dst, src, width) },
		})
	}
	g.packRows(g.quad())
	g.transposePanel(16)
	g.transposePanel(8)
	g.transposePanel(6)
}

// packer copies rows one by one.
type packer struct {
	name  string
	width int    // floats a row
	last  string // one more argument
	doc   string
	begin func()
	row   func(dst reg.GPVirtual, src operand.Mem)
}

// packRows emits a loop over k rows of a matrix.
func (g *generator) packRows(p packer) {
	signature, doc := "func(dst, src *float32, rows *int, stride, k, pitch int)", []string{
		fmt.Sprintf("copies k > 0 rows of %d floats to places pitch bytes apart. Row i begins rows[i] floats into src,", p.width),
		"or, when rows is nil, i*stride bytes.",
	}
	if p.last != "" {
		signature = signature[:len(signature)-1] + ", " + p.last + ")"
		doc[1] += " " + p.doc
	}
	g.function(p.name, signature, doc...)
	dst, src, rows, stride := g.load("dst"), g.load("src"), g.load("rows"), g.load("stride")
	k, pitch := g.load("k"), g.load("pitch")
	if p.begin != nil {
		p.begin()
	}
	table, strided, done := g.at("table"), g.at("strided"), g.at("done")
	g.TESTQ(rows, rows)
	g.jump("zero", strided)
	g.Label(table)
	offset := g.GP64()
	g.MOVQ(mem(rows, 0), offset)
	p.row(dst, indexed(src, offset, 4, 0))
	g.ADDQ(imm(8), rows)
	g.ADDQ(pitch, dst)
	g.DECQ(k)
	g.jump("nonzero", table)
	g.JMP(operand.LabelRef(done))
	g.Label(strided)
	p.row(dst, mem(src, 0))
	g.ADDQ(stride, src)
	g.ADDQ(pitch, dst)
	g.DECQ(k)
	g.jump("nonzero", strided)
	g.Label(done)
	g.VZEROUPPER()
	g.RET()
}

// copyFloats copies n floats, a multiple of 8.
func (g *generator) copyFloats(dst reg.GPVirtual, src operand.Mem, n int) {
	for i, v := range g.vecs(n / 8) {
		from := src
		from.Disp += 32 * i
		g.VMOVUPS(from, v)
		g.VMOVUPS(v, mem(dst, 32*i))
	}
}

// quad copies 24 floats to four panels, 6 to each.
func (g *generator) quad() packer {
	var once, thrice reg.GPVirtual
	return packer{
		name: "packQuad6", width: 24, last: "panel int", doc: "They go to four panels, panel bytes apart, 6 floats to each.",
		begin: func() {
			once, thrice = g.load("panel"), g.GP64()
			g.LEAQ(indexed(once, once, 2, 0), thrice)
		},
		row: func(dst reg.GPVirtual, src operand.Mem) {
			for i := range 4 {
				to := multiple(dst, once, thrice, i)
				four, two, from := g.XMM(), g.XMM(), src
				from.Disp += 24 * i
				g.VMOVUPS(from, four)
				from.Disp += 16
				g.VMOVSD(from, two)
				g.VMOVUPS(four, to)
				to.Disp += 16
				g.VMOVSD(two, to)
			}
		},
	}
}

// transposePanel turns rows into a panel.
func (g *generator) transposePanel(width int) {
	g.function(fmt.Sprintf("transpose%d", width), "func(dst, src *float32, stride, blocks, pitch int)",
		fmt.Sprintf("writes the transpose of %d rows of 8·blocks floats, blocks > 0, that lie stride bytes", width),
		"apart: 8·blocks rows, pitch bytes apart. Width 6 writes 8 bytes past its last row's end.")
	dst, src, stride, blocks, pitch := g.load("dst"), g.load("src"), g.load("stride"), g.load("blocks"), g.load("pitch")
	stride3, half := g.GP64(), g.GP64()
	g.LEAQ(indexed(stride, stride, 2, 0), stride3)
	g.LEAQ(indexed(src, stride, 8, 0), half)
	loop, to := g.at("loop"), g.GP64()
	g.Label(loop)
	for part := 0; part < width; part += 8 {
		base := src
		if part > 0 {
			base = half
		}
		g.MOVQ(dst, to)
		for _, v := range g.transpose8(base, stride, stride3, min(8, width-part)) {
			g.VMOVUPS(v, mem(to, 4*part))
			g.ADDQ(pitch, to)
		}
	}
	g.MOVQ(to, dst)
	g.ADDQ(imm(32), src)
	g.ADDQ(imm(32), half)
	g.DECQ(blocks)
	g.jump("nonzero", loop)
	g.VZEROUPPER()
	g.RET()
}

// transpose8 loads n ≤ 8 rows of 8 floats and transposes them; missing rows hold anything.
func (g *generator) transpose8(base, stride, stride3 reg.GPVirtual, n int) []reg.VecVirtual {
	fifth := g.GP64()
	g.LEAQ(indexed(base, stride, 4, 0), fifth)
	// Each register takes half a row r and, above it, the same half of row r+4; the lanes then transpose alone.
	var half [2][4]reg.VecVirtual
	for h := range 2 {
		for r := range 4 {
			v := g.YMM()
			low, high := multiple(base, stride, stride3, r), multiple(fifth, stride, stride3, r)
			low.Disp, high.Disp = 16*h, 16*h
			g.VBROADCASTF128(low, v)
			if r+4 < n {
				g.VINSERTF128(imm(1), high, v, v)
			}
			half[h][r] = v
		}
	}
	return append(g.transpose4(half[0]), g.transpose4(half[1])...)
}

// transpose4 transposes 4×4 floats in both lanes.
func (g *generator) transpose4(rows [4]reg.VecVirtual) []reg.VecVirtual {
	t := g.vecs(4)
	g.VUNPCKLPS(rows[1], rows[0], t[0])
	g.VUNPCKHPS(rows[1], rows[0], t[1])
	g.VUNPCKLPS(rows[3], rows[2], t[2])
	g.VUNPCKHPS(rows[3], rows[2], t[3])
	out := g.vecs(4)
	g.VUNPCKLPD(t[2], t[0], out[0])
	g.VUNPCKHPD(t[2], t[0], out[1])
	g.VUNPCKLPD(t[3], t[1], out[2])
	g.VUNPCKHPD(t[3], t[1], out[3])
	return out
}
