package main

// activation computes a function's value and slope; what is not wanted is left nil.
type activation struct {
	name string
	body func(g *generator, x vec, value, slope bool) (y, d vec)
}

// The activations in the order of the package's constants, without Identity.
var activations = []activation{
	{"relu", (*generator).relu},
	{"gelu", (*generator).gelu},
	{"silu", (*generator).silu},
	{"selu", (*generator).selu},
	{"mish", (*generator).mish},
	{"tanh", (*generator).tanhBoth},
	{"sigmoid", (*generator).sigmoidBoth},
}

// activations emits each in four loops: value, gradient, and both of the parametric form.
func (g *generator) activations() {
	for _, a := range activations {
		g.emit(loop{
			name: a.name, outputs: []string{"dst"}, inputs: []string{"x"}, doc: "is Activate.",
			body: func(in inputs) []vec {
				y, _ := a.body(g, in("x"), true, false)
				return []vec{y}
			},
		})
		g.emit(loop{
			name: a.name + "Grad", outputs: []string{"dst"}, inputs: []string{"dy", "x"}, doc: "is ActivateGrad.",
			body: func(in inputs) []vec {
				_, d := a.body(g, in("x"), false, true)
				return []vec{g.mul(in("dy"), d)}
			},
		})
		g.emit(loop{
			name: a.name + "Parametric", outputs: []string{"dst"}, inputs: []string{"x", "a"}, doc: "is one row of ActivateParametric.",
			body: func(in inputs) []vec {
				y, _ := a.body(g, in("x"), true, false)
				return []vec{g.fma(in("a"), g.sub(in("x"), y), in("x"))}
			},
		})
		g.emit(loop{
			name: a.name + "ParametricGrad", outputs: []string{"dx", "da"}, inputs: []string{"dy", "x", "a", "da"},
			doc: "is one row of ActivateParametricGrad.",
			body: func(in inputs) []vec {
				y, d := a.body(g, in("x"), true, true)
				da := g.fma(in("dy"), g.sub(in("x"), y), in("da"))
				one := g.set(1)
				return []vec{g.mul(in("dy"), g.fma(in("a"), g.sub(one, d), one)), da}
			},
		})
	}
}

func (g *generator) relu(x vec, value, slope bool) (y, d vec) {
	if value {
		y = g.atLeast(x, 0)
	}
	if slope {
		d = g.vec()
		zero := g.vec()
		g.zero(zero)
		g.VCMPPS(imm(notLessOrEqual), zero, x, d)
		g.VANDPS(g.f(1), d, d)
	}
	return y, d
}

func (g *generator) gelu(x vec, value, slope bool) (y, d vec) {
	cdf, pdf := g.normal(x)
	if value {
		y = g.mul(cdf, x)
	}
	if slope {
		d = g.fma(x, pdf, cdf)
	}
	return y, d
}

func (g *generator) silu(x vec, value, slope bool) (y, d vec) {
	s := g.sigmoid(x)
	if value {
		y = g.mul(s, x)
	}
	if slope {
		one := g.set(1)
		d = g.mul(s, g.fma(x, g.sub(s, one), one))
	}
	return y, d
}

// SELU's constants: λ and λα.
const (
	seluLambda      = 1.0507009873554804934193349852946
	seluLambdaAlpha = seluLambda * 1.6732632423543772848170429916717
)

func (g *generator) selu(x vec, value, slope bool) (y, d vec) {
	zero := g.vec()
	g.zero(zero)
	positive, e := g.compare(lessThan, zero, x), g.expm1(x)
	low := g.mul(g.f(seluLambdaAlpha), e)
	if value {
		y = g.choose(positive, g.mul(g.f(seluLambda), x), low)
	}
	if slope {
		d = g.choose(positive, g.set(seluLambda), g.add(g.f(seluLambdaAlpha), low))
	}
	return y, d
}

func (g *generator) mish(x vec, value, slope bool) (y, d vec) {
	e := g.exp(g.atMost(x, 20))
	w := g.mul(e, g.add(g.f(2), e))
	q := g.div(g.add(g.f(2), w), g.set(1))
	wq := g.mul(w, q)
	if value {
		y = g.mul(x, wq)
	}
	if slope {
		s := g.mul(g.mul(g.mul(g.f(4), x), e), g.add(g.f(1), e))
		d = g.fma(g.mul(s, q), q, wq)
	}
	return y, d
}

func (g *generator) tanhBoth(x vec, _, slope bool) (y, d vec) {
	y = g.tanh(x)
	if slope {
		d = g.vec()
		g.VMOVUPS(g.f(1), d)
		g.VFNMADD231PS(y, y, d)
	}
	return y, d
}

func (g *generator) sigmoidBoth(x vec, _, slope bool) (y, d vec) {
	y = g.sigmoid(x)
	if slope {
		d = g.mul(y, g.sub(y, g.set(1)))
	}
	return y, d
}
