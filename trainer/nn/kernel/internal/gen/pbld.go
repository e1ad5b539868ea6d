package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pbld emits the periodic embedding of a column, for blocks of 8 rows. Its table holds 8 floats a frequency: the
// frequency, the phase, and the weights of four values.
func (g *generator) pbld() {
	g.pbldForward()
	g.pbldBackward()
}

func (g *generator) pbldForward() {
	g.function("pbld", "func(y, x, table, head *float32, blocks, frequencies, stride int)",
		"is Waves.Forward for 8·blocks rows; head holds four biases and four slopes, stride is in bytes.")
	y, x, table, head := g.load("y"), g.load("x"), g.load("table"), g.load("head")
	blocks, frequencies, stride := g.load("blocks"), g.load("frequencies"), g.load("stride")
	stride3 := g.GP64()
	g.LEAQ(indexed(stride, stride, 2, 0), stride3)
	loop := g.at("block")
	g.Label(loop)
	column, sums := g.vec(), [4]vec{}
	g.VMOVUPS(mem(x, 0), column)
	for e := range sums {
		slope := g.vec()
		sums[e] = g.vec()
		g.VBROADCASTSS(mem(head, 4*e), sums[e])
		g.VBROADCASTSS(mem(head, 16+4*e), slope)
		g.VFMADD231PS(slope, column, sums[e])
	}
	g.eachWave(table, frequencies, func(at reg.GPVirtual, disp int) {
		cos := g.cos(g.halfTurn(g.angle(at, disp, column)))
		for e, s := range sums {
			w := g.vec()
			g.VBROADCASTSS(mem(at, disp+8+4*e), w)
			g.VFMADD231PS(w, cos, s)
		}
	})
	rows := g.transpose4(sums)
	far := g.GP64()
	g.LEAQ(indexed(y, stride, 4, 0), far)
	for r, row := range rows {
		g.VMOVUPS(row.AsX(), multiple(y, stride, stride3, r))
		g.VEXTRACTF128(imm(1), row, multiple(far, stride, stride3, r))
	}
	g.LEAQ(indexed(y, stride, 8, 0), y)
	g.ADDQ(imm(32), x)
	g.DECQ(blocks)
	g.jump("nonzero", loop)
	g.VZEROUPPER()
	g.RET()
}

// eachWave emits a loop over the frequencies of a table, two at a time, and one for what is left.
func (g *generator) eachWave(table, frequencies reg.GPVirtual, wave func(at reg.GPVirtual, disp int)) {
	at, left := g.GP64(), g.GP64()
	pair, odd, done := g.at("waves"), g.at("oddWave"), g.at("wavesDone")
	g.MOVQ(table, at)
	g.MOVQ(frequencies, left)
	g.SUBQ(imm(2), left)
	g.jump("less", odd)
	g.Label(pair)
	g.interleave(func(i int) { wave(at, 32*i) })
	g.ADDQ(imm(64), at)
	g.SUBQ(imm(2), left)
	g.JGE(operand.LabelRef(pair))
	g.Label(odd)
	g.ADDQ(imm(2), left)
	g.jump("zero", done)
	wave(at, 0)
	g.Label(done)
}

// angle is frequency times number plus phase.
func (g *generator) angle(at reg.GPVirtual, disp int, column vec) vec {
	angle, frequency := g.vec(), g.vec()
	g.VBROADCASTSS(mem(at, disp+4), angle)
	g.VBROADCASTSS(mem(at, disp), frequency)
	g.VFMADD231PS(frequency, column, angle)
	return angle
}

func (g *generator) pbldBackward() {
	g.function("pbldGrad", "func(sums, dx, dy, x, table *float32, blocks, frequencies, stride int)",
		"is Waves.Backward for 8·blocks rows, stride in bytes. Sums are 8 lanes wide: of dy's four values, then for each",
		"frequency of dy times the cosine, of the angle's gradient less its sign, and of that times x.")
	sums, dx, dy, x, table := g.load("sums"), g.load("dx"), g.load("dy"), g.load("x"), g.load("table")
	blocks, frequencies, stride := g.load("blocks"), g.load("frequencies"), g.load("stride")
	stride3 := g.GP64()
	g.LEAQ(indexed(stride, stride, 2, 0), stride3)
	loop, wave := g.at("block"), g.at("wave")
	g.Label(loop)
	var rows [4]vec
	far := g.GP64()
	g.LEAQ(indexed(dy, stride, 4, 0), far)
	for r := range rows {
		rows[r] = g.YMM()
		g.VMOVUPS(multiple(dy, stride, stride3, r), rows[r].AsX())
		g.VINSERTF128(imm(1), multiple(far, stride, stride3, r), rows[r], rows[r])
	}
	d := g.transpose4(rows)
	for e, v := range d {
		g.into(mem(sums, 32*e), v)
	}
	column, toX := g.vec(), g.vec()
	g.VMOVUPS(mem(x, 0), column)
	g.zero(toX)
	at, to, left := g.GP64(), g.GP64(), g.GP64()
	g.MOVQ(table, at)
	g.LEAQ(mem(sums, 128), to)
	g.MOVQ(frequencies, left)
	g.Label(wave)
	turn := g.halfTurn(g.angle(at, 0, column))
	sin, cos := g.sin(turn), g.cos(turn)
	q := g.vec()
	g.zero(q)
	for e, v := range d {
		w, s := g.vec(), g.vec()
		g.VBROADCASTSS(mem(at, 8+4*e), w)
		g.VFMADD231PS(w, v, q)
		g.VMOVUPS(mem(to, 32*e), s)
		g.VFMADD231PS(v, cos, s)
		g.VMOVUPS(s, mem(to, 32*e))
	}
	q = g.mul(sin, q)
	g.into(mem(to, 128), q)
	g.into(mem(to, 160), g.mul(column, q))
	again := g.vec()
	g.VBROADCASTSS(mem(at, 0), again)
	g.VFNMADD231PS(again, q, toX)
	g.ADDQ(imm(32), at)
	g.ADDQ(imm(192), to)
	g.DECQ(left)
	g.jump("nonzero", wave)
	g.VMOVUPS(toX, mem(dx, 0))
	g.LEAQ(indexed(dy, stride, 8, 0), dy)
	g.ADDQ(imm(32), x)
	g.ADDQ(imm(32), dx)
	g.DECQ(blocks)
	g.jump("nonzero", loop)
	g.VZEROUPPER()
	g.RET()
}

// into adds a register to memory.
func (g *generator) into(m operand.Mem, v vec) {
	s := g.vec()
	g.VADDPS(m, v, s)
	g.VMOVUPS(s, m)
}
