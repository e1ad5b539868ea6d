package nn

import "tuned/trainer/nn/kernel"

// winograd computes a 3×3 convolution of stride 1 by tiles: between maps of the tiles lie 36 products, one for each place in a
// tile, with a quarter of the multiplications in all (see kernel.Winograd). Gradients go back by the maps' transposes.
type winograd struct {
	*convOp
	down, across        int // tiles of an image
	forwards, backwards winogradSpace
	factorsGrad         scratch
}

// winogradSpace is the workspace of a pass.
type winogradSpace struct {
	image   scratch // an input, padded such that tiles fill it
	output  scratch // an output, where tiles reach over its edge
	factors scratch // of the weights, by place
	terms   scratch // of a group's inputs, by place and tile; then their gradients
	sums    scratch // of a group's outputs, or their gradients
}

// places are in a tile.
const places = kernel.WinogradSide * kernel.WinogradSide

func newWinograd(c *convOp) *winograd {
	const side = kernel.WinogradTile
	return &winograd{convOp: c, down: (c.to.Height + side - 1) / side, across: (c.to.Width + side - 1) / side}
}

// pays reports whether the maps cost less than what they save: there must be enough channels, in whole registers, and few
// tiles that reach over the edge.
func (c *winograd) pays() bool {
	in, out := c.from.Channels, c.to.Channels
	return c.window.height == 3 && c.window.width == 3 && c.window.stride == 1 &&
		in >= 16 && out >= 16 && in%8 == 0 && out%8 == 0 &&
		places*c.tiles() < 5*c.pixels()
}

// winogradTiles is how many tiles a product has at least.
const winogradTiles = 96

func (c *winograd) images() int { return (winogradTiles + c.tiles() - 1) / c.tiles() }

func (c *winograd) tiles() int { return c.down * c.across }

// fits reports whether tiles end where the output does.
func (c *winograd) fits() bool { return c.whole() == c.to }

// whole is the output with all of its tiles.
func (c *winograd) whole() Shape {
	return Shape{kernel.WinogradTile * c.down, kernel.WinogradTile * c.across, c.to.Channels}
}

// padded is the input that belongs to it.
func (c *winograd) padded() Shape {
	s := c.whole()
	return Shape{s.Height + 2, s.Width + 2, c.from.Channels}
}

func (c *winograd) setup(k *compiler) {
	c.forwards, c.backwards = c.space(k.inForward), c.space(k.inBackward)
	c.factorsGrad = k.inBackward(c.n, 0, c.factorFloats())
}

func (c *winograd) space(room func(n *Node, rowFloats, floats int) scratch) (s winogradSpace) {
	tiles := c.group * c.tiles()
	s.image = room(c.n, 0, c.padded().Size())
	if !c.fits() {
		s.output = room(c.n, 0, c.whole().Size())
	}
	s.factors = room(c.n, 0, c.factorFloats())
	s.terms = room(c.n, 0, places*apart(tiles*c.from.Channels))
	s.sums = room(c.n, 0, places*apart(tiles*c.to.Channels))
	return s
}

func (c *winograd) factorFloats() int { return places * apart(c.from.Channels*c.to.Channels) }

// apart is how far places lie apart that hold so many floats: one line of the cache more, since a tile's places would all
// fall into the same few lines otherwise.
func apart(floats int) int { return floats + align }

// byPlace are tiles of rows × channels floats a place; from tile first on.
func byPlace(data []float32, rows, channels, first int) kernel.Cells {
	next := apart(rows * channels)
	return kernel.Cells{Data: data[first*channels:], Tile: channels, Row: kernel.WinogradSide * next, Column: next}
}

// ofLine are the tiles of a line of tiles in an image.
func ofLine(data []float32, image Shape, line int) kernel.Cells {
	row := image.Width * image.Channels
	return kernel.Cells{
		Data: data[line*kernel.WinogradTile*row:], Tile: kernel.WinogradTile * image.Channels,
		Row: row, Column: image.Channels,
	}
}

// weights are w, or their gradient, as one tile.
func (c *winograd) weights(data []float32) kernel.Cells {
	n := c.from.Channels * c.to.Channels
	return kernel.Cells{Data: data, Row: 3 * n, Column: n}
}

// factors are what the weights are mapped to, or its gradient.
func (c *winograd) factors(data []float32) kernel.Cells {
	return byPlace(data, 1, c.from.Channels*c.to.Channels, 0)
}

func (c *winograd) beginForward(w *worker) { c.mapWeights(w, &c.forwards) }

func (c *winograd) mapWeights(w *worker, s *winogradSpace) {
	n := c.from.Channels * c.to.Channels
	kernel.WinogradWeights.Apply(c.factors(w.workspace[s.factors]), c.weights(c.weight.value), n, 1, w.mul)
}

func (c *winograd) forward(w *worker, y []float32, first, n int) {
	s := &c.forwards
	c.mapInputs(w, s, first, n)
	for place := range places {
		c.product(w, s, kernel.AB, place, n)
		kernel.Mul(&w.product, w.mul)
	}
	for i := range n {
		c.mapOutput(w, y[i*c.to.Size():(i+1)*c.to.Size()], i, n)
	}
	c.end.apply(w, y, first)
}

// mapInputs computes the terms of n images from first on.
func (c *winograd) mapInputs(w *worker, s *winogradSpace, first, n int) {
	image, x, line := w.workspace[s.image], c.input(w, first), c.from.Width*c.from.Channels
	clear(image)
	for i := range n {
		copyLines(c.inner(image), c.padded().Width*c.from.Channels, x[i*c.from.Size():], line, c.from.Height, line)
		for d := range c.down {
			to := byPlace(w.workspace[s.terms], n*c.tiles(), c.from.Channels, i*c.tiles()+d*c.across)
			kernel.WinogradInput.Apply(to, ofLine(image, c.padded(), d), c.from.Channels, c.across, w.mul)
		}
	}
}

// inner is a padded image from its first pixel on that is not padding.
func (c *winograd) inner(image []float32) []float32 {
	return image[(c.window.padY*c.padded().Width+c.window.padX)*c.from.Channels:]
}

// product prepares the product of terms and factors at a place, or that of two of terms, factors and sums for the third.
func (c *winograd) product(w *worker, s *winogradSpace, f kernel.Form, place, n int) {
	rows, in, out := n*c.tiles(), c.from.Channels, c.to.Channels
	terms := kernel.Matrix{Data: w.workspace[s.terms][place*apart(rows*in):], Stride: in}
	factors := kernel.Matrix{Data: w.workspace[s.factors][place*apart(in*out):], Stride: out}
	sums := kernel.Matrix{Data: w.workspace[s.sums][place*apart(rows*out):], Stride: out}
	switch f {
	case kernel.AB:
		w.product = kernel.Product{Form: f, M: rows, N: out, K: in, A: terms, B: factors, C: sums}
	case kernel.ABT:
		w.product = kernel.Product{Form: f, M: rows, N: in, K: out, A: sums, B: factors, C: terms}
	case kernel.ATB:
		factors.Data = w.workspace[c.factorsGrad][place*apart(in*out):]
		w.product = kernel.Product{Form: f, M: in, N: out, K: rows, A: terms, B: sums, C: factors}
	}
}

// mapOutput computes image i of n from its sums.
func (c *winograd) mapOutput(w *worker, y []float32, i, n int) {
	s, to := &c.forwards, y
	if !c.fits() {
		to = w.workspace[s.output]
	}
	for d := range c.down {
		from := byPlace(w.workspace[s.sums], n*c.tiles(), c.to.Channels, i*c.tiles()+d*c.across)
		kernel.WinogradOutput.Apply(ofLine(to, c.whole(), d), from, c.to.Channels, c.across, w.mul)
	}
	if line := c.to.Width * c.to.Channels; !c.fits() {
		copyLines(y, line, to, c.whole().Width*c.to.Channels, c.to.Height, line)
	}
}

func (c *winograd) beginBackward(w *worker) {
	clear(w.workspace[c.factorsGrad])
	if w.wants(c.n, 0) {
		c.mapWeights(w, &c.backwards)
	}
}

// backward maps the inputs once more: kept from the forward pass, their terms would take more than twice the inputs' memory.
func (c *winograd) backward(w *worker, dz []float32, first, n int) {
	s := &c.backwards
	c.mapInputs(w, s, first, n)
	c.mapOutputGrads(w, dz, n)
	for place := range places {
		c.product(w, s, kernel.ATB, place, n)
		w.product.Accumulate = true
		kernel.Mul(&w.product, w.mul)
		if w.wants(c.n, 0) {
			c.product(w, s, kernel.ABT, place, n)
			kernel.Mul(&w.product, w.mul)
		}
	}
	if w.wants(c.n, 0) {
		dx := c.inputGrad(w, first)[:n*c.from.Size()]
		c.mapInputGrads(w, dx, n)
		c.behind.derive(w, dx, first)
	}
}

// mapOutputGrads turns the gradients of n outputs into those of their sums.
func (c *winograd) mapOutputGrads(w *worker, dz []float32, n int) {
	s, line := &c.backwards, c.to.Width*c.to.Channels
	if !c.fits() {
		clear(w.workspace[s.output])
	}
	for i := range n {
		from := dz[i*c.to.Size() : (i+1)*c.to.Size()]
		if !c.fits() {
			copyLines(w.workspace[s.output], c.whole().Width*c.to.Channels, from, line, c.to.Height, line)
			from = w.workspace[s.output]
		}
		for d := range c.down {
			to := byPlace(w.workspace[s.sums], n*c.tiles(), c.to.Channels, i*c.tiles()+d*c.across)
			kernel.WinogradOutputGrad.Apply(to, ofLine(from, c.whole(), d), c.to.Channels, c.across, w.mul)
		}
	}
}

// mapInputGrads turns the gradients of terms into those of n images.
func (c *winograd) mapInputGrads(w *worker, dx []float32, n int) {
	s, line := &c.backwards, c.from.Width*c.from.Channels
	image := w.workspace[s.image]
	for i := range n {
		clear(image)
		for d := range c.down {
			from := byPlace(w.workspace[s.terms], n*c.tiles(), c.from.Channels, i*c.tiles()+d*c.across)
			kernel.WinogradInputGrad.Apply(ofLine(image, c.padded(), d), from, c.from.Channels, c.across, w.mul)
		}
		to, wide := dx[i*c.from.Size():(i+1)*c.from.Size()], c.padded().Width*c.from.Channels
		for y := range c.from.Height {
			give(to[y*line:(y+1)*line], c.inner(image)[y*wide:], w.adds(c.n, 0))
		}
	}
}

func (c *winograd) endBackward(w *worker) {
	n := c.from.Channels * c.to.Channels
	kernel.WinogradWeightsGrad.Apply(c.weights(w.gradient(c.weight)), c.factors(w.workspace[c.factorsGrad]), n, 1, w.mul)
}

// cost counts a map's operations for one channel of a tile; those of the weights, once a batch, are left out.
func (c *winograd) cost() (k cost, input int64) {
	const inputMap, outputMap, outputGradMap = 264, 160, 140
	tiles, in, out := int64(c.tiles()), int64(c.from.Channels), int64(c.to.Channels)
	mul := 2 * places * in * out
	k.forward = tiles * (mul + inputMap*in + outputMap*out)
	k.backward = tiles * (mul + inputMap*in + outputGradMap*out)
	return k, tiles * (mul + (inputMap+places)*in)
}
