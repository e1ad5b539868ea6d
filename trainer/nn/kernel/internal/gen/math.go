package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

type vec = reg.VecVirtual

// VCMPPS's predicates.
const (
	equal       = 0
	greater     = 30 // false for NaN
	lessThan    = 1
	notLessThan = 5 // true for NaN too
)

// Coefficients are minimax fits, lowest power first; the twins in math_twin.go state what of, and the errors.
var (
	expPoly    = []float64{0.49999994, 0.166665196, 0.0416683927, 0.00836878084, 0.00138144637}
	logPoly    = []float64{0.333333105, -0.249999866, 0.200022265, -0.166692525, 0.142186642, -0.12384332, 0.118729159, -0.117898792, 0.0691558048}
	tanhPoly   = []float64{-0.333332837, 0.133314908, -0.0537434965, 0.020650588, -0.00571704516}
	sinPoly    = []float64{-0.166666567, 0.00833301712, -0.000198066016, 2.60002434e-06}
	cosPoly    = []float64{0.0416666567, -0.00138885691, 2.47692915e-05, -2.61935469e-07}
	normalPoly = []float64{0.139621407, 0.139861882, 0.119832821, 0.105508201, -0.0231103562, 0.159174994, -0.255715072, 0.143972114, -0.0291460231}
)

// binary is an instruction that computes dst = b op a.
type binary func(ops ...operand.Op)

// new2 applies a binary instruction and returns a new register.
func (g *generator) new2(op binary, a operand.Op, b vec) vec {
	r := g.vec()
	op(a, b, r)
	return r
}

func (g *generator) add(a operand.Op, b vec) vec { return g.new2(g.VADDPS, a, b) }
func (g *generator) mul(a operand.Op, b vec) vec { return g.new2(g.VMULPS, a, b) }

// sub is b - a.
func (g *generator) sub(a operand.Op, b vec) vec { return g.new2(g.VSUBPS, a, b) }

// div is b / a.
func (g *generator) div(a operand.Op, b vec) vec { return g.new2(g.VDIVPS, a, b) }

// fma is a*b + c.
func (g *generator) fma(a operand.Op, b, c vec) vec {
	r := g.vec()
	g.VMOVAPS(c, r)
	g.VFMADD231PS(a, b, r)
	return r
}

// poly evaluates a polynomial by Horner's rule.
func (g *generator) poly(c []float64, x vec) vec {
	p := g.set(c[len(c)-1])
	for i := len(c) - 2; i >= 0; i-- {
		g.VFMADD213PS(g.f(c[i]), x, p)
	}
	return p
}

// choose is yes where the mask's sign bit is set, else no.
func (g *generator) choose(mask, yes, no vec) vec {
	r := g.vec()
	g.VBLENDVPS(mask, yes, no, r)
	return r
}

// compare is all ones where a holds against b.
func (g *generator) compare(predicate int, a vec, b operand.Op) vec {
	r := g.vec()
	g.VCMPPS(imm(predicate), b, a, r)
	return r
}

// atMost clamps x from above; NaN stays.
func (g *generator) atMost(x vec, limit float64) vec {
	r := g.set(limit)
	g.VMINPS(x, r, r)
	return r
}

// atLeast clamps x from below; NaN stays.
func (g *generator) atLeast(x vec, limit float64) vec {
	r := g.set(limit)
	g.VMAXPS(x, r, r)
	return r
}

// round is the nearest integer, as a float.
func (g *generator) round(x vec) vec {
	r := g.vec()
	g.VROUNDPS(imm(0), x, r)
	return r
}

// power is 2^(n+shift) for integers n.
func (g *generator) power(n vec, shift int) vec {
	i := g.vec()
	g.VCVTPS2DQ(n, i)
	g.VPADDD(g.word(uint32(127+shift)), i, i)
	g.VPSLLD(imm(23), i, i)
	return i
}

// reduceExp splits x into n ln 2 + r and returns n and e^r - 1.
func (g *generator) reduceExp(x vec) (n, p vec) {
	n = g.round(g.mul(g.f(1.44269504088896341), x))
	r := g.vec()
	g.VMOVAPS(x, r)
	g.VFNMADD231PS(g.f(0.693359375), n, r)
	g.VFNMADD231PS(g.f(-2.12194440e-4), n, r)
	return n, g.fma(g.poly(expPoly, r), g.mul(r, r), r)
}

// exp is eˣ, zero below -86.9.
func (g *generator) exp(x vec) vec {
	x = g.atMost(x, 88.8)
	n, p := g.reduceExp(x)
	half := g.power(n, -1)
	e := g.fma(p, half, half)
	e = g.add(e, e)
	r := g.vec()
	g.VANDNPS(e, g.compare(lessThan, x, g.f(-86.9)), r)
	return r
}

// expm1 is eˣ - 1 for x ≤ 0.
func (g *generator) expm1(x vec) vec {
	x = g.atLeast(g.atMost(x, 0), -86)
	n, p := g.reduceExp(x)
	scale := g.power(n, 0)
	return g.fma(p, scale, g.sub(g.f(1), scale))
}

// log is the natural logarithm of normal numbers; zero and subnormals give -Inf.
func (g *generator) log(x vec) vec {
	e, m, e2 := g.vec(), g.vec(), g.vec()
	g.VMOVUPS(x, e)
	g.VPSUBD(g.word(0x3f3504f3), e, e)
	g.VPSRAD(imm(23), e, e)
	g.VPSLLD(imm(23), e, e2)
	g.VPSUBD(e2, x, m)
	g.VCVTDQ2PS(e, e)
	f := g.sub(g.f(1), m)
	f2 := g.mul(f, f)
	y := g.mul(g.mul(f2, f), g.poly(logPoly, f))
	g.VFMADD231PS(g.f(-2.12194440e-4), e, y)
	g.VFNMADD231PS(g.f(0.5), f2, y)
	y = g.add(f, y)
	g.VFMADD231PS(g.f(0.693359375), e, y)
	y = g.choose(g.compare(lessThan, x, g.f(1.17549435e-38)), g.set(math.Inf(-1)), y)
	zero := g.vec()
	g.zero(zero)
	y = g.choose(g.compare(lessThan, x, zero), g.set(math.NaN()), y)
	return g.choose(g.compare(notLessThan, x, g.f(math.Inf(1))), x, y)
}

// tanh is exact in its leading term near zero.
func (g *generator) tanh(x vec) vec {
	sign, a := g.vec(), g.vec()
	g.VANDPS(g.word(0x80000000), x, sign)
	g.VANDPS(g.word(0x7fffffff), x, a)
	big := g.div(g.add(g.f(1), g.exp(g.add(a, a))), g.set(2))
	big = g.sub(big, g.set(1))
	s := g.mul(a, a)
	small := g.fma(g.mul(s, a), g.poly(tanhPoly, s), a)
	t := g.choose(g.compare(lessThan, a, g.f(0.625)), small, big)
	g.VORPS(sign, t, t)
	return t
}

// sigmoid is 1/(1 + e⁻ˣ).
func (g *generator) sigmoid(x vec) vec {
	minus := g.vec()
	g.VXORPS(g.word(0x80000000), x, minus)
	return g.div(g.add(g.f(1), g.exp(minus)), g.set(1))
}

// normal gives the normal distribution function and density.
func (g *generator) normal(x vec) (cdf, pdf vec) {
	t := g.vec()
	g.VANDPS(g.word(0x7fffffff), x, t)
	e := g.exp(g.mul(g.mul(g.f(-0.5), t), t))
	q := g.div(g.fma(g.f(0.35), t, g.set(1)), g.set(1))
	tail := g.mul(g.mul(g.poly(normalPoly, q), q), e)
	zero := g.vec()
	g.zero(zero)
	cdf = g.choose(g.compare(lessThan, zero, x), g.sub(tail, g.set(1)), tail)
	return cdf, g.mul(g.f(0.3989422804014327), e)
}

// halfTurn is an angle less its whole half turns: the rest, its square, and the sign that the half turns make.
type halfTurn struct{ r, s, sign vec }

func (g *generator) halfTurn(x vec) halfTurn {
	n := g.round(g.mul(g.f(0.3183098861837907), x))
	t := halfTurn{g.vec(), nil, g.vec()}
	g.VMOVAPS(x, t.r)
	for _, part := range []float64{3.140625, 9.67502593994140625e-4, 1.509957990978376432e-7} {
		g.VFNMADD231PS(g.f(part), n, t.r)
	}
	g.VCVTPS2DQ(n, t.sign)
	g.VPSLLD(imm(31), t.sign, t.sign)
	t.s = g.mul(t.r, t.r)
	return t
}

func (g *generator) sin(t halfTurn) vec {
	v := g.fma(g.mul(t.s, t.r), g.poly(sinPoly, t.s), t.r)
	g.VXORPS(t.sign, v, v)
	return v
}

func (g *generator) cos(t halfTurn) vec {
	v := g.fma(g.mul(t.s, t.s), g.poly(cosPoly, t.s), g.fma(g.f(-0.5), t.s, g.set(1)))
	g.VXORPS(t.sign, v, v)
	return v
}
