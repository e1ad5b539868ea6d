package kernel

// Pool2x2 describes 2×2 max pooling with stride 2 of one NHWC image; odd last rows and columns are left out.
// Strides are in floats between image rows, so that padded images can be read and written in place.
type Pool2x2 struct {
	Height, Width, Channels int // of the input
	InStride, OutStride     int
}

// Forward stores the maxima, Height/2 rows of Width/2*Channels, and beside each which of its window's four places held it
// first: 0 and 1 in the upper row, 2 and 3 in the lower one. Holders are laid out like out.
func (p *Pool2x2) Forward(out, holders, in []float32) {
	for y := range p.Height / 2 {
		top, to := in[2*y*p.InStride:], y*p.OutStride
		poolRow(out[to:], holders[to:], top, top[p.InStride:], p.Width/2, p.Channels)
	}
}

func poolRow(out, holders, top, bottom []float32, width, channels int) {
	if vector() && width*channels > 0 {
		poolVector(out, holders, top, bottom, width, channels)
		return
	}
	poolTwin(out, holders, top, bottom, width, channels)
}

// poolTwin pools two rows into one.
func poolTwin(out, holders, top, bottom []float32, width, channels int) {
	for x := range width {
		for c := range channels {
			at := 2*x*channels + c
			most, holder := top[at], 0
			for i, v := range [...]float32{top[at+channels], bottom[at], bottom[at+channels]} {
				if v > most {
					holder = i + 1
				}
				most = max(most, v)
			}
			out[x*channels+c], holders[x*channels+c] = most, float32(holder)
		}
	}
}

// Backward overwrites dIn (laid out like the input) with dOut at the places that held the maxima, and zero elsewhere. Odd
// last rows and columns are not written.
func (p *Pool2x2) Backward(dIn, dOut, holders []float32) {
	for y := range p.Height / 2 {
		at, to := 2*y*p.InStride, y*p.OutStride
		poolGradRow(dIn[at:], dIn[at+p.InStride:], dOut[to:], holders[to:], p.Width/2, p.Channels)
	}
}

func poolGradRow(dTop, dBottom, dOut, holders []float32, width, channels int) {
	if vector() && width*channels > 0 {
		poolGradVector(dTop, dBottom, dOut, holders, width, channels)
		return
	}
	poolGradTwin(dTop, dBottom, dOut, holders, width, channels)
}

// poolGradTwin spreads one row of dOut over two rows.
func poolGradTwin(dTop, dBottom, dOut, holders []float32, width, channels int) {
	for x := range width {
		for c := range channels {
			from, at := x*channels+c, 2*x*channels+c
			for i, to := range [...]*float32{&dTop[at], &dTop[at+channels], &dBottom[at], &dBottom[at+channels]} {
				*to = 0
				if holders[from] == float32(i) {
					*to = dOut[from]
				}
			}
		}
	}
}
