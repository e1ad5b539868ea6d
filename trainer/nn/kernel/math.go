package kernel

// Exp computes dst = eˣ within 2 ulp. Results below 2^-125 are zero. dst may be x.
func Exp(dst, x []float32) {
	dst = dst[:len(x)]
	if vector() && len(x) > 0 {
		expVector(dst, x)
		return
	}
	mapTwin(dst, x, exp)
}

// Log computes the natural logarithm within 2 ulp. Subnormal numbers count as zero. dst may be x.
func Log(dst, x []float32) {
	dst = dst[:len(x)]
	if vector() && len(x) > 0 {
		logVector(dst, x)
		return
	}
	mapTwin(dst, x, log)
}

// SinCos computes both functions of every angle, in radians, within 2e-7 for |x| ≤ 100 and 2e-6 for |x| ≤ 10000. sin or cos may be x.
func SinCos(sin, cos, x []float32) {
	sin, cos = sin[:len(x)], cos[:len(x)]
	if vector() && len(x) > 0 {
		sincosVector(sin, cos, x)
		return
	}
	sincosTwin(sin, cos, x)
}
