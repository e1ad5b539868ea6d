package nn

import "tuned/trainer/nn/kernel"

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

// direct multiplies the windows of a group of images with the weights, without laying them out.
type direct struct {
	*convOp
	in         *patches // of the padded input
	back       *patches // of the padded gradient, for stride 1
	padded     scratch  // inputs of a group, in the forward pass
	paddedBack scratch  // the same in the backward pass
	columns    scratch  // windows of a group side by side, for short ones
	gradient   scratch  // stride 1: padded gradients of a group; otherwise gradients of its windows
	flipped    scratch  // weights turned round, for stride 1
}

func (c *direct) images() int     { return (convRows + c.pixels() - 1) / c.pixels() }
func (c *direct) pads() bool      { return c.window.padY+c.window.padX > 0 }
func (c *direct) pointwise() bool { return c.window.height*c.window.width*c.window.stride == 1 }

// short reports whether the pieces of a window are too short to multiply one by one.
func (c *direct) short() bool { return c.window.width*c.from.Channels < 8 && !c.pointwise() }

func (c *direct) setup(k *compiler) {
	image := pad(c.from, c.window.padY, c.window.padX)
	c.in = newPatches(c.group, image, c.window.height, c.window.width, c.window.stride)
	k.shared += c.in.bytes()
	if c.pads() {
		c.padded = k.inForward(c.n, 0, c.group*image.Size())
		c.paddedBack = k.inBackward(c.n, 0, c.group*image.Size())
	}
	if c.short() {
		c.columns = k.inBackward(c.n, 0, c.windowFloats()*c.group*c.pixels())
	}
	if c.n.in[0].behind && !c.pointwise() {
		c.setupInputGradient(k)
	}
}

func (c *direct) setupInputGradient(k *compiler) {
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

func (c *direct) beginForward(w *worker) {
	if c.pads() {
		clear(w.workspace[c.padded])
	}
}

func (c *direct) forward(w *worker, y []float32, first, n int) {
	w.product = kernel.Product{
		Form: kernel.AB, M: n * c.pixels(), N: c.to.Channels, K: c.windowFloats(),
		A: c.windows(w, first, n, c.padded), B: c.weights(),
		C: c.pixelRows(y),
	}
	c.finish(w, &w.product, first)
	kernel.Mul(&w.product, w.mul)
}

func (c *direct) pixelRows(y []float32) kernel.Matrix {
	return kernel.Matrix{Data: y, Stride: c.to.Channels}
}

// windows are the windows of n images from first on, padded in a workspace whose border is clear.
func (c *direct) windows(w *worker, first, n int, space scratch) kernel.Matrix {
	images := c.input(w, first)
	if c.pads() {
		padImages(w.workspace[space], images, n, c.from, c.window.padY, c.window.padX)
		images = w.workspace[space]
	}
	return c.in.of(images, n)
}

// padImages copies images into the middle of larger ones.
func padImages(dst, src []float32, n int, s Shape, padY, padX int) {
	p := pad(s, padY, padX)
	line, wide := s.Width*s.Channels, p.Width*p.Channels
	for i := range n {
		copyLines(dst[i*p.Size()+padY*wide+padX*s.Channels:], wide, src[i*s.Size():], line, s.Height, line)
	}
}

func (c *direct) weights() kernel.Matrix {
	return kernel.Matrix{Data: c.weight.value, Stride: c.to.Channels}
}

func (c *direct) cost() (k cost, input int64) {
	mul := 2 * int64(c.to.Size()) * int64(c.windowFloats())
	return cost{forward: mul, backward: mul}, mul
}
