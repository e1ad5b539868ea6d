package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/ir"
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
	alone   bool   // one register at a time: the second depends on the first
	body    func(in inputs) (out []vec)
}

// emit writes the loop over whole registers and the masked rest.
func (g *generator) emit(l loop) {
	arrays := append(append([]string{}, l.outputs...), l.inputs...)
	pointers, scalars := map[string]reg.GPVirtual{}, map[string]vec{}
	g.function(l.name, l.signature(arrays), l.doc)
	for _, a := range arrays {
		if pointers[a] == nil {
			pointers[a] = g.load(a)
		}
	}
	n := g.load("n")
	for _, s := range l.scalars {
		scalars[s] = g.broadcast(s)
	}
	if l.setup != nil {
		l.setup()
	}
	once := func(index reg.GPVirtual, disp int, mask vec) { g.once(l, scalars, pointers, index, disp, mask) }
	index := g.GP64()
	g.XORQ(index, index)
	if !l.alone {
		g.eachPair(n, index, once)
	}
	g.eachFrom(index, n, func(mask vec) { once(index, 0, mask) })
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

// inputs gives a scalar or a register of an array. An array is read when it is first asked for: until then it takes up no
// register.
type inputs func(name string) vec

// once emits the body for one register of each array.
func (g *generator) once(l loop, scalars map[string]vec, pointers map[string]reg.GPVirtual, index reg.GPVirtual, disp int, mask vec) {
	read := maps.Clone(scalars)
	in := func(name string) vec {
		if read[name] == nil {
			read[name] = g.vec()
			g.fetch(indexed(pointers[name], index, 1, disp), read[name], mask)
		}
		return read[name]
	}
	for i, v := range l.body(in) {
		g.store(v, indexed(pointers[l.outputs[i]], index, 1, disp), mask)
	}
}

// eachPair emits a loop over two registers at a time, while there are two of the n elements left, which it counts down.
func (g *generator) eachPair(n, index reg.GPVirtual, body func(index reg.GPVirtual, disp int, mask vec)) {
	next, done := g.at("pair"), g.at("pairsDone")
	g.SUBQ(imm(2*g.lanes), n)
	g.jump("less", done)
	g.Label(next)
	g.interleave(func(i int) { body(index, i*g.bytes(), nil) })
	g.ADDQ(imm(2*g.bytes()), index)
	g.SUBQ(imm(2*g.lanes), n)
	g.JGE(operand.LabelRef(next))
	g.Label(done)
	g.ADDQ(imm(2*g.lanes), n)
}

// interleave emits two independent pieces of straight code, an instruction of one after an instruction of the other: what waits
// for a result then leaves room, in the processor's queues, for what need not.
func (g *generator) interleave(emit func(i int)) {
	file, _ := g.Result()
	all := file.Functions()
	f := all[len(all)-1]
	start := len(f.Nodes)
	emit(0)
	half := len(f.Nodes)
	emit(1)
	first, second := slices.Clone(f.Nodes[start:half]), slices.Clone(f.Nodes[half:])
	f.Nodes = f.Nodes[:start]
	for i := range max(len(first), len(second)) {
		for _, piece := range [][]ir.Node{first, second} {
			if i < len(piece) {
				f.Nodes = append(f.Nodes, piece[i])
			}
		}
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
	g.emit(loop{name: "exp", outputs: []string{"dst"}, inputs: []string{"x"}, doc: "is Exp.", body: func(in inputs) []vec {
		return []vec{g.exp(in("x"))}
	}})
	g.emit(loop{name: "log", outputs: []string{"dst"}, inputs: []string{"x"}, doc: "is Log.", body: func(in inputs) []vec {
		return []vec{g.log(in("x"))}
	}})
	g.emit(loop{name: "sincos", outputs: []string{"sin", "cos"}, inputs: []string{"x"}, doc: "is SinCos.", body: func(in inputs) []vec {
		turn := g.halfTurn(in("x"))
		return []vec{g.sin(turn), g.cos(turn)}
	}})
}
