package nn

import "tuned/trainer/nn/kernel"

// Conv are the options of a convolution: y = f(x * W + b).
type Conv struct {
	Name       string // of its parameters: Name.weight [height, width, channels in, channels out], Name.bias
	Kernel     int    // side of the square kernel, or its length for Conv1D
	Stride     int    // 0: 1
	Pad        int    // zeros on each side, fewer than Kernel
	Bias       bool
	Activation Activation
	Init       Init // InitKaiming, InitNormal or InitZero
	Groups     Groups
}

// Conv2D adds a convolution with channels outputs.
func (g *Graph) Conv2D(x *Node, channels int, o Conv) *Node {
	return g.conv(x, channels, o, window{height: o.Kernel, width: o.Kernel, padY: o.Pad, padX: o.Pad})
}

// Conv1D adds a convolution along the width of a value of height 1.
func (g *Graph) Conv1D(x *Node, channels int, o Conv) *Node {
	if x.shape.Height != 1 {
		g.fail("conv1d: height %d, want 1", x.shape.Height)
	}
	return g.conv(x, channels, o, window{height: 1, width: o.Kernel, padX: o.Pad})
}

func (g *Graph) conv(x *Node, channels int, o Conv, w window) *Node {
	name := g.layer(o.Name, "conv")
	w.stride = max(o.Stride, 1)
	if o.Kernel < 1 || o.Pad < 0 || o.Pad >= o.Kernel || o.Init == InitData {
		g.fail("%s: kernel %d, pad %d, init %d", name, o.Kernel, o.Pad, o.Init)
		return x
	}
	c := &convOp{window: w, from: x.shape, to: w.over(x.shape, channels)}
	c.f = g.activation(name, o.Activation)
	fanIn := w.height * w.width * x.shape.Channels
	c.weight = g.newParam(name, "weight", o.Groups.Weight, o.Init.fill(fanIn, o.Activation, 1),
		w.height, w.width, x.shape.Channels, channels)
	if o.Bias {
		c.bias = g.newParam(name, "bias", o.Groups.Bias, fillZero, channels)
	}
	return g.add(c.to, c, x)
}

// window slides over an image.
type window struct{ height, width, stride, padY, padX int }

// over is the shape of what it yields.
func (w window) over(s Shape, channels int) Shape {
	return Shape{(s.Height+2*w.padY-w.height)/w.stride + 1, (s.Width+2*w.padX-w.width)/w.stride + 1, channels}
}

// patches describes the windows of images in memory as rows of a matrix, without copying them.
type patches struct {
	image    Shape // with its padding
	rows     []int // offset of each window
	segment  int   // floats of a window that lie together
	perImage int   // windows
}

// newPatches lists the windows of n images whose padding is part of them.
func newPatches(n int, image Shape, height, width, stride int) *patches {
	p := &patches{image: image, segment: width * image.Channels}
	for i := range n {
		for y := 0; y+height <= image.Height; y += stride {
			for x := 0; x+width <= image.Width; x += stride {
				p.rows = append(p.rows, i*image.Size()+(y*image.Width+x)*image.Channels)
			}
		}
	}
	p.perImage = len(p.rows) / n
	return p
}

// of is the windows of n images at the start of data.
func (p *patches) of(data []float32, n int) kernel.Matrix {
	return kernel.Matrix{
		Data: data, Rows: p.rows[:n*p.perImage],
		Segment: p.segment, SegmentStride: p.image.Width * p.image.Channels,
	}
}

// bytes of the list.
func (p *patches) bytes() int64 { return 8 * int64(len(p.rows)) }

// convRows is how many windows a product has at least: few enough for the cache, enough to make up for reading the weights.
const convRows = 512

// convOp multiplies the windows of a group of images at a time with the weights. What comes next to a group, a pooling and its
// backward pass, is done while the group is in the cache.
type convOp struct {
	end
	window   window
	from, to Shape
	weight   *param
	behind   *end       // of the layer before, if this one takes it over
	after    *maxPoolOp // if it is the only user

	group      int      // images at a time
	in         *patches // of the padded input
	back       *patches // of the padded gradient, for stride 1
	padded     scratch  // inputs of a group, in the forward pass
	paddedBack scratch  // the same in the backward pass
	columns    scratch  // windows of a group side by side, for short ones
	gradient   scratch  // stride 1: padded gradients of a group; otherwise gradients of its windows
	flipped    scratch  // weights turned round, for stride 1
}

func (*convOp) name() string           { return "convolution" }
func (c *convOp) parameters() []*param { return present(c.weight, c.bias) }
func (c *convOp) ending() *end         { return &c.end }
func (c *convOp) pads() bool           { return c.window.padY+c.window.padX > 0 }
func (c *convOp) pointwise() bool      { return c.window.height*c.window.width*c.window.stride == 1 }
func (c *convOp) windowFloats() int    { return c.window.height * c.window.width * c.from.Channels }
func (c *convOp) pixels() int          { return c.to.Height * c.to.Width }

// short reports whether the pieces of a window are too short to multiply one by one.
func (c *convOp) short() bool { return c.window.width*c.from.Channels < 8 && !c.pointwise() }

// take leaves out windows that overlap and are added up one by one.
func (c *convOp) take(e *end) {
	if c.window.stride == 1 && e.f != kernel.Identity {
		c.behind, e.eased = e, true
	}
}

// groupOf is how many images make up a group, of at most rows.
func (c *convOp) groupOf(rows int) int {
	return min(rows, (convRows+c.pixels()-1)/c.pixels())
}

func (c *convOp) setup(k *compiler, n *Node) {
	c.end.setup(k, n)
	k.keepInput(n, 0)
	c.group = c.groupOf(k.rows)
	image := pad(c.from, c.window.padY, c.window.padX)
	c.in = newPatches(c.group, image, c.window.height, c.window.width, c.window.stride)
	k.shared += c.in.bytes()
	if c.pads() {
		c.padded = k.inForward(n, 0, c.group*image.Size())
		c.paddedBack = k.inBackward(n, 0, c.group*image.Size())
	}
	if c.short() {
		c.columns = k.inBackward(n, 0, c.windowFloats()*c.group*c.pixels())
	}
	if n.in[0].behind && !c.pointwise() {
		c.setupInputGradient(k)
	}
}

func (c *convOp) setupInputGradient(k *compiler) {
	if c.window.stride > 1 {
		c.gradient = k.inBackward(c.n, 0, c.group*c.pixels()*c.windowFloats())
		return
	}
	image := pad(c.to, c.window.height-1-c.window.padY, c.window.width-1-c.window.padX)
	c.back = newPatches(c.group, image, c.window.height, c.window.width, 1)
	k.shared += c.back.bytes()
	c.gradient = k.inBackward(c.n, 0, c.group*image.Size())
	c.flipped = k.inBackward(c.n, 0, c.weight.size())
}

func pad(s Shape, y, x int) Shape { return Shape{s.Height + 2*y, s.Width + 2*x, s.Channels} }

func (c *convOp) forward(w *worker) {
	x := w.flat(c.n.in[0])
	if c.pads() {
		clear(w.workspace[c.padded])
	}
	for first := 0; first < w.n; first += c.group {
		n := min(c.group, w.n-first)
		y := c.ofGroup(w.value(c.n), first, n)
		w.product = kernel.Product{
			Form: kernel.AB, M: n * c.pixels(), N: c.to.Channels, K: c.windowFloats(),
			A: c.windows(w, x, first, n, c.padded), B: c.weights(),
			C: c.pixelRows(y),
		}
		c.finish(w, &w.product, first)
		kernel.Mul(&w.product, w.mul)
		if c.after != nil {
			c.after.forwardImages(w, y, first, n)
		}
	}
}

// ofGroup are a group's outputs, or their gradient. Where a pooling takes them group by group, there is room for one group.
func (c *convOp) ofGroup(all matrix, first, n int) []float32 {
	if c.after != nil {
		first = 0
	}
	return all.data[first*c.to.Size() : (first+n)*c.to.Size()]
}

func (c *convOp) pixelRows(y []float32) kernel.Matrix {
	return kernel.Matrix{Data: y, Stride: c.to.Channels}
}

// windows are the windows of n images from first on, padded in a workspace whose border is clear.
func (c *convOp) windows(w *worker, x []float32, first, n int, space scratch) kernel.Matrix {
	images := x[first*c.from.Size():]
	if c.pads() {
		padImages(w.workspace[space], images, n, c.from, c.window.padY, c.window.padX)
		images = w.workspace[space]
	}
	return c.in.of(images, n)
}

// padImages copies images into the middle of larger ones.
func padImages(dst, src []float32, n int, s Shape, padY, padX int) {
	p := pad(s, padY, padX)
	line := s.Width * s.Channels
	for i := range n {
		for y := range s.Height {
			at := ((i*p.Height+padY+y)*p.Width + padX) * s.Channels
			copy(dst[at:at+line], src[(i*s.Height+y)*line:])
		}
	}
}

func (c *convOp) weights() kernel.Matrix {
	return kernel.Matrix{Data: c.weight.value, Stride: c.to.Channels}
}

func (c *convOp) cost() cost {
	mul := 2 * int64(c.to.Size()) * int64(c.windowFloats())
	k := cost{forward: mul, backward: mul}
	if c.n.in[0].behind {
		k.backward += mul
	}
	extra := each(c.n, int64(len(c.parameters())), int64(len(c.parameters())))
	return cost{k.forward + extra.forward, k.backward + extra.backward}
}
