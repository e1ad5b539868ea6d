package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// BenchmarkProduct reports GFLOP/s and the share of the peak that the same run measures.
func BenchmarkProduct(b *testing.B) {
	for _, s := range []struct {
		form    Form
		m, n, k int
	}{
		{AB, 256, 256, 256},
		{AB, 1024, 1024, 1024},
		{AB, 256, 256, 32},
		{AB, 256, 10, 256},
		{ATB, 256, 256, 256},
		{ABT, 256, 256, 256},
		{AB, 256, 256, 54},
		{ATB, 256, 10, 256},
		{ABT, 256, 256, 10},
		{AB, 2048, 2048, 2048},
	} {
		name := fmt.Sprintf("%s/%dx%dx%d", [...]string{"AB", "ATB", "ABT"}[s.form], s.m, s.n, s.k)
		b.Run(name, func(b *testing.B) { benchmarkProduct(b, randomProduct(s.form, s.m, s.n, s.k)) })
	}
}

// BenchmarkProductEpilogue measures a hidden layer's forward and backward products.
func BenchmarkProductEpilogue(b *testing.B) {
	forward := randomProduct(AB, 256, 256, 256)
	forward.Bias, forward.Activation = make([]float32, 256), ReLU
	b.Run("forward", func(b *testing.B) { benchmarkProduct(b, forward) })
	backward := randomProduct(ABT, 256, 256, 256)
	backward.At, backward.Gradient = Matrix{Data: make([]float32, 256*256), Stride: 256}, ReLU
	b.Run("backward", func(b *testing.B) { benchmarkProduct(b, backward) })
}

// BenchmarkHalfProduct measures products of bfloat16, of each form; the peak is that of float32.
func BenchmarkHalfProduct(b *testing.B) {
	for form, name := range []string{AB: "AB", ATB: "ATB", ABT: "ABT"} {
		b.Run(name, func(b *testing.B) {
			p := randomProduct(Form(form), 256, 256, 256)
			p.Half = true
			benchmarkProduct(b, p)
		})
	}
}

// BenchmarkConvolution measures 3×3 convolutions of ResNet-9's and the small CNN's sizes as implicit products.
func BenchmarkConvolution(b *testing.B) {
	for _, s := range []struct{ size, in, out int }{{28, 32, 64}, {32, 64, 128}, {16, 128, 256}, {8, 256, 512}} {
		name := fmt.Sprintf("%dx%d/%d-%d", s.size, s.size, s.in, s.out)
		b.Run(name, func(b *testing.B) { benchmarkProduct(b, convolution(s.size, s.in, s.out)) })
	}
}

// convolution is one image's 3×3 convolution, with its padded columns computed along.
func convolution(size, in, out int) *Product {
	r := rand.New(rand.NewPCG(1, 2))
	padded := size + 2
	m := size * padded
	return &Product{
		M: m, N: out, K: 9 * in,
		A: Matrix{Data: randoms(r, (padded*padded+2)*in), Stride: in, Segment: 3 * in, SegmentStride: padded * in},
		B: Matrix{Data: randoms(r, 9*in*out), Stride: out},
		C: Matrix{Data: make([]float32, m*out), Stride: out},
	}
}

func randomProduct(form Form, m, n, k int) *Product {
	r := rand.New(rand.NewPCG(1, 2))
	p := &Product{Form: form, M: m, N: n, K: k}
	p.A, p.B = Matrix{Data: randoms(r, m*k), Stride: k}, Matrix{Data: randoms(r, n*k), Stride: n}
	p.C = Matrix{Data: make([]float32, m*n), Stride: n}
	switch form {
	case ATB:
		p.A.Stride = m
	case ABT:
		p.B.Stride = k
	}
	return p
}

// benchmarkProduct reports the best call's speed: what the kernel does when nothing else is on the core.
func benchmarkProduct(b *testing.B, p *Product) {
	w := NewWorkspace()
	peak := peakGFLOPS()
	b.ReportAllocs()
	best := time.Hour
	for b.Loop() {
		start := time.Now()
		Mul(p, w)
		best = min(best, time.Since(start))
	}
	speed := float64(p.FLOPs()) / float64(best.Nanoseconds())
	b.ReportMetric(speed, "GFLOP/s")
	b.ReportMetric(100*speed/max(peak, peakGFLOPS()), "%peak")
}

// peakGFLOPS is what one core's multiply-add units can do with the active instruction set, in 10⁹ operations a second: the best of
// several runs. Other loads on the core only lower it.
func peakGFLOPS() float64 {
	const runs, loops = 20, 200_000
	best := 0.0
	for range runs {
		start := time.Now()
		flops := MultiplyAdds(loops)
		best = max(best, float64(flops)/float64(time.Since(start).Nanoseconds()))
	}
	return best
}
