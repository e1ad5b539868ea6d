package kernel

// Add computes dst = a + b. dst may be a or b.
func Add(dst, a, b []float32) { add(dst[:len(a)], a, b[:len(a)]) }

func add(dst, a, b []float32) {
	if vector() && len(a) > 0 {
		addVector(dst, a, b)
		return
	}
	addTwin(dst, a, b)
}

// addTwin is Add in plain Go.
func addTwin(dst, a, b []float32) {
	for i, v := range a {
		dst[i] = v + b[i]
	}
}

// Mul2 computes dst = a * b, element by element. dst may be a or b.
func Mul2(dst, a, b []float32) {
	dst, b = dst[:len(a)], b[:len(a)]
	if vector() && len(a) > 0 {
		mul2Vector(dst, a, b)
		return
	}
	mul2Twin(dst, a, b)
}

// mul2Twin is Mul2 in plain Go.
func mul2Twin(dst, a, b []float32) {
	for i, v := range a {
		dst[i] = v * b[i]
	}
}

// Axpy computes y += a*x.
func Axpy(a float32, x, y []float32) {
	y = y[:len(x)]
	if vector() && len(x) > 0 {
		axpyVector(a, x, y)
		return
	}
	axpyTwin(a, x, y)
}

// Scale computes dst = a*x. dst may be x.
func Scale(dst []float32, a float32, x []float32) { affine(dst[:len(x)], x, a, 0) }

// affine computes dst = a*x + b.
func affine(dst, x []float32, a, b float32) {
	if vector() && len(x) > 0 {
		affineVector(dst, x, a, b)
		return
	}
	affineTwin(dst, x, a, b)
}

// affineTwin is affine in plain Go.
func affineTwin(dst, x []float32, a, b float32) {
	for i, v := range x {
		dst[i] = a*v + b
	}
}

// scaleWidth is how many factors a kernel takes at a time: it would hardly begin with those of a narrow row.
const scaleWidth = 256

// ScaleColumns computes dst = x * factors_j (+ shift_j unless shift is nil), for rows of len(factors) columns. dst may be x.
func ScaleColumns(dst, x, factors, shift []float32) {
	columns := len(factors)
	if columns == 0 {
		return
	}
	dst, x = dst[:len(x)], x[:len(x)/columns*columns]
	var f, s [scaleWidth]float32
	if rows := min(scaleWidth, len(x)) / columns; rows > 1 {
		factors = repeat(f[:], factors, rows)
		if shift != nil {
			shift = repeat(s[:], shift, rows)
		}
	}
	for len(x) > 0 {
		n := min(len(factors), len(x))
		scale(dst[:n], x[:n], factors[:n], shift)
		dst, x = dst[n:], x[n:]
	}
}

// repeat fills dst with a number of copies of src.
func repeat(dst, src []float32, copies int) []float32 {
	dst = dst[:copies*len(src)]
	for at := 0; at < len(dst); at += len(src) {
		copy(dst[at:], src)
	}
	return dst
}

// scale is ScaleColumns for one row, which may be several narrow ones side by side.
func scale(dst, x, factors, shift []float32) {
	switch {
	case shift == nil:
		Mul2(dst, x, factors)
	case vector():
		mulAddVector(dst, x, factors, shift[:len(x)])
	default:
		mulAddTwin(dst, x, factors, shift)
	}
}

// mulAddTwin computes dst = x*a + b, element by element.
func mulAddTwin(dst, x, a, b []float32) {
	for i, v := range x {
		dst[i] = v*a[i] + b[i]
	}
}
