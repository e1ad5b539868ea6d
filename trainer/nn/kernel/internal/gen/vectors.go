package main

// vectors emits the simple loops.
func (g *generator) vectors() {
	ab, dst := []string{"a", "b"}, []string{"dst"}
	g.emit(loop{name: "add", outputs: dst, inputs: ab, doc: "is Add.", body: func(in inputs) []vec {
		return []vec{g.add(in("a"), in("b"))}
	}})
	g.emit(loop{name: "mul", outputs: dst, inputs: ab, doc: "is Mul2.", body: func(in inputs) []vec {
		return []vec{g.mul(in("a"), in("b"))}
	}})
	g.emit(loop{name: "addProduct", outputs: []string{"sums"}, inputs: []string{"a", "b", "sums"}, doc: "adds a*b to sums.", body: func(in inputs) []vec {
		return []vec{g.fma(in("a"), in("b"), in("sums"))}
	}})
	g.emit(loop{name: "axpy", outputs: []string{"y"}, inputs: []string{"x", "y"}, scalars: []string{"a"}, doc: "is Axpy.", body: func(in inputs) []vec {
		return []vec{g.fma(in("x"), in("a"), in("y"))}
	}})
	g.emit(loop{name: "affine", outputs: dst, inputs: []string{"x"}, scalars: []string{"a", "b"}, doc: "computes a*x + b.", body: func(in inputs) []vec {
		return []vec{g.fma(in("x"), in("a"), in("b"))}
	}})
	g.emit(loop{name: "mulAdd", outputs: dst, inputs: []string{"x", "a", "b"}, doc: "computes x*a + b.", body: func(in inputs) []vec {
		return []vec{g.fma(in("x"), in("a"), in("b"))}
	}})
	g.emit(loop{name: "track", outputs: []string{"average"}, inputs: []string{"average", "x"}, scalars: []string{"keep"}, doc: "moves an average towards x.", body: func(in inputs) []vec {
		return []vec{g.fma(g.sub(in("average"), in("x")), in("keep"), in("average"))}
	}})
	g.dropout()
}

// dropout emits the generator of dropoutTwin, 8 columns at a time.
func (g *generator) dropout() {
	var low, high, drop, counter vec
	g.emit(loop{
		name: "dropout", outputs: []string{"dst"}, inputs: []string{"x"}, scalars: []string{"scale"},
		more: "low, high, drop uint32", doc: "is one row of Dropout.", alone: true,
		setup: func() {
			low, high, drop = g.broadcast("low"), g.broadcast("high"), g.broadcast("drop")
			g.VPXOR(g.word(0x80000000), drop, drop)
			counter = g.vec()
			g.VMOVUPS(g.laneNumbers(), counter)
			g.VPMULLD(g.word(0x9e3779b9), counter, counter)
			g.VPADDD(low, counter, counter)
		},
		body: func(in inputs) []vec {
			x, s := g.vec(), g.vec()
			g.VPSRLD(imm(16), counter, s)
			g.VPXOR(s, counter, x)
			g.VPMULLD(g.word(0x7feb352d), x, x)
			g.VPSRLD(imm(15), x, s)
			g.VPXOR(s, x, x)
			g.VPXOR(high, x, x)
			g.VPMULLD(g.word(0x846ca68b), x, x)
			g.VPSRLD(imm(16), x, s)
			g.VPXOR(s, x, x)
			g.VPXOR(g.word(0x80000000), x, x)
			g.VPCMPGTD(x, drop, x)
			g.VPADDD(g.word(goldenTimes8), counter, counter)
			y := g.vec()
			g.VANDNPS(g.mul(in("x"), in("scale")), x, y)
			return []vec{y}
		},
	})
}

// goldenTimes8 moves the counter by 8 columns.
const goldenTimes8 = 0x9e3779b9 * 8 & 0xffffffff

// optimizers emits the fused updates.
func (g *generator) optimizers() {
	var k []vec
	factors := func(n int) func() {
		return func() {
			f := g.load("f")
			k = nil
			for i := range n {
				v := g.vec()
				g.VBROADCASTSS(mem(f, 4*i), v)
				k = append(k, v)
			}
		}
	}
	g.emit(loop{
		name: "adam", outputs: []string{"w", "m", "v"}, inputs: []string{"w", "grad", "m", "v"}, more: "f *adamFactors",
		doc: "is AdamW's update.", setup: factors(7), body: func(in inputs) []vec {
			gradScale, keep1, keep2, rate, root, epsilon, shrink := k[0], k[1], k[2], k[3], k[4], k[5], k[6]
			d := g.mul(in("grad"), gradScale)
			m := g.fma(g.sub(in("m"), d), keep1, in("m"))
			v := g.fma(g.sub(in("v"), g.mul(d, d)), keep2, in("v"))
			r := g.vec()
			g.VSQRTPS(v, r)
			step := g.div(g.fma(r, root, epsilon), g.mul(m, rate))
			return []vec{g.sub(step, g.mul(in("w"), shrink)), m, v}
		},
	})
	g.emit(loop{
		name: "sgd", outputs: []string{"w", "m"}, inputs: []string{"w", "grad", "m"}, more: "f *SGD",
		doc: "is SGD's update.", setup: factors(4), body: func(in inputs) []vec {
			lr, momentum, decay, gradScale := k[0], k[1], k[2], k[3]
			d := g.fma(in("w"), decay, g.mul(in("grad"), gradScale))
			m := g.fma(in("m"), momentum, d)
			return []vec{g.sub(g.mul(g.fma(m, momentum, d), lr), in("w")), m}
		},
	})
}
