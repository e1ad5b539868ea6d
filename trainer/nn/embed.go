package nn

import (
	"fmt"

	"tuned/trainer/nn/kernel"
)

// Embed looks up a vector of size values for each column of codes, each column in its own table, and joins them.
// Tables begin at N(0, 1); code 0, missing or unseen, is the zero vector and stays it.
func (g *Graph) Embed(codes *Node, size int, group string) *Node {
	in, ok := codes.op.(*codesOp)
	if !ok {
		g.fail("embed: the input is not codes")
		in = &codesOp{}
	}
	o := &embedOp{size: size}
	layer := g.layer("", "embed")
	for i, n := range in.cardinalities {
		o.tables = append(o.tables, g.newParam(layer, fmt.Sprintf("table%d", i), group, fillTable(size), n, size))
	}
	return g.add(flat(codes.Columns()*size), o, codes)
}

// fillTable is N(0, 1) but for the first row.
func fillTable(size int) func(stream, []float32) {
	return func(r stream, v []float32) {
		fillNormal(1)(r, v)
		clear(v[:min(size, len(v))])
	}
}

type embedOp struct {
	n      *Node
	size   int
	tables []*param
}

func (*embedOp) name() string                 { return "embed" }
func (*embedOp) strided()                     {}
func (o *embedOp) parameters() []*param       { return o.tables }
func (o *embedOp) setup(_ *compiler, n *Node) { o.n = n }
func (o *embedOp) cost() cost                 { return each(o.n, 0, 1) }

func (o *embedOp) forward(w *worker) {
	y, k := w.value(o.n), len(o.tables)
	for i, r := range w.rows {
		row := y.row(i, o.n.Columns())
		for j, code := range w.program.data.Codes[int(r)*k : (int(r)+1)*k] {
			copy(row[j*o.size:(j+1)*o.size], o.tables[j].value[int(code)*o.size:])
		}
	}
}

func (o *embedOp) backward(w *worker) {
	for _, t := range o.tables {
		w.zeroed(t)
	}
	dy, k := w.grad(o.n), len(o.tables)
	for i, r := range w.rows {
		row := dy.row(i, o.n.Columns())
		for j, code := range w.program.data.Codes[int(r)*k : (int(r)+1)*k] {
			if code != 0 {
				o.add(w, j, int(code), row[j*o.size:(j+1)*o.size])
			}
		}
	}
}

// add adds a row's gradient to one entry of a table.
func (o *embedOp) add(w *worker, table, code int, d []float32) {
	g := w.gradient(o.tables[table])[code*o.size:]
	if o.size >= 32 {
		kernel.Axpy(1, d, g[:o.size])
		return
	}
	for i, v := range d {
		g[i] += v
	}
}
