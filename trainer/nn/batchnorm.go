package nn

import (
	"math"
	"slices"

	"tuned/trainer/nn/kernel"
)

// batchNormKeep is how much of the running statistics stays with each step.
const batchNormKeep = 0.9

// BatchNorm normalises each channel over the whole batch, whatever the threads, with a gain and a bias. Evaluation uses running
// statistics: means, and unbiased variances, of which each step replaces a tenth. Parts are batches of their own.
func (g *Graph) BatchNorm(x *Node, group string) *Node {
	layer, k := g.layer("", "batchnorm"), x.shape.Channels
	o := &batchNormOp{
		layer: layer,
		gain:  g.newParam(layer, "gain", group, fillOne, k),
		bias:  g.newParam(layer, "bias", group, fillZero, k),
		mean:  make([]float32, k), variance: make([]float32, k),
	}
	return g.add(x.shape, o, x)
}

type batchNormOp struct {
	n              *Node
	layer          string
	gain, bias     *param
	mean, variance []float32 // running
	seen, batch    []moments // by worker: of its rows, and of all rows as it added them up
	pooled         moments   // of a recalibration
	normal         scratch   // (x - mean) / deviation
	inverse        scratch   // of the deviation, by channel
	factor, shift  scratch   // by channel, in the forward pass
	own, offset    scratch   // by channel, in the backward pass
}

// moments are a count, means and sums of squared distances from them, by channel.
type moments struct {
	n             float64
	mean, squares []float64
}

func newMoments(k int) moments { return moments{mean: make([]float64, k), squares: make([]float64, k)} }

func (m *moments) clear() {
	m.n = 0
	clear(m.mean)
	clear(m.squares)
}

// merge adds what another saw (Chan et al. 1979).
func (m *moments) merge(o *moments) {
	if o.n == 0 {
		return
	}
	n := m.n + o.n
	for c, mean := range o.mean {
		d := mean - m.mean[c]
		m.mean[c] += d * o.n / n
		m.squares[c] += o.squares[c] + d*d*m.n*o.n/n
	}
	m.n = n
}

// observeRows is how many rows are summed in float32 before float64 takes over.
const observeRows = 256

// observe sees rows of values; ones, sums and centred are workspace, two of a row's length and one of x's.
func (m *moments) observe(x, ones, sums, centred []float32) {
	k := len(m.mean)
	m.clear()
	m.n = float64(len(x) / k)
	if m.n == 0 {
		return
	}
	for rows := range slices.Chunk(x, observeRows*k) {
		clear(sums)
		kernel.ColumnSums(sums, rows)
		accumulate(m.mean, sums, 1/m.n)
	}
	for c, mean := range m.mean {
		sums[c] = float32(-mean)
	}
	fillOne(0, ones)
	kernel.ScaleColumns(centred, x, ones, sums)
	for rows := range slices.Chunk(centred, observeRows*k) {
		clear(sums)
		kernel.ColumnDots(sums, rows, rows)
		accumulate(m.squares, sums, 1)
	}
}

func accumulate(dst []float64, src []float32, factor float64) {
	for c, v := range src {
		dst[c] += factor * float64(v)
	}
}

func (*batchNormOp) name() string           { return "batch norm" }
func (o *batchNormOp) parameters() []*param { return []*param{o.gain, o.bias} }
func (o *batchNormOp) cost() cost           { return each(o.n, 7, 8) }

func (o *batchNormOp) setup(c *compiler, n *Node) {
	k := n.shape.Channels
	o.n = n
	o.normal, o.inverse = c.kept(n, n.Columns(), 0), c.kept(n, 0, k)
	o.factor, o.shift = c.inForward(n, 0, k), c.inForward(n, 0, k)
	o.own, o.offset = c.inBackward(n, 0, k), c.inBackward(n, 0, k)
	o.pooled = newMoments(k)
	for range c.threads {
		o.seen, o.batch = append(o.seen, newMoments(k)), append(o.batch, newMoments(k))
	}
	c.shared += int64(k) * int64(2*4+16+c.threads*32)
	o.reset()
}

func (o *batchNormOp) reset() {
	fillZero(0, o.mean)
	fillOne(0, o.variance)
}

func (o *batchNormOp) forward(w *worker) {
	x, y, k := w.flat(o.n.in[0]), w.flat(o.n), o.n.shape.Channels
	factor, shift := w.workspace[o.factor][:k], w.workspace[o.shift][:k]
	if !w.train {
		for c, v := range o.variance {
			factor[c] = o.gain.value[c] / float32(math.Sqrt(float64(v)+normEpsilon))
			shift[c] = o.bias.value[c] - o.mean[c]*factor[c]
		}
		kernel.ScaleColumns(y, x, factor, shift)
		return
	}
	normal := w.rowsOf(o.normal, o.n.Columns())
	o.seen[w.id].observe(x, factor, shift, normal)
	w.program.sync.wait()
	batch, inverse := &o.batch[w.id], w.workspace[o.inverse]
	batch.clear()
	for i := range o.seen {
		batch.merge(&o.seen[i])
	}
	for c, mean := range batch.mean {
		deviation := math.Sqrt(batch.squares[c]/batch.n + normEpsilon)
		inverse[c], shift[c] = float32(1/deviation), float32(-mean/deviation)
	}
	kernel.ScaleColumns(normal, x, inverse[:k], shift)
	kernel.ScaleColumns(y, normal, o.gain.value, o.bias.value)
}

// backward: with the sums of dy and of dy·normal over the whole batch, which are the gradients of bias and gain,
// dx = gain/deviation (dy - Σdy/n - normal Σ(dy·normal)/n).
func (o *batchNormOp) backward(w *worker) {
	dy, normal, k := w.flatGrad(o.n), w.rowsOf(o.normal, o.n.Columns()), o.n.shape.Channels
	kernel.ColumnDots(w.zeroed(o.gain), dy, normal)
	kernel.ColumnSums(w.zeroed(o.bias), dy)
	w.program.sync.wait()
	if !w.wants(o.n, 0) {
		return
	}
	inverse, own, offset := w.workspace[o.inverse], w.workspace[o.own][:k], w.workspace[o.offset][:k]
	for c, gain := range o.gain.value {
		var dot, sum float32
		for _, other := range w.program.workers {
			dot += other.gradient(o.gain)[c]
			sum += other.gradient(o.bias)[c]
		}
		factor := gain * inverse[c]
		inverse[c] = factor
		share := factor / float32(o.batch[w.id].n)
		own[c], offset[c] = -dot*share, -sum*share
	}
	kernel.ScaleColumns(normal, normal, own, offset)
	kernel.ScaleColumns(dy, dy, inverse[:k], nil)
	dx := w.into(o.n, 0, dy)
	kernel.Add(dx, dy, normal)
	w.contribute(o.n, 0, dx)
}

// adopt moves the running statistics towards those of the last batch.
func (o *batchNormOp) adopt() {
	for c := range o.mean {
		mean, variance := o.batch[0].unbiased(c)
		o.mean[c] += (1 - batchNormKeep) * (mean - o.mean[c])
		o.variance[c] += (1 - batchNormKeep) * (variance - o.variance[c])
	}
}

// unbiased is a channel's mean and variance.
func (m *moments) unbiased(c int) (mean, variance float32) {
	return float32(m.mean[c]), float32(m.squares[c] / max(1, m.n-1))
}

func (o *batchNormOp) statistics() []Tensor {
	return []Tensor{
		{Name: o.layer + ".mean", Shape: []int{len(o.mean)}, Data: o.mean},
		{Name: o.layer + ".variance", Shape: []int{len(o.variance)}, Data: o.variance},
	}
}

// Recalibrate re-estimates batch-norm statistics with the present weights: those of all rows together, taken in batches
// of MaxBatch, each normalised by its own. Without batch norm, or rows, it does nothing.
func (p *Program) Recalibrate(rows []int32) {
	norms := p.norms()
	if len(norms) == 0 || len(rows) == 0 {
		return
	}
	for _, o := range norms {
		o.pooled.clear()
	}
	p.step.Dropout = 0
	for part := range slices.Chunk(rows, p.maxBatch) {
		p.begin(part, 0, 0)
		p.team.run(p.observeTask)
		for _, o := range norms {
			o.pooled.merge(&o.batch[0])
		}
	}
	for _, o := range norms {
		for c := range o.mean {
			o.mean[c], o.variance[c] = o.pooled.unbiased(c)
		}
	}
}

// norms are the program's batch norms.
func (p *Program) norms() (norms []*batchNormOp) {
	for _, n := range p.nodes {
		if o, ok := n.op.(*batchNormOp); ok {
			norms = append(norms, o)
		}
	}
	return norms
}

// doObserve is a forward pass with batch statistics, without dropout.
func (p *Program) doObserve(w *worker) {
	w.begin(p.rows, true)
	w.forward(0, len(p.nodes))
}
