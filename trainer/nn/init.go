package nn

import (
	"fmt"
	"math"
	"slices"

	"tuned/trainer/nn/kernel"
)

// maxInitRows is how many rows data-driven initialisation looks at, at most.
const maxInitRows = 4096

// fill gives every parameter its beginning, and forgets moments, averages, statistics and steps.
func (p *Program) fill() {
	for i, q := range p.params {
		q.fill(newStream(p.seed, int64(i)), q.value)
	}
	for _, m := range p.moments {
		clear(m)
	}
	for _, a := range p.averages {
		copy(a, p.weights)
	}
	for _, n := range p.nodes {
		if o, ok := n.op.(resetter); ok {
			o.reset()
		}
	}
	p.steps = 0
}

// resetter is implemented by operations with statistics of their own.
type resetter interface{ reset() }

// Init begins anew: weights from the seed, and for layers with InitData from these rows, first layer first; at most
// 4096 of them, evenly spread, are used. Without rows InitData is InitNormal with zero biases, as Compile leaves it.
// Rows outside the data are an error.
func (p *Program) Init(rows []int32) error {
	for _, r := range rows {
		if r < 0 || int(r) >= p.data.Rows {
			return fmt.Errorf("initialise: row %d of %d", r, p.data.Rows)
		}
	}
	p.fill()
	p.facts.InitFLOPs = 0
	rows = spread(rows, maxInitRows)
	if len(rows) < 2 {
		return nil
	}
	for _, n := range p.nodes {
		if o, ok := n.op.(fitter); ok {
			p.facts.InitFLOPs += o.fit(p, rows)
		}
	}
	for _, together := range p.passes() {
		p.initLayers(together, rows)
	}
	for _, a := range p.averages {
		copy(a, p.weights)
	}
	return nil
}

// spread picks at most n rows at even distances.
func spread(rows []int32, n int) []int32 {
	if len(rows) <= n {
		return rows
	}
	picked := make([]int32, n)
	for i := range picked {
		picked[i] = rows[i*len(rows)/n]
	}
	return picked
}

// simplex is how many rows a "he+5" bias mixes.
const simplex = 5

// pass is one look at the rows of initialisation: layers with InitData of which none is behind another, and all that they are
// computed from. A network side by side with others takes no more passes than one alone.
type pass struct {
	layers []*denseOp
	nodes  []*Node // in order, the layers' own among them
	flops  int64   // of a row
}

// passes are the looks at the rows that initialisation takes, first layers first.
func (p *Program) passes() []pass {
	var all []pass
	before := make([]int, len(p.nodes)) // passes that must have been, for the node's value
	for _, n := range p.nodes {
		for _, x := range n.in {
			before[n.id] = max(before[n.id], before[x.id])
		}
		d, ok := n.op.(*denseOp)
		if !ok || d.options.Init != InitData {
			continue
		}
		k := before[n.id]
		if k == len(all) {
			all = append(all, pass{})
		}
		all[k].layers = append(all[k].layers, d)
		before[n.id]++
	}
	for i := range all {
		all[i].lead(p.nodes)
	}
	return all
}

// lead finds the nodes that lead to the layers.
func (s *pass) lead(all []*Node) {
	needed := make([]bool, len(all))
	for _, d := range s.layers {
		needed[d.n.id] = true
	}
	for _, n := range slices.Backward(all) {
		for _, x := range n.in {
			needed[x.id] = needed[x.id] || needed[n.id]
		}
	}
	for _, n := range all {
		if needed[n.id] {
			s.nodes = append(s.nodes, n)
			s.flops += n.op.cost().forward
		}
	}
}

// initLayers rescales the columns of the layers' weights to unit standard deviation of their pre-activations, and sets each
// bias to minus a random convex mix of the unit's pre-activations on five rows (arXiv 2407.04491, "he+5"): the
// kinks of the units then lie where the data is.
func (p *Program) initLayers(together pass, rows []int32) {
	stats := make([]*preStats, len(together.layers))
	for i, d := range together.layers {
		stats[i] = newPreStats(d, newStream(p.seed, int64(len(p.params)+d.n.id)), len(rows))
	}
	p.look = together
	for first := 0; first < len(rows); first += p.maxBatch {
		part := rows[first:min(first+p.maxBatch, len(rows))]
		p.begin(part, first, 0)
		p.team.run(p.partialTask)
		p.facts.InitFLOPs += int64(len(part)) * together.flops
		for i, d := range together.layers {
			for _, w := range p.workers {
				stats[i].add(w.flat(d.n), w.first, w.n)
			}
		}
	}
	for i, d := range together.layers {
		stats[i].apply(d)
	}
}

// doPartial leaves x W of the pass's layers, without bias and activation, as their nodes' values.
func (p *Program) doPartial(w *worker) {
	w.begin(p.rows, false)
	for _, n := range p.look.nodes {
		d, ok := n.op.(*denseOp)
		if !ok || !slices.Contains(p.look.layers, d) {
			n.op.forward(w)
			continue
		}
		product := d.product(w, w.flat(n))
		product.Bias = nil
		kernel.Mul(product, w.mul)
	}
}

// preStats are the statistics of a layer's pre-activations.
type preStats struct {
	n            float64
	sum, squares []float64
	mix          []float64        // by unit: of the pre-activations on its rows
	wants        [][]contribution // by position in the init rows
}

// contribution is a row's share in a unit's mix.
type contribution struct {
	unit  int
	share float64
}

func newPreStats(d *denseOp, r stream, rows int) *preStats {
	s := &preStats{sum: make([]float64, d.units), squares: make([]float64, d.units), mix: make([]float64, d.units)}
	s.wants = make([][]contribution, rows)
	for u := range d.units {
		var shares [simplex]float64
		total := 0.0
		for k := range shares {
			shares[k] = -math.Log(1 - r.sub(1).uniform(uint64(u*simplex+k)))
			total += shares[k]
		}
		for k, v := range shares {
			row := int(r.sub(2).uniform(uint64(u*simplex+k)) * float64(rows))
			s.wants[row] = append(s.wants[row], contribution{u, v / total})
		}
	}
	return s
}

// add counts n rows of pre-activations, the first at a position in the init rows.
func (s *preStats) add(z []float32, first, n int) {
	units := len(s.sum)
	s.n += float64(n)
	for i := range n {
		row := z[i*units : (i+1)*units]
		for u, v := range row {
			s.sum[u] += float64(v)
			s.squares[u] += float64(v) * float64(v)
		}
		for _, c := range s.wants[first+i] {
			s.mix[c.unit] += c.share * float64(row[c.unit])
		}
	}
}

// apply rescales the weights and sets the biases. Units that see no variation keep their weights.
func (s *preStats) apply(d *denseOp) {
	for u := range d.units {
		mean := s.sum[u] / s.n
		sd := math.Sqrt(max(0, s.squares[u]/s.n-mean*mean))
		if sd < 1e-12 {
			sd = 1
		}
		for i := u; i < len(d.weight.value); i += d.units {
			d.weight.value[i] = float32(float64(d.weight.value[i]) / sd)
		}
		if d.bias != nil && d.options.BiasInit == nil {
			d.bias.value[u] = float32(-s.mix[u] / sd)
		}
	}
}
