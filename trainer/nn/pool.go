package nn

import "tuned/trainer/nn/kernel"

// MaxPool takes the largest value of each channel in windows of size × size (1 × size at height 1); windows that
// would reach over the edge are left out.
func (g *Graph) MaxPool(x *Node, size, stride int) *Node {
	return g.add(g.pooled(x, "max pool", size, stride), &maxPoolOp{pool: pool{size: size, stride: stride}}, x)
}

// AvgPool takes the mean of each channel in windows like MaxPool's.
func (g *Graph) AvgPool(x *Node, size, stride int) *Node {
	return g.add(g.pooled(x, "average pool", size, stride), &avgPoolOp{pool: pool{size: size, stride: stride}}, x)
}

// pooled is the shape after pooling.
func (g *Graph) pooled(x *Node, name string, size, stride int) Shape {
	s := x.shape
	if size < 1 || stride < 1 || size > s.Width || s.Height > 1 && size > s.Height {
		g.fail("%s: windows of %d every %d in %v", name, size, stride, s)
		return s
	}
	return window{height: min(size, s.Height), width: size, stride: stride}.over(s, s.Channels)
}

// pool is what poolings with windows share.
type pool struct {
	n            *Node
	size, stride int
}

func (p *pool) height() int { return min(p.size, p.n.in[0].shape.Height) }

func (p *pool) cost() cost {
	k := int64(p.height() * p.size)
	return each(p.n, k, k)
}

// place is where a pixel of a window begins: the offset in the image of pixel (ky, kx) of window (y, x).
func (p *pool) place(y, x, ky, kx int) int {
	s := p.n.in[0].shape
	return ((y*p.stride+ky)*s.Width + x*p.stride + kx) * s.Channels
}

type maxPoolOp struct {
	pool
	holders scratch // which pixel of its window each output comes from
	image   scratch // one image's gradient
	behind  *end    // of the layer before, if this one takes it over
	inside  bool    // the convolution before runs it, group by group
}

func (*maxPoolOp) name() string { return "max pool" }

func (o *maxPoolOp) setup(c *compiler, n *Node) {
	o.n = n
	runs := n
	if o.inside {
		runs = n.in[0]
	}
	o.holders = c.kept(runs, n.Columns(), 0)
	if o.behind != nil {
		c.keepOutput(n)
	}
	o.image = c.inBackward(n, 0, n.in[0].Columns())
}

// take: each gradient goes to one value, the maximum. The derivative of ReLU there follows from the maximum, and the sum of
// all is the sum of a quarter as many.
func (o *maxPoolOp) take(e *end) {
	if e.fromOutput() {
		o.behind, e.eased, e.summed = e, true, true
	}
}

// halves reports whether the kernel for 2×2 windows serves.
func (o *maxPoolOp) halves() bool { return o.size == 2 && o.stride == 2 && o.n.in[0].shape.Height > 1 }

func (o *maxPoolOp) kernel() kernel.Pool2x2 {
	in, out := o.n.in[0].shape, o.n.shape
	return kernel.Pool2x2{
		Height: in.Height, Width: in.Width, Channels: in.Channels,
		InStride: in.Width * in.Channels, OutStride: out.Width * out.Channels,
	}
}

func (o *maxPoolOp) forward(w *worker) {
	if !o.inside {
		o.forwardImages(w, w.flat(o.n.in[0]), 0, w.n)
	}
}

// forwardImages pools the n images x, the worker's from first on.
func (o *maxPoolOp) forwardImages(w *worker, x []float32, first, n int) {
	in, out, k := o.n.in[0].Columns(), o.n.Columns(), o.kernel()
	y, holders := w.flat(o.n)[first*out:], w.rowsOf(o.holders, out)[first*out:]
	for i := range n {
		dst, held, src := y[i*out:(i+1)*out], holders[i*out:(i+1)*out], x[i*in:(i+1)*in]
		if o.halves() {
			k.Forward(dst, held, src)
			continue
		}
		o.forwardImage(dst, held, src)
	}
}

// forwardImage pools one image.
func (o *maxPoolOp) forwardImage(dst, holders, src []float32) {
	s := o.n.shape
	for y := range s.Height {
		for x := range s.Width {
			at := (y*s.Width + x) * s.Channels
			most, held := dst[at:at+s.Channels], holders[at:at+s.Channels]
			copy(most, src[o.place(y, x, 0, 0):])
			clear(held)
			for k := 1; k < o.height()*o.size; k++ {
				for c, v := range src[o.place(y, x, k/o.size, k%o.size):][:s.Channels] {
					if v > most[c] {
						held[c] = float32(k)
					}
					most[c] = max(most[c], v)
				}
			}
		}
	}
}

func (o *maxPoolOp) backward(w *worker) {
	if !w.wants(o.n, 0) {
		return
	}
	o.backwardEnd(w, w.flatGrad(o.n), w.flat(o.n))
	if !o.inside {
		o.backwardImages(w, w.flatGrad(o.n.in[0]), 0, w.n)
	}
}

// backwardImages writes the gradient of n images from first on to dx, or adds it.
func (o *maxPoolOp) backwardImages(w *worker, dx []float32, first, n int) {
	in, out := o.n.in[0].Columns(), o.n.Columns()
	dy, holders := w.flatGrad(o.n)[first*out:], w.rowsOf(o.holders, out)[first*out:]
	for i := range n {
		to := dx[i*in : (i+1)*in]
		d := to
		if w.adds(o.n, 0) {
			d = w.workspace[o.image]
		}
		o.backwardImage(d, dy[i*out:(i+1)*out], holders[i*out:(i+1)*out])
		if w.adds(o.n, 0) {
			kernel.Add(to, to, d)
		}
	}
}

// backwardEnd does what it took over from the layer before.
func (o *maxPoolOp) backwardEnd(w *worker, dy, y []float32) {
	e := o.behind
	if e != nil && e.f == kernel.ReLU {
		kernel.ActivateGrad(kernel.ReLU, dy, dy, y)
	}
	if e != nil && e.bias != nil {
		kernel.ColumnSums(w.zeroed(e.bias), dy)
	}
}

// backwardImage gives each output's gradient to the first pixel of its window that held the maximum.
func (o *maxPoolOp) backwardImage(dIn, dOut, holders []float32) {
	s := o.n.in[0].shape
	if o.halves() {
		if s.Height%2+s.Width%2 > 0 {
			clear(dIn)
		}
		k := o.kernel()
		k.Backward(dIn, dOut, holders)
		return
	}
	clear(dIn)
	for y := range o.n.shape.Height {
		for x := range o.n.shape.Width {
			for c := range s.Channels {
				at := (y*o.n.shape.Width+x)*s.Channels + c
				k := int(holders[at])
				dIn[o.place(y, x, k/o.size, k%o.size)+c] += dOut[at]
			}
		}
	}
}

type avgPoolOp struct{ pool }

func (*avgPoolOp) name() string                 { return "average pool" }
func (o *avgPoolOp) setup(_ *compiler, n *Node) { o.n = n }
func (o *avgPoolOp) share() float32             { return 1 / float32(o.height()*o.size) }

func (o *avgPoolOp) forward(w *worker) {
	y := w.flat(o.n)
	clear(y)
	o.walk(w, w.flat(o.n.in[0]), y, func(share float32, image, pixel []float32) { kernel.Axpy(share, image, pixel) })
}

func (o *avgPoolOp) backward(w *worker) {
	if !w.wants(o.n, 0) {
		return
	}
	dx := w.flatGrad(o.n.in[0])
	if !w.adds(o.n, 0) {
		clear(dx)
	}
	o.walk(w, dx, w.flatGrad(o.n), func(share float32, image, pixel []float32) { kernel.Axpy(share, pixel, image) })
}

// walk calls f with every pixel of the images beside the pixel of the output that it is averaged into.
func (o *avgPoolOp) walk(w *worker, images, outputs []float32, f func(share float32, image, pixel []float32)) {
	in, s, share := o.n.in[0].Columns(), o.n.shape, o.share()
	for i := range w.n {
		image, output := images[i*in:(i+1)*in], outputs[i*s.Size():(i+1)*s.Size()]
		for y := range s.Height {
			for x := range s.Width {
				pixel := output[(y*s.Width+x)*s.Channels:][:s.Channels]
				for k := range o.height() * o.size {
					f(share, image[o.place(y, x, k/o.size, k%o.size):][:s.Channels], pixel)
				}
			}
		}
	}
}

// GlobalPool takes the mean of each channel over the whole image.
func (g *Graph) GlobalPool(x *Node) *Node {
	return g.add(flat(x.shape.Channels), &globalPoolOp{}, x)
}

type globalPoolOp struct{ n *Node }

func (*globalPoolOp) name() string                 { return "global pool" }
func (o *globalPoolOp) setup(_ *compiler, n *Node) { o.n = n }

func (o *globalPoolOp) cost() cost { return each(o.n.in[0], 1, 1) }

func (o *globalPoolOp) share() float32 {
	return float32(o.n.Columns()) / float32(o.n.in[0].Columns())
}

func (o *globalPoolOp) forward(w *worker) {
	x, y, in, out := w.flat(o.n.in[0]), w.flat(o.n), o.n.in[0].Columns(), o.n.Columns()
	clear(y)
	for i := range w.n {
		kernel.ColumnSums(y[i*out:(i+1)*out], x[i*in:(i+1)*in])
	}
	kernel.Scale(y, o.share(), y)
}

func (o *globalPoolOp) backward(w *worker) {
	if !w.wants(o.n, 0) {
		return
	}
	dx, dy, in, out := w.flatGrad(o.n.in[0]), w.flatGrad(o.n), o.n.in[0].Columns(), o.n.Columns()
	kernel.Scale(dy, o.share(), dy)
	for i := range w.n {
		for at := i * in; at < (i+1)*in; at += out {
			give(dx[at:at+out], dy[i*out:(i+1)*out], w.adds(o.n, 0))
		}
	}
}
