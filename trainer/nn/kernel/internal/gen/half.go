package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/reg"
)

// pairsOpcode stands for VDPBF16PS, which neither Go's assembler nor its generator knows: an instruction of the same operands
// that is used nowhere else, until encodePairs writes the bytes.
const pairsOpcode = "VFNMSUB231PS"

// addPairs adds to every sum the two products of a pair of bfloat16 in a with one in b (VDPBF16PS).
func (g *generator) addPairs(a, b, sums reg.VecVirtual) { g.VFNMSUB231PS(a, b, sums) }

// halves emits the products of bfloat16, and the loops that make pairs.
func (g *generator) halves() {
	g.tileSet(true)
	g.pairColumns()
	g.pairRows()
}

// rounded is x's bits rounded to their upper half, the nearest or else the even one. The lower half holds anything.
func (g *generator) rounded(x, one, below reg.VecVirtual) reg.VecVirtual {
	r := g.vec()
	g.VPSRLD(imm(16), x, r)
	g.VPANDD(one, r, r)
	g.VPADDD(below, r, r)
	g.VPADDD(x, r, r)
	return r
}

// rounding are the constants of rounded.
func (g *generator) rounding() (one, below reg.VecVirtual) {
	return g.everywhere(1), g.everywhere(0x7fff)
}

// everywhere has the same bits in all lanes.
func (g *generator) everywhere(bits uint32) reg.VecVirtual {
	r, v := g.GP32(), g.vec()
	g.MOVL(operand.U32(bits), r)
	g.VPBROADCASTD(r, v)
	return v
}

// words loads the pattern by which pairs are picked from the upper halves of two registers.
func (g *generator) words(name string) reg.VecVirtual {
	pattern := g.vec()
	g.VMOVDQU32(mem(g.load(name), 0), pattern)
	return pattern
}

// pairColumns emits the pairs of each row's neighbours.
func (g *generator) pairColumns() {
	g.function("pairColumns", "func(dst, src *float32, n int, pattern *uint16)",
		"rounds n > 0 times 32 floats, and stores each two neighbours as a pair of bfloat16.")
	dst, src, n := g.load("dst"), g.load("src"), g.load("n")
	g.pairs(n, dst, []operand.Mem{mem(src, 0), mem(src, 64)}, []reg.GPVirtual{src}, 128)
}

// pairRows emits the pairs of two rows' elements.
func (g *generator) pairRows() {
	g.function("pairRows", "func(dst, upper, lower *float32, n int, pattern *uint16)",
		"rounds n > 0 times 16 floats of two rows, and stores each two that are above each other as a pair of bfloat16.")
	dst, upper, lower, n := g.load("dst"), g.load("upper"), g.load("lower"), g.load("n")
	g.pairs(n, dst, []operand.Mem{mem(upper, 0), mem(lower, 0)}, []reg.GPVirtual{upper, lower}, 64)
}

// pairs emits the loop: of two registers at a time, the sources move on by so many bytes.
func (g *generator) pairs(n, dst reg.GPVirtual, from []operand.Mem, sources []reg.GPVirtual, bytes int) {
	one, below := g.rounding()
	pattern := g.words("pattern")
	next := g.at("pairs")
	g.Label(next)
	first, second := g.vec(), g.vec()
	g.VMOVUPS(from[0], first)
	g.VMOVUPS(from[1], second)
	a, b := g.rounded(first, one, below), g.rounded(second, one, below)
	g.VPERMT2W(b, pattern, a)
	g.VMOVDQU32(a, mem(dst, 0))
	for _, s := range sources {
		g.ADDQ(imm(bytes), s)
	}
	g.ADDQ(imm(64), dst)
	g.DECQ(n)
	g.jump("nonzero", next)
	g.VZEROUPPER()
	g.RET()
}

// encodePairs replaces every instruction that stands for VDPBF16PS by its bytes.
var encodePairs = pass.FunctionPass(func(f *ir.Function) error {
	var nodes []ir.Node
	for _, n := range f.Nodes {
		i, ok := n.(*ir.Instruction)
		if !ok || i.Opcode != pairsOpcode {
			nodes = append(nodes, n)
			continue
		}
		head, tail, err := pairsBytes(i.Operands)
		if err != nil {
			return err
		}
		nodes = append(nodes,
			&ir.Instruction{Opcode: "LONG", Operands: []operand.Op{operand.U32(head)}},
			&ir.Instruction{Opcode: "WORD", Operands: []operand.Op{operand.U16(tail)}})
	}
	f.Nodes = nodes
	return nil
})

// pairsBytes encodes VDPBF16PS of three 512-bit registers, in Go's order: EVEX.512.F3.0F38.W0 52 /r (Intel SDM, volume 2).
func pairsBytes(o []operand.Op) (head uint32, tail uint16, err error) {
	var z [3]uint32
	for i, op := range o {
		n, err := strconv.Atoi(strings.TrimPrefix(op.Asm(), "Z"))
		if err != nil || n > 31 {
			return 0, 0, fmt.Errorf("%s is no 512-bit register", op.Asm())
		}
		z[i] = uint32(n)
	}
	rm, middle, sums := z[0], z[1], z[2]
	not := func(n uint32, bit uint) uint32 { return ^n >> bit & 1 }
	p0 := not(sums, 3)<<7 | not(rm, 4)<<6 | not(rm, 3)<<5 | not(sums, 4)<<4 | 2
	p1 := (^middle&15)<<3 | 1<<2 | 2
	p2 := 2<<5 | not(middle, 4)<<3
	return 0x62 | p0<<8 | p1<<16 | p2<<24, uint16(0x52 | (0xc0|sums&7<<3|rm&7)<<8), nil
}
