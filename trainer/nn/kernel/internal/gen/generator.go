package main

import (
	"fmt"
	"go/token"
	"go/types"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// generator emits code for one instruction set.
type generator struct {
	*build.Context
	wide  bool // 512-bit registers
	lanes int  // floats in a register
	rows  int  // rows of a product's tile
	name  string
	label int

	constants map[uint32]operand.Mem // by their bits
	numbers   operand.Mem            // 0 … 7, once used
}

func newGenerator(isa string) *generator {
	g := &generator{Context: build.NewContext(), lanes: 8, rows: 6, name: "AVX2", constants: map[uint32]operand.Mem{}}
	if isa == "avx512" {
		g.wide, g.lanes, g.rows, g.name = true, 16, 8, "AVX512"
	}
	return g
}

// function begins a kernel; every argument is named in the signature.
func (g *generator) function(name, signature string, doc ...string) {
	g.Function(name + g.name)
	g.Attributes(attr.NOSPLIT)
	g.Pragma("noescape")
	s, err := gotypes.ParseSignatureInPackage(kernelPackage, signature)
	if err != nil {
		panic(err)
	}
	g.Signature(s)
	g.Doc(append([]string{name + g.name + " " + doc[0]}, doc[1:]...)...)
}

// kernelPackage declares the argument types of the package that the assembly belongs to; their fields are read by offset.
var kernelPackage = func() *types.Package {
	pkg := types.NewPackage("tuned/trainer/nn/kernel", "kernel")
	for _, name := range []string{"tiles", "adamFactors", "SGD"} {
		object := types.NewTypeName(token.NoPos, pkg, name, nil)
		types.NewNamed(object, types.NewStruct(nil, nil), nil)
		pkg.Scope().Insert(object)
	}
	return pkg
}()

// at names a fresh label.
func (g *generator) at(name string) string {
	g.label++
	return fmt.Sprintf("%s%d", name, g.label)
}

// vec is a new vector register.
func (g *generator) vec() reg.VecVirtual {
	if g.wide {
		return g.ZMM()
	}
	return g.YMM()
}

// vecs are n new vector registers.
func (g *generator) vecs(n int) []reg.VecVirtual {
	v := make([]reg.VecVirtual, n)
	for i := range v {
		v[i] = g.vec()
	}
	return v
}

// zero clears a register.
func (g *generator) zero(v reg.VecVirtual) {
	if g.wide {
		g.VPXORD(v, v, v)
		return
	}
	g.VXORPS(v, v, v)
}

// bytes is the size of a register.
func (g *generator) bytes() int { return 4 * g.lanes }

// load reads an argument into a register.
func (g *generator) load(name string) reg.GPVirtual {
	r := g.GP64()
	g.Load(g.Param(name), r)
	return r
}

// mem is base + displacement.
func mem(base reg.Register, disp int) operand.Mem { return operand.Mem{Base: base, Disp: disp} }

// indexed is base + index*scale + displacement.
func indexed(base, index reg.Register, scale uint8, disp int) operand.Mem {
	return operand.Mem{Base: base, Index: index, Scale: scale, Disp: disp}
}

// jump emits a conditional jump by its name.
func (g *generator) jump(condition, label string) {
	target := operand.LabelRef(label)
	switch condition {
	case "zero":
		g.JZ(target)
	case "nonzero":
		g.JNZ(target)
	case "greater":
		g.JG(target)
	case "less":
		g.JL(target)
	case "less or equal":
		g.JLE(target)
	default:
		g.JMP(target)
	}
}

// imm is a constant operand.
func imm(n int) operand.Constant {
	if n < 128 {
		return operand.U8(n)
	}
	return operand.U32(n)
}
