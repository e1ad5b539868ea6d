package kernel

// Pool2x2 describes 2×2 max pooling with stride 2 of one NHWC image; odd last rows and columns are left out.
// Strides are in floats between image rows, so that padded images can be read and written in place.
type Pool2x2 struct {
	Height, Width, Channels int // of the input
	InStride, OutStride     int
}

// Forward stores the maxima: out has Height/2 rows of Width/2*Channels.
func (p *Pool2x2) Forward(out, in []float32) {
	for y := range p.Height / 2 {
		top := in[2*y*p.InStride:]
		poolRow(out[y*p.OutStride:], top, top[p.InStride:], p.Width/2, p.Channels)
	}
}

func poolRow(out, top, bottom []float32, width, channels int) {
	if vector() && width*channels > 0 {
		poolVector(out, top, bottom, width, channels)
		return
	}
	poolTwin(out, top, bottom, width, channels)
}

func poolGradRow(dTop, dBottom, top, bottom, dOut, out []float32, width, channels int) {
	if vector() && width*channels > 0 {
		poolGradVector(dTop, dBottom, top, bottom, dOut, out, width, channels)
		return
	}
	poolGradTwin(dTop, dBottom, top, bottom, dOut, out, width, channels)
}

// poolTwin pools two rows into one.
func poolTwin(out, top, bottom []float32, width, channels int) {
	for x := range width {
		for c := range channels {
			at := 2*x*channels + c
			out[x*channels+c] = max(top[at], top[at+channels], bottom[at], bottom[at+channels])
		}
	}
}

// Backward overwrites dIn (laid out like in) with dOut at the first place that held the maximum, and zero elsewhere.
// The places are found again by comparing in with out. Odd last rows and columns are not written.
func (p *Pool2x2) Backward(dIn, dOut, in, out []float32) {
	for y := range p.Height / 2 {
		at, to := 2*y*p.InStride, y*p.OutStride
		poolGradRow(dIn[at:], dIn[at+p.InStride:], in[at:], in[at+p.InStride:], dOut[to:], out[to:], p.Width/2, p.Channels)
	}
}

// poolGradTwin spreads one row of dOut over two rows.
func poolGradTwin(dTop, dBottom, top, bottom, dOut, out []float32, width, channels int) {
	for x := range width {
		for c := range channels {
			g, m := dOut[x*channels+c], out[x*channels+c]
			at := 2*x*channels + c
			for _, cell := range [4]struct{ d, v *float32 }{
				{&dTop[at], &top[at]},
				{&dTop[at+channels], &top[at+channels]},
				{&dBottom[at], &bottom[at]},
				{&dBottom[at+channels], &bottom[at+channels]},
			} {
				*cell.d = 0
				if *cell.v == m {
					*cell.d, g = g, 0
				}
			}
		}
	}
}
