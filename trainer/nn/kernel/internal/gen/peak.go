package main

// peak emits the loop that measures what the multiply-add units can do.
func (g *generator) peak() {
	g.function("peak", "func(loops int)", "runs 12 independent chains of multiply-adds, 4 on each a loop.")
	loops := g.load("loops")
	sums, x := g.vecs(12), g.vec()
	for _, s := range append(sums, x) {
		g.zero(s)
	}
	loop := g.at("loop")
	g.Label(loop)
	for range 4 {
		for _, s := range sums {
			g.VFMADD231PS(x, x, s)
		}
	}
	g.DECQ(loops)
	g.jump("nonzero", loop)
	g.VZEROUPPER()
	g.RET()
}
