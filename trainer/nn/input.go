package nn

// Numeric adds the numeric matrix as an input: [B, columns], gathered by row.
func (g *Graph) Numeric(columns int) *Node { return g.add(flat(columns), &numericOp{}) }

type numericOp struct{ n *Node }

func (*numericOp) name() string                 { return "numeric input" }
func (o *numericOp) setup(_ *compiler, n *Node) { o.n = n }
func (*numericOp) backward(*worker)             {}
func (*numericOp) cost() cost                   { return cost{} }

func (o *numericOp) forward(w *worker) {
	y, k := w.flat(o.n), o.n.Columns()
	all := w.program.data.Numeric
	for i, r := range w.rows {
		copy(y[i*k:(i+1)*k], all[int(r)*k:])
	}
}

// Codes adds the categorical codes as an input, for Embed: column i holds 0 … cardinalities[i]-1.
func (g *Graph) Codes(cardinalities []int) *Node {
	for i, n := range cardinalities {
		if n < 1 {
			g.fail("codes: column %d has cardinality %d", i, n)
		}
	}
	return g.add(flat(len(cardinalities)), &codesOp{cardinalities: cardinalities})
}

// codesOp has no value: Embed reads the data itself.
type codesOp struct{ cardinalities []int }

func (*codesOp) name() string           { return "codes input" }
func (*codesOp) setup(*compiler, *Node) {}
func (*codesOp) forward(*worker)        {}
func (*codesOp) backward(*worker)       {}
func (*codesOp) cost() cost             { return cost{} }

// Pixels adds images as an input, float32 (v/255 - mean)/std for each channel; nil mean and std: v/255.
func (g *Graph) Pixels(height, width, channels int, mean, std []float64) *Node {
	o := &pixelsOp{}
	for i := range o.table {
		o.table[i] = make([]float32, channels)
	}
	if mean != nil && (len(mean) != channels || len(std) != channels) {
		g.fail("pixels: %d means and %d deviations for %d channels", len(mean), len(std), channels)
		mean = nil
	}
	for v := range o.table {
		for c := range channels {
			x := float64(v) / 255
			if mean != nil {
				x = (x - mean[c]) / std[c]
			}
			o.table[v][c] = float32(x)
		}
	}
	return g.add(Shape{height, width, channels}, o)
}

// pixelsOp looks values up: 256 of them for each channel.
type pixelsOp struct {
	n       *Node
	table   [256][]float32
	augment Augment
}

func (*pixelsOp) name() string                 { return "pixels input" }
func (o *pixelsOp) setup(_ *compiler, n *Node) { o.n = n }
func (*pixelsOp) backward(*worker)             {}
func (*pixelsOp) cost() cost                   { return cost{} }

func (o *pixelsOp) forward(w *worker) {
	y, k := w.flat(o.n), o.n.Columns()
	s := newStream(w.program.seed, w.program.steps, int64(o.n.id))
	for i, r := range w.rows {
		c := change{flip: w.mirror && o.augment.Both}
		if w.augment {
			c = o.augment.change(s, r, o.n.shape)
		}
		o.copy(y[i*k:(i+1)*k], w.program.data.Pixels[int(r)*k:(int(r)+1)*k], c)
	}
}

// copy looks the values of an image up.
func (o *pixelsOp) copy(dst []float32, image []uint8, c change) {
	if !c.still() {
		c.copy(o, dst, image, o.n.shape)
		return
	}
	channels := o.n.shape.Channels
	for at := 0; at < len(image); at += channels {
		for k := range channels {
			dst[at+k] = o.table[image[at+k]][k]
		}
	}
}
