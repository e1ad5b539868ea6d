package nn

import "tuned/trainer/nn/kernel"

// beginBackward clears what groups add to, and the borders that they leave alone.
func (c *direct) beginBackward(w *worker) {
	w.zeroed(c.weight)
	if c.pads() {
		clear(w.workspace[c.paddedBack])
	}
	switch {
	case !w.wants(c.n, 0):
	case c.window.stride > 1 && !w.adds(c.n, 0):
		clear(w.flatGrad(c.n.in[0]))
	case c.back != nil:
		clear(w.workspace[c.gradient])
		c.flip(w.workspace[c.flipped])
	}
}

func (c *direct) endBackward(*worker) {}

func (c *direct) backward(w *worker, dz []float32, first, n int) {
	c.backwardWeights(w, dz, first, n)
	switch {
	case !w.wants(c.n, 0):
	case c.pointwise():
		c.backwardPointwise(w, dz, first, n)
	case c.window.stride > 1:
		c.backwardStrided(w, dz, first, n)
	default:
		c.backwardInput(w, dz, first, n)
	}
}

func (c *direct) backwardWeights(w *worker, dy []float32, first, n int) {
	windows := c.windows(w, first, n, c.paddedBack)
	w.product = kernel.Product{
		Form: kernel.ATB, M: c.windowFloats(), N: c.to.Channels, K: n * c.pixels(),
		A: windows, B: c.pixelRows(dy),
		C:          kernel.Matrix{Data: w.gradient(c.weight), Stride: c.to.Channels},
		Accumulate: true,
	}
	if c.short() {
		w.product.Form = kernel.AB
		w.product.A = c.sideBySide(w.workspace[c.columns], windows, n)
	}
	kernel.Mul(&w.product, w.mul)
}

// sideBySide copies windows such that each of their values is a row, pixel beside pixel.
func (c *direct) sideBySide(dst []float32, windows kernel.Matrix, n int) kernel.Matrix {
	at, pixels := 0, n*c.pixels()
	for y := range c.window.height {
		for x := range windows.Segment {
			from := windows.Data[y*windows.SegmentStride+x:]
			for line := 0; line < pixels; line += c.to.Width {
				c.copyLine(dst[at+line:at+line+c.to.Width], from[windows.Rows[line]:])
			}
			at += pixels
		}
	}
	return kernel.Matrix{Data: dst, Stride: pixels}
}

// copyLine copies one value of every pixel of a line.
func (c *direct) copyLine(dst, src []float32) {
	step := c.from.Channels * c.window.stride
	if step == 1 {
		copy(dst, src)
		return
	}
	for i := range dst {
		dst[i] = src[i*step]
	}
}

// inputPixels are a group's pixels in the gradient of the input.
func (c *direct) inputPixels(w *worker, first int) kernel.Matrix {
	return kernel.Matrix{Data: c.inputGrad(w, first), Stride: c.from.Channels}
}

// backwardPointwise: a 1×1 convolution is a dense layer of every pixel.
func (c *direct) backwardPointwise(w *worker, dy []float32, first, n int) {
	w.product = kernel.Product{
		Form: kernel.ABT, M: n * c.pixels(), N: c.from.Channels, K: c.to.Channels,
		A: c.pixelRows(dy), B: c.weights(), C: c.inputPixels(w, first), Accumulate: w.adds(c.n, 0),
	}
	c.behind.ease(w, &w.product, first)
	kernel.Mul(&w.product, w.mul)
}

// backwardInput convolves the padded gradient with the weights turned round.
func (c *direct) backwardInput(w *worker, dy []float32, first, n int) {
	space := w.workspace[c.gradient]
	padImages(space, dy, n, c.to, c.window.height-1-c.window.padY, c.window.width-1-c.window.padX)
	w.product = kernel.Product{
		Form: kernel.AB, M: n * c.back.perImage, N: c.from.Channels, K: c.window.height * c.window.width * c.to.Channels,
		A: c.back.of(space, n), B: kernel.Matrix{Data: w.workspace[c.flipped], Stride: c.from.Channels},
		C: c.inputPixels(w, first), Accumulate: w.adds(c.n, 0),
	}
	c.behind.ease(w, &w.product, first)
	kernel.Mul(&w.product, w.mul)
}

// flip reverses the weights' places and swaps their channels.
func (c *direct) flip(dst []float32) {
	places, in, out := c.window.height*c.window.width, c.from.Channels, c.to.Channels
	for p := range places {
		src, to := c.weight.value[p*in*out:(p+1)*in*out], dst[(places-1-p)*in*out:]
		for i := range in {
			for o := range out {
				to[o*in+i] = src[i*out+o]
			}
		}
	}
}

// backwardStrided computes the gradient of every window and adds the windows up where they overlap.
func (c *direct) backwardStrided(w *worker, dy []float32, first, n int) {
	dx, space, k := c.inputGrad(w, first), w.workspace[c.gradient], c.windowFloats()
	w.product = kernel.Product{
		Form: kernel.ABT, M: n * c.pixels(), N: k, K: c.to.Channels,
		A: c.pixelRows(dy), B: c.weights(), C: kernel.Matrix{Data: space, Stride: k},
	}
	kernel.Mul(&w.product, w.mul)
	for i := range n {
		c.scatter(dx[i*c.from.Size():(i+1)*c.from.Size()], space[i*c.pixels()*k:])
	}
}

// scatter adds the windows of one image to it, without the padding.
func (c *direct) scatter(dx, windows []float32) {
	at, w := 0, c.window
	for oy := range c.to.Height {
		for ox := range c.to.Width {
			for ky := range w.height {
				y := oy*w.stride + ky - w.padY
				x := ox*w.stride - w.padX
				lo, hi := max(0, -x), min(w.width, c.from.Width-x)
				if y >= 0 && y < c.from.Height && lo < hi {
					to := dx[(y*c.from.Width+x+lo)*c.from.Channels:]
					src := windows[at+lo*c.from.Channels : at+hi*c.from.Channels]
					kernel.Add(to[:len(src)], to[:len(src)], src)
				}
				at += w.width * c.from.Channels
			}
		}
	}
}
