package nn

import (
	"math"
	"slices"
)

// PLE embeds each column by a linear layer on its piecewise-linear encoding (arXiv 2203.05556): bins[i] are column i's
// edges, ascending, at least two. Of the T bins between T+1 edges, those below x count 1, the one that x is in the share of
// it that lies below x, those above 0; the first and the last bin go on beyond the outer edges. size values for each column.
func (g *Graph) PLE(x *Node, bins [][]float32, size int, group string) *Node {
	o := &pleOp{edges: bins, size: size}
	if len(bins) != x.Columns() {
		g.fail("ple: edges of %d columns for %d", len(bins), x.Columns())
	}
	for i, edges := range bins {
		if len(edges) < 2 || !ascending(edges) {
			g.fail("ple: column %d needs at least two ascending edges", i)
			return x
		}
		o.first = append(o.first, o.bins)
		o.bins += len(edges) - 1
	}
	layer := g.layer("", "ple")
	o.weight = g.newParam(layer, "weight", group, o.fillWeight, o.bins, size)
	o.bias = g.newParam(layer, "bias", group, o.fillBias, len(bins), size)
	return g.add(flat(x.Columns()*size), o, x)
}

func ascending(edges []float32) bool {
	for i := range edges[1:] {
		if !(edges[i] < edges[i+1]) {
			return false
		}
	}
	return true
}

// pleOp never forms the encoding: the bins below x are a prefix, whose weights are summed once a batch.
type pleOp struct {
	n            *Node
	edges        [][]float32
	size, bins   int
	first        []int // by column: its first bin
	weight, bias *param
	prefix       scratch // by bin: the bias and the weights of all bins below it
	bin, share   scratch // by row and column
	whole        scratch // by bin: the gradients of rows in it
}

func (*pleOp) name() string           { return "ple" }
func (*pleOp) strided()               {}
func (o *pleOp) parameters() []*param { return []*param{o.weight, o.bias} }
func (o *pleOp) cost() cost           { return each(o.n, 2, 4) }

// fillWeight is uniform within ±1/√bins of the column.
func (o *pleOp) fillWeight(r stream, v []float32) {
	fillUniform(1)(r, v)
	for j, edges := range o.edges {
		bins := len(edges) - 1
		column := v[o.first[j]*o.size : (o.first[j]+bins)*o.size]
		for i := range column {
			column[i] /= float32(math.Sqrt(float64(bins)))
		}
	}
}

func (o *pleOp) fillBias(r stream, v []float32) {
	fillUniform(1)(r, v)
	for j, edges := range o.edges {
		for i := range o.size {
			v[j*o.size+i] /= float32(math.Sqrt(float64(len(edges) - 1)))
		}
	}
}

func (o *pleOp) setup(c *compiler, n *Node) {
	o.n = n
	o.prefix = c.inForward(n, 0, o.bins*o.size)
	o.whole = c.inBackward(n, 0, o.bins*o.size)
	o.bin, o.share = c.kept(n, len(o.edges), 0), c.kept(n, len(o.edges), 0)
}

func (o *pleOp) forward(w *worker) {
	o.sumPrefixes(w.workspace[o.prefix])
	x, y, k := w.value(o.n.in[0]), w.value(o.n), len(o.edges)
	bin, share := w.rowsOf(o.bin, k), w.rowsOf(o.share, k)
	for i := range w.n {
		for j, v := range x.row(i, k) {
			t, s := o.locate(j, v)
			bin[i*k+j], share[i*k+j] = float32(t), s
			below := w.workspace[o.prefix][t*o.size : (t+1)*o.size]
			out := y.data[i*y.ld+j*o.size:][:o.size]
			for e, p := range below {
				out[e] = p + s*o.weight.value[t*o.size+e]
			}
		}
	}
}

func (o *pleOp) sumPrefixes(prefix []float32) {
	for j, edges := range o.edges {
		at := o.first[j] * o.size
		copy(prefix[at:at+o.size], o.bias.value[j*o.size:])
		for i := at + o.size; i < at+(len(edges)-1)*o.size; i++ {
			prefix[i] = prefix[i-o.size] + o.weight.value[i-o.size]
		}
	}
}

// locate finds the bin of column j that x is in, and the share of it that lies below x.
func (o *pleOp) locate(j int, x float32) (bin int, share float32) {
	edges := o.edges[j]
	t, _ := slices.BinarySearch(edges[1:len(edges)-1], x)
	return o.first[j] + t, (x - edges[t]) / (edges[t+1] - edges[t])
}

func (o *pleOp) backward(w *worker) {
	dWeight, dBias := w.zeroed(o.weight), w.zeroed(o.bias)
	whole, k := w.workspace[o.whole], len(o.edges)
	clear(whole)
	dy, bin, share := w.grad(o.n), w.rowsOf(o.bin, k), w.rowsOf(o.share, k)
	for i := range w.n {
		for j := range k {
			t, s := int(bin[i*k+j]), share[i*k+j]
			for e, d := range dy.data[i*dy.ld+j*o.size:][:o.size] {
				whole[t*o.size+e] += d
				dWeight[t*o.size+e] += s * d
			}
		}
	}
	o.addSuffixes(whole, dWeight, dBias)
	if w.wants(o.n, 0) {
		o.backwardInput(w, bin)
	}
}

// addSuffixes gives each bin the gradients of the rows in the bins above it, and the bias those of all.
func (o *pleOp) addSuffixes(whole, dWeight, dBias []float32) {
	for j, edges := range o.edges {
		first := o.first[j] * o.size
		sum := dBias[j*o.size : (j+1)*o.size]
		for t := len(edges) - 2; t >= 0; t-- {
			at := first + t*o.size
			for e := range sum {
				dWeight[at+e] += sum[e]
				sum[e] += whole[at+e]
			}
		}
	}
}

func (o *pleOp) backwardInput(w *worker, bin []float32) {
	k := len(o.edges)
	dx, dy := w.grad(o.n.in[0]), w.grad(o.n)
	for i := range w.n {
		for j, edges := range o.edges {
			t := int(bin[i*k+j])
			var sum float32
			for e, d := range dy.data[i*dy.ld+j*o.size:][:o.size] {
				sum += d * o.weight.value[t*o.size+e]
			}
			at := t - o.first[j]
			sum /= edges[at+1] - edges[at]
			if w.adds(o.n, 0) {
				sum += dx.data[i*dx.ld+j]
			}
			dx.data[i*dx.ld+j] = sum
		}
	}
}
