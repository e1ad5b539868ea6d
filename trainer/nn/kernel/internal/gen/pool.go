package main

import (
	"github.com/mmcloughlin/avo/reg"
)

// pools emits 2×2 max pooling of two image rows; n is the channels, looped over for each of width outputs.
func (g *generator) pools() {
	g.poolRow("pool", []string{"out", "holders"}, []string{"top", "bottom"}, "is poolTwin.", func(p map[string]reg.GPVirtual, right, index reg.GPVirtual, mask vec) {
		all := append(g.cell(p["top"], right, index, mask), g.cell(p["bottom"], right, index, mask)...)
		most, holder := all[0], g.zeros(1)[0]
		for i, v := range all[1:] {
			above := g.compare(greater, v, most)
			holder = g.choose(above, g.set(float64(i+1)), holder)
			g.VMAXPS(v, most, most)
		}
		g.store(most, indexed(p["out"], index, 1, 0), mask)
		g.store(holder, indexed(p["holders"], index, 1, 0), mask)
	})
	g.poolRow("poolGrad", []string{"dOut", "holders"}, []string{"dTop", "dBottom"}, "is poolGradTwin.", func(p map[string]reg.GPVirtual, right, index reg.GPVirtual, mask vec) {
		d, holder := g.vec(), g.vec()
		g.fetch(indexed(p["dOut"], index, 1, 0), d, mask)
		g.fetch(indexed(p["holders"], index, 1, 0), holder, mask)
		for i, row := range []string{"dTop", "dTop", "dBottom", "dBottom"} {
			put, to := g.vec(), p[row]
			g.VANDPS(g.compare(equal, holder, g.f(float64(i))), d, put)
			if i%2 == 1 {
				to = g.GP64()
				g.LEAQ(indexed(p[row], right, 1, 0), to)
			}
			g.store(put, indexed(to, index, 1, 0), mask)
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
