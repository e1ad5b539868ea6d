package main

import (
	"github.com/mmcloughlin/avo/reg"
)

// pools emits 2×2 max pooling of two image rows; n is the channels, looped over for each of width outputs.
func (g *generator) pools() {
	g.poolRow("pool", []string{"out"}, []string{"top", "bottom"}, "is poolTwin.", func(p map[string]reg.GPVirtual, right, index reg.GPVirtual, mask vec) {
		m := g.cell(p["top"], right, index, mask)
		for _, other := range m[1:] {
			g.VMAXPS(other, m[0], m[0])
		}
		low := g.cell(p["bottom"], right, index, mask)
		for _, other := range low {
			g.VMAXPS(other, m[0], m[0])
		}
		g.store(m[0], indexed(p["out"], index, 1, 0), mask)
	})
	g.poolRow("poolGrad", []string{"dOut", "out"}, []string{"dTop", "dBottom", "top", "bottom"}, "is poolGradTwin.", func(p map[string]reg.GPVirtual, right, index reg.GPVirtual, mask vec) {
		d, m := g.vec(), g.vec()
		g.fetch(indexed(p["dOut"], index, 1, 0), d, mask)
		g.fetch(indexed(p["out"], index, 1, 0), m, mask)
		for _, row := range [][2]string{{"top", "dTop"}, {"bottom", "dBottom"}} {
			to := p[row[1]]
			for i, v := range g.cell(p[row[0]], right, index, mask) {
				hit, put := g.compare(equal, v, m), g.vec()
				g.VANDPS(d, hit, put)
				g.VANDNPS(d, hit, d)
				at := indexed(to, index, 1, 0)
				if i == 1 {
					base := g.GP64()
					g.LEAQ(indexed(to, right, 1, 0), base)
					at = indexed(base, index, 1, 0)
				}
				g.store(put, at, mask)
			}
		}
	})
}

// cell loads the left and the right element of a row's pair.
func (g *generator) cell(row, right, index reg.GPVirtual, mask vec) []vec {
	left, other, base := g.vec(), g.vec(), g.GP64()
	g.fetch(indexed(row, index, 1, 0), left, mask)
	g.LEAQ(indexed(row, right, 1, 0), base)
	g.fetch(indexed(base, index, 1, 0), other, mask)
	return []vec{left, other}
}

// poolRow emits the loops over width outputs and n channels; narrow arrays move by n, wide ones by 2n.
func (g *generator) poolRow(name string, narrow, wide []string, doc string, body func(p map[string]reg.GPVirtual, right, index reg.GPVirtual, mask vec)) {
	l := loop{more: "width int"}
	g.function(name, l.signature(append(append([]string{}, narrow...), wide...)), doc)
	p := map[string]reg.GPVirtual{}
	for _, a := range append(append([]string{}, narrow...), wide...) {
		p[a] = g.load(a)
	}
	n, width, step := g.load("n"), g.load("width"), g.GP64()
	g.MOVQ(n, step)
	g.SHLQ(imm(2), step)
	next := g.at("column")
	g.Label(next)
	g.eachVector(n, func(index reg.GPVirtual, mask vec) { body(p, step, index, mask) })
	for _, a := range narrow {
		g.ADDQ(step, p[a])
	}
	for _, a := range wide {
		g.LEAQ(indexed(p[a], step, 2, 0), p[a])
	}
	g.DECQ(width)
	g.jump("nonzero", next)
	g.VZEROUPPER()
	g.RET()
}
