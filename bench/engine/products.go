package engine

import (
	"math/rand/v2"
	"time"

	"tuned/trainer/nn/kernel"
)

// shape is a matrix product.
type shape struct {
	form    kernel.Form
	m, n, k int
	half    bool // of bfloat16
}

var formNames = [...]string{kernel.AB: "AB", kernel.ATB: "AᵀB", kernel.ABT: "ABᵀ"}

var shapes = []shape{
	{form: kernel.AB, m: 256, n: 256, k: 256},
	{form: kernel.AB, m: 256, n: 256, k: 256, half: true},
	{form: kernel.AB, m: 1024, n: 1024, k: 1024},
	{form: kernel.AB, m: 1024, n: 1024, k: 1024, half: true},
	{form: kernel.AB, m: 256, n: 256, k: 32},
	{form: kernel.AB, m: 256, n: 10, k: 256},
	{form: kernel.ATB, m: 256, n: 256, k: 256},
	{form: kernel.ATB, m: 256, n: 256, k: 256, half: true},
	{form: kernel.ABT, m: 256, n: 256, k: 256},
	{form: kernel.ABT, m: 256, n: 256, k: 256, half: true},
	{form: kernel.ATB, m: 256, n: 10, k: 256},
	{form: kernel.ABT, m: 256, n: 256, k: 10},
}

// sets are the instruction sets that a shape is measured with: the best one, and AVX2 for the first shape too; none for products
// of bfloat16 where these are no quicker.
func sets(s shape) []kernel.ISA {
	if s.half && !kernel.Halves() {
		return nil
	}
	if s == shapes[0] && kernel.Active() == kernel.AVX512 {
		return []kernel.ISA{kernel.AVX512, kernel.AVX2}
	}
	return []kernel.ISA{kernel.Active()}
}

func (s shape) measure(isa kernel.ISA, threads int, budget time.Duration) Product {
	defer kernel.Use(kernel.Use(isa))
	var calls []func()
	for i := range threads {
		p, w := s.product(uint64(i)), kernel.NewWorkspace()
		calls = append(calls, func() { kernel.Mul(p, w) })
	}
	before := peak(threads)
	took := best(budget, calls...)
	flops := float64(int64(threads) * s.product(0).FLOPs())
	return Product{
		ISA: named(isa.String(), s.half), Form: formNames[s.form], M: s.m, N: s.n, K: s.k, Threads: threads,
		GFLOPS: flops / float64(took.Nanoseconds()), Peak: max(before, peak(threads)),
	}
}

// product is the shape on random numbers.
func (s shape) product(seed uint64) *kernel.Product {
	r := rand.New(rand.NewPCG(1, seed))
	p := &kernel.Product{Form: s.form, M: s.m, N: s.n, K: s.k, Half: s.half}
	p.A, p.B = kernel.Matrix{Data: normals(r, s.m*s.k), Stride: s.k}, kernel.Matrix{Data: normals(r, s.n*s.k), Stride: s.n}
	p.C = kernel.Matrix{Data: make([]float32, s.m*s.n), Stride: s.n}
	switch s.form {
	case kernel.ATB:
		p.A.Stride = s.m
	case kernel.ABT:
		p.B.Stride = s.k
	}
	return p
}

// named says where products are of bfloat16.
func named(name string, half bool) string {
	if half {
		name += " bf16"
	}
	return name
}

func normals(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}
