package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// TestHalfProducts holds products that are wide enough to be rounded, of plain matrices, against float64 of rounded operands.
func TestHalfProducts(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		w := NewWorkspace()
		rapid.Check(t, func(rt *rapid.T) {
			d := &drawer{rt, t, rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))}
			size := rapid.IntRange(halfLeast, 150)
			p := &Product{
				Form: Form(rapid.IntRange(0, 2).Draw(rt, "form")), Half: true, Accumulate: rapid.Bool().Draw(rt, "accumulate"),
				M: size.Draw(rt, "m"), N: size.Draw(rt, "n"), K: size.Draw(rt, "k"),
			}
			a, b := [2]int{p.M, p.K}, [2]int{p.K, p.N}
			switch p.Form {
			case ATB:
				a = [2]int{p.K, p.M}
			case ABT:
				b = [2]int{p.N, p.K}
			}
			p.A, p.B, p.C = d.matrix(a[0], a[1], false), d.matrix(b[0], b[1], false), d.matrix(p.M, p.N, true)
			p.Bias, p.Activation = d.matrix(1, p.N, false).Data, rapid.SampledFrom([]Activation{Identity, ReLU, GELU}).Draw(rt, "activation")
			checkProduct(rt, p, func(p *Product) { Mul(p, w) })
		})
	})
}

// TestHalfProductsOfManyBlocks does so with shapes that are cut, each way.
func TestHalfProductsOfManyBlocks(t *testing.T) {
	w := NewWorkspace()
	for _, s := range [][3]int{{530, 40, 700}, {33, 900, 1301}, {300, 801, 33}, {64, 64, 2000}} {
		for form := AB; form <= ABT; form++ {
			p := randomProduct(form, s[0], s[1], s[2])
			p.Half, p.Accumulate = true, true
			checkProduct(t, p, func(p *Product) { Mul(p, w) })
		}
	}
}

// TestRoundHalf: to the nearest number of 8 significant bits, the even one of two; what is none stays so.
func TestRoundHalf(t *testing.T) {
	for x, want := range map[float32]float32{
		1: 1, -2.5: -2.5, 1 + 1.0/256: 1, 1 + 3.0/256: 1 + 1.0/64, 1 + 1.0/256 + 1e-6: 1 + 1.0/128, -1 - 3.0/256: -1 - 1.0/64, 3e38: 226 * (1 << 120),
		3.4e38: float32(math.Inf(1)), float32(math.Inf(-1)): float32(math.Inf(-1)), 0: 0,
	} {
		if got := roundHalf(x); got != want {
			t.Errorf("%g becomes %g, want %g", x, got, want)
		}
	}
	if got := roundHalf(float32(math.NaN())); got == got {
		t.Errorf("no number becomes %g", got)
	}
}
