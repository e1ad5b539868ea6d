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
	c.method = c.choose()
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

// convOp treats a group of images at a time. What comes next to a group, a pooling and its backward pass, is done while the
// group is in the cache.
type convOp struct {
	end
	window   window
	from, to Shape
	weight   *param
	behind   *end       // of the layer before, if this one takes it over
	after    *maxPoolOp // if it is the only user
	method   convMethod
	group    int // images at a time
}

// convMethod computes what a convolution consists of. Each pass calls begin, then treats group after group, then ends.
type convMethod interface {
	// images is how many make up a group.
	images() int
	setup(k *compiler)
	beginForward(w *worker)
	// forward computes the outputs of n images from first on, bias and activation included.
	forward(w *worker, y []float32, first, n int)
	beginBackward(w *worker)
	// backward adds to the gradient of the weights and, if there is one, computes that of the n images from first on.
	backward(w *worker, dz []float32, first, n int)
	endBackward(w *worker)
	// cost counts a row's products and what they need, the gradient of the input apart.
	cost() (c cost, input int64)
}

func (c *convOp) choose() convMethod {
	if t := newWinograd(c); t.pays() {
		return t
	}
	return &direct{convOp: c}
}

func (*convOp) name() string           { return "convolution" }
func (c *convOp) parameters() []*param { return present(c.weight, c.bias) }
func (c *convOp) ending() *end         { return &c.end }
func (c *convOp) pixels() int          { return c.to.Height * c.to.Width }
func (c *convOp) windowFloats() int    { return c.window.height * c.window.width * c.from.Channels }

// take leaves out windows that overlap and are added up one by one.
func (c *convOp) take(e *end) {
	if c.window.stride == 1 && e.f != kernel.Identity {
		c.behind, e.eased = e, true
	}
}

// groupOf is how many images make up a group, of at most rows.
func (c *convOp) groupOf(rows int) int { return min(rows, c.method.images()) }

func (c *convOp) setup(k *compiler, n *Node) {
	c.end.setup(k, n)
	k.keepInput(n, 0)
	c.group = c.groupOf(k.rows)
	c.method.setup(k)
}

func (c *convOp) forward(w *worker) {
	c.method.beginForward(w)
	for first := 0; first < w.n; first += c.group {
		n := min(c.group, w.n-first)
		y := c.ofGroup(w.value(c.n), first, n)
		c.method.forward(w, y, first, n)
		if c.after != nil {
			c.after.forwardImages(w, y, first, n)
		}
	}
}

// backward reads each group's gradient from the cache.
func (c *convOp) backward(w *worker) {
	c.end.clear(w)
	c.method.beginBackward(w)
	for first := 0; first < w.n; first += c.group {
		n := min(c.group, w.n-first)
		dy := c.ofGroup(w.grad(c.n), first, n)
		if c.after != nil {
			c.after.backwardImages(w, dy, first, n)
		}
		c.end.backward(w, dy, first)
		c.end.sumBias(w, dy)
		c.method.backward(w, dy, first, n)
	}
	c.method.endBackward(w)
}

// ofGroup are a group's outputs, or their gradient. Where a pooling takes them group by group, there is room for one group.
func (c *convOp) ofGroup(all matrix, first, n int) []float32 {
	if c.after != nil {
		first = 0
	}
	return all.data[first*c.to.Size() : (first+n)*c.to.Size()]
}

// inputGrad is the gradient of images from first on.
func (c *convOp) inputGrad(w *worker, first int) []float32 {
	return w.flatGrad(c.n.in[0])[first*c.from.Size():]
}

// input are the images from first on.
func (c *convOp) input(w *worker, first int) []float32 {
	return w.flat(c.n.in[0])[first*c.from.Size():]
}

func (c *convOp) cost() cost {
	k, input := c.method.cost()
	if c.n.in[0].behind {
		k.backward += input
	}
	extra := each(c.n, int64(len(c.parameters())), int64(len(c.parameters())))
	return cost{k.forward + extra.forward, k.backward + extra.backward}
}

func pad(s Shape, y, x int) Shape { return Shape{s.Height + 2*y, s.Width + 2*x, s.Channels} }

// copyLines copies lines of so many floats, which begin at a distance.
func copyLines(dst []float32, to int, src []float32, from, lines, floats int) {
	for i := range lines {
		copy(dst[i*to:i*to+floats], src[i*from:])
	}
}
