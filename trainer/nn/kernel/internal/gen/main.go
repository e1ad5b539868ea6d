// Command gen writes the package's assembly. It runs once for each instruction set:
//
//	gen -isa avx2 -out ../../avx2_amd64.s -stubs ../../avx2_amd64.go -pkg kernel
package main

import (
	"flag"
	"os"
	"slices"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/pass"
)

func main() {
	set := flag.NewFlagSet("gen", flag.ExitOnError)
	isa := set.String("isa", "avx2", "instruction set: avx2 or avx512")
	flags := build.NewFlags(set)
	if err := set.Parse(os.Args[1:]); err != nil {
		os.Exit(2)
	}
	config := flags.Config()
	config.Passes = slices.Insert(config.Passes, 1, pass.Interface(encodePairs)) // once all is compiled, before it is printed
	os.Exit(build.Main(config, program(*isa)))
}

// program emits all kernels of an instruction set.
func program(isa string) *build.Context {
	g := newGenerator(isa)
	g.ConstraintExpr("amd64")
	g.products()
	g.peak()
	if g.wide {
		g.halves()
	}
	if isa == "avx2" {
		g.packers()
		g.functions()
		g.activations()
		g.optimizers()
		g.vectors()
		g.reductions()
		g.pools()
		g.winograds()
		g.pbld()
	}
	g.deductions()
	return g.Context
}
