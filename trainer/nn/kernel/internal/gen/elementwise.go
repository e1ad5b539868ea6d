package main

import (
	"strings"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// loop is an element-wise kernel: for n elements, outputs are computed from inputs. An array may be both.
type loop struct {
	name    string
	inputs  []string
	outputs []string
	scalars []string // float arguments
	more    string   // further arguments, declared as in Go
	doc     string
	setup   func() // reads further arguments
	body    func(in map[string]vec) (out []vec)
}

// emit writes the loop over whole registers and the masked rest.
func (g *generator) emit(l loop) {
	arrays := append(append([]string{}, l.outputs...), l.inputs...)
	pointers := map[string]reg.GPVirtual{}
	g.function(l.name, l.signature(arrays), l.doc)
	in := map[string]vec{}
	for _, a := range arrays {
		if pointers[a] == nil {
			pointers[a] = g.load(a)
		}
	}
	n := g.load("n")
	for _, s := range l.scalars {
		in[s] = g.broadcast(s)
	}
	if l.setup != nil {
		l.setup()
	}
	g.eachVector(n, func(index reg.GPVirtual, mask vec) { g.once(l, in, pointers, index, mask) })
	g.VZEROUPPER()
	g.RET()
}

// signature declares the arguments: outputs, inputs, n, scalars, more.
func (l *loop) signature(arrays []string) string {
	var names []string
	seen := map[string]bool{}
	for _, a := range arrays {
		if !seen[a] {
			names, seen[a] = append(names, a), true
		}
	}
	s := "func(" + strings.Join(names, ", ") + " *float32, n int"
	if len(l.scalars) > 0 {
		s += ", " + strings.Join(l.scalars, ", ") + " float32"
	}
	if l.more != "" {
		s += ", " + l.more
	}
	return s + ")"
}

// once emits the body for one register of each array.
func (g *generator) once(l loop, in map[string]vec, pointers map[string]reg.GPVirtual, index reg.GPVirtual, mask reg.VecVirtual) {
	for _, a := range l.inputs {
		v := g.vec()
		g.fetch(indexed(pointers[a], index, 1, 0), v, mask)
		in[a] = v
	}
	for i, v := range l.body(in) {
		g.store(v, indexed(pointers[l.outputs[i]], index, 1, 0), mask)
	}
}

// restMask is the mask of n < lanes lanes.
func (g *generator) restMask(n reg.GPVirtual) reg.VecVirtual {
	count, mask := g.XMM(), g.vec()
	g.VMOVD(n.As32(), count)
	g.VPBROADCASTD(count, mask)
	lanes := g.vec()
	g.VMOVUPS(g.laneNumbers(), lanes)
	g.VPCMPGTD(lanes, mask, mask)
	return mask
}

// fetch loads a register, or its masked lanes.
func (g *generator) fetch(from operand.Mem, to, mask reg.VecVirtual) {
	if mask == nil {
		g.VMOVUPS(from, to)
		return
	}
	g.VMASKMOVPS(from, mask, to)
}

// store stores a register, or its masked lanes.
func (g *generator) store(from vec, to operand.Mem, mask reg.VecVirtual) {
	if mask == nil {
		g.VMOVUPS(from, to)
		return
	}
	g.VMASKMOVPS(from, mask, to)
}

// functions emits the functions that are used alone.
func (g *generator) functions() {
	g.emit(loop{name: "exp", outputs: []string{"dst"}, inputs: []string{"x"}, doc: "is Exp.", body: func(in map[string]vec) []vec {
		return []vec{g.exp(in["x"])}
	}})
	g.emit(loop{name: "log", outputs: []string{"dst"}, inputs: []string{"x"}, doc: "is Log.", body: func(in map[string]vec) []vec {
		return []vec{g.log(in["x"])}
	}})
	g.emit(loop{name: "sincos", outputs: []string{"sin", "cos"}, inputs: []string{"x"}, doc: "is SinCos.", body: func(in map[string]vec) []vec {
		s, c := g.sincos(in["x"])
		return []vec{s, c}
	}})
}
