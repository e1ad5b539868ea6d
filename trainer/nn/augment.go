package nn

import "tuned/trainer/nn/kernel"

// Augment are the random changes that training makes to images as it reads them: another copy of each in every step, so
// that what does not matter is not learned by heart. The zero value changes nothing.
type Augment struct {
	Flip bool // half of the images are mirrored, left for right
	Crop int  // moved by up to so many pixels in each direction; what comes into view mirrors what is beside it
	Cut  int  // side of a square, somewhere in the image, that shows the mean of all images; 0: none
	Both bool // evaluation takes the mean of the outputs for the images and for their mirror images; training is left alone
}

// Augment has the images of a Pixels node changed in training steps. Evaluation, initialisation and Recalibrate see them
// as they are, but for Both. A change is a function of seed, step, layer and row of the data. It returns x.
func (g *Graph) Augment(x *Node, a Augment) *Node {
	o, ok := x.op.(*pixelsOp)
	switch {
	case !ok:
		g.fail("augment: only pixels can be changed, not the %s", x.op.name())
	case a.Crop < 0 || a.Crop >= min(x.shape.Height, x.shape.Width):
		g.fail("augment: moving %v by up to %d pixels", x.shape, a.Crop)
	case a.Cut < 0 || a.Cut > min(x.shape.Height, x.shape.Width):
		g.fail("augment: cutting %d × %d pixels out of %v", a.Cut, a.Cut, x.shape)
	default:
		o.augment = a
	}
	return x
}

// change is what becomes of one image.
type change struct {
	flip       bool
	y, x       int // the pixel of the image that comes first
	cut        int // side of the square that is cut out
	cutY, cutX int // its first pixel
}

// change draws what becomes of a row of the data, an image of the given shape; s is of the step and the layer.
func (a Augment) change(s stream, row int32, shape Shape) change {
	s = s.sub(uint64(row))
	c := change{flip: a.Flip && s.bits(0)&1 == 1}
	if a.Crop > 0 {
		span := float64(2*a.Crop + 1)
		c.y, c.x = int(s.uniform(1)*span)-a.Crop, int(s.uniform(2)*span)-a.Crop
	}
	if a.Cut > 0 {
		c.cut = a.Cut
		c.cutY, c.cutX = int(s.uniform(3)*float64(shape.Height-a.Cut+1)), int(s.uniform(4)*float64(shape.Width-a.Cut+1))
	}
	return c
}

// still reports whether the image stays as it is.
func (c change) still() bool { return c == change{} }

// mirrored is a place from -n to 2n-1 as the place from 0 to n-1 that it mirrors; the edge itself is not repeated.
func mirrored(i, n int) int {
	if i < 0 {
		i = -i
	}
	if i >= n {
		i = 2*(n-1) - i
	}
	return i
}

// copy looks up the values of an image of shape s as changed.
func (c change) copy(o *pixelsOp, dst []float32, image []uint8, s Shape) {
	at := 0
	for y := range s.Height {
		line := image[mirrored(y+c.y, s.Height)*s.Width*s.Channels:]
		for x := range s.Width {
			from := mirrored(x+c.x, s.Width)
			if c.flip {
				from = s.Width - 1 - from
			}
			for k, v := range line[from*s.Channels:][:s.Channels] {
				dst[at+k] = o.table[v][k]
			}
			at += s.Channels
		}
	}
	for y := c.cutY; y < c.cutY+c.cut; y++ {
		from := (y*s.Width + c.cutX) * s.Channels
		clear(dst[from : from+c.cut*s.Channels])
	}
}

// meanOfMirrored makes an evaluation's output the mean of what the images and their mirror images yield.
func (w *worker) meanOfMirrored() {
	out := w.flat(w.program.output)
	straight := w.rowsOf(w.program.straight, w.program.output.Columns())
	copy(straight, out)
	w.mirror = true
	w.forward(0, len(w.program.nodes))
	w.mirror = false
	kernel.Add(out, out, straight)
	kernel.Scale(out, 0.5, out)
}
