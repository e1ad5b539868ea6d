package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// f is a float constant in all lanes, in memory.
func (g *generator) f(v float64) operand.Mem { return g.word(math.Float32bits(float32(v))) }

// word is a 32-bit constant in all lanes, in memory.
func (g *generator) word(bits uint32) operand.Mem {
	if m, ok := g.constants[bits]; ok {
		return m
	}
	m := g.StaticGlobal(fmt.Sprintf("all%08x%s", bits, g.name))
	g.DataAttributes(attr.RODATA | attr.NOPTR)
	for lane := range 8 {
		g.AddDatum(4*lane, operand.U32(bits))
	}
	g.constants[bits] = m
	return m
}

// set is a register that holds a float constant.
func (g *generator) set(v float64) reg.VecVirtual {
	r := g.vec()
	g.VMOVUPS(g.f(v), r)
	return r
}

// broadcast loads a float argument into all lanes.
func (g *generator) broadcast(name string) reg.VecVirtual {
	v := g.vec()
	g.VBROADCASTSS(g.argument(name), v)
	return v
}

// argument is where an argument lies.
func (g *generator) argument(name string) operand.Mem {
	m, err := g.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return m.Addr
}

// laneNumbers are 0 … 7, in memory.
func (g *generator) laneNumbers() operand.Mem {
	if g.numbers.Base == nil {
		g.numbers = g.StaticGlobal("lanes" + g.name)
		g.DataAttributes(attr.RODATA | attr.NOPTR)
		for lane := range 8 {
			g.AddDatum(4*lane, operand.U32(lane))
		}
	}
	return g.numbers
}
