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
}

var formNames = [...]string{kernel.AB: "AB", kernel.ATB: "AᵀB", kernel.ABT: "ABᵀ"}

var shapes = []shape{
	{kernel.AB, 256, 256, 256},
	{kernel.AB, 1024, 1024, 1024},
	{kernel.AB, 256, 256, 32},
	{kernel.AB, 256, 10, 256},
	{kernel.ATB, 256, 256, 256},
	{kernel.ABT, 256, 256, 256},
	{kernel.ATB, 256, 10, 256},
	{kernel.ABT, 256, 256, 10},
}

// sets are the instruction sets that a shape is measured with: the best one, and AVX2 for the first shape too.
func sets(s shape) []kernel.ISA {
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
		ISA: isa.String(), Form: formNames[s.form], M: s.m, N: s.n, K: s.k, Threads: threads,
		GFLOPS: flops / float64(took.Nanoseconds()), Peak: max(before, peak(threads)),
	}
}

// product is the shape on random numbers.
func (s shape) product(seed uint64) *kernel.Product {
	r := rand.New(rand.NewPCG(1, seed))
	p := &kernel.Product{Form: s.form, M: s.m, N: s.n, K: s.k}
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

func normals(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}
