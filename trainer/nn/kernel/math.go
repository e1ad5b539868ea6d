package kernel

// Exp computes dst = eˣ.
func Exp(dst, x []float32) { mapTwin(dst, x, exp) }

// Log computes the natural logarithm.
func Log(dst, x []float32) { mapTwin(dst, x, log) }

// SinCos computes both functions of every angle, in radians.
func SinCos(sin, cos, x []float32) {
	for i, v := range x {
		sin[i], cos[i] = sincos(v)
	}
}

func mapTwin(dst, x []float32, f func(float32) float32) {
	for i, v := range x {
		dst[i] = f(v)
	}
}
