package kernel

import "math"

// The polynomials are minimax fits by Remez' exchange, lowest power first, rounded to float32; internal/gen emits the same.
var (
	// expPoly fits (eʳ-1-r)/r² for |r| ≤ ln 2 / 2; the error is 4e-9 of eʳ.
	expPoly = []float32{0.49999994, 0.166665196, 0.0416683927, 0.00836878084, 0.00138144637}
	// logPoly fits (log(1+f)-f+f²/2)/f³ for 1+f from √½ to √2; the error is 1e-9 of f².
	logPoly = []float32{0.333333105, -0.249999866, 0.200022265, -0.166692525, 0.142186642, -0.12384332, 0.118729159, -0.117898792, 0.0691558048}
	// tanhPoly fits (tanh x - x)/x³ in x² for |x| < 0.625; the error is 5e-9 of x.
	tanhPoly = []float32{-0.333332837, 0.133314908, -0.0537434965, 0.020650588, -0.00571704516}
	// sinPoly fits (sin x - x)/x³ in x² for |x| ≤ π/2; the error is 5e-9.
	sinPoly = []float32{-0.166666567, 0.00833301712, -0.000198066016, 2.60002434e-06}
	// cosPoly fits (cos x - 1 + x²/2)/x⁴ in x² for |x| ≤ π/2; the error is 4e-10.
	cosPoly = []float32{0.0416666567, -0.00138885691, 2.47692915e-05, -2.61935469e-07}
	// normalPoly fits Φ(-t) e^(t²/2) / q in q = 1/(1 + 0.35 t) for t ≥ 0; the relative error is 4e-8.
	normalPoly = []float32{0.139621407, 0.139861882, 0.119832821, 0.105508201, -0.0231103562, 0.159174994, -0.255715072, 0.143972114, -0.0291460231}
)

// The two parts of ln 2: the first has few bits, so that its multiples are exact.
const (
	log2High = 0.693359375
	log2Low  = -2.12194440e-4
)

// horner evaluates a polynomial.
func horner(c []float32, x float32) float32 {
	p := c[len(c)-1]
	for i := len(c) - 2; i >= 0; i-- {
		p = p*x + c[i]
	}
	return p
}

// reduceExp splits x into n ln 2 + r and returns n and eʳ - 1.
func reduceExp(x float32) (n, p float32) {
	n = float32(math.RoundToEven(float64(x * (1 / math.Ln2))))
	r := x - n*log2High - n*log2Low
	return n, horner(expPoly, r)*r*r + r
}

// power is 2ⁿ for -127 < n < 128.
func power(n float32) float32 { return math.Float32frombits(uint32(int32(n)+127) << 23) }

// exp is eˣ; results below 2^-125 are zero.
func exp(x float32) float32 {
	switch {
	case x < -86.9:
		return 0
	case x != x:
		return x
	}
	n, p := reduceExp(min(x, 88.8))
	half := power(n - 1)
	e := p*half + half
	return e + e
}

// expm1 is eˣ - 1 for x ≤ 0.
func expm1(x float32) float32 {
	if x != x {
		return x
	}
	n, p := reduceExp(max(x, -86))
	scale := power(n)
	return p*scale + (scale - 1)
}

// log is the natural logarithm; subnormals count as zero.
func log(x float32) float32 {
	switch {
	case x < 0:
		return float32(math.NaN())
	case x < 1.17549435e-38:
		return float32(math.Inf(-1))
	case !(x < float32(math.Inf(1))):
		return x
	}
	bits := int32(math.Float32bits(x))
	e := (bits - 0x3f3504f3) >> 23
	f := math.Float32frombits(uint32(bits-e<<23)) - 1
	y := f*f*f*horner(logPoly, f) + float32(e)*log2Low - 0.5*f*f
	return f + y + float32(e)*log2High
}

// tanh keeps the sign and the leading term of small arguments.
func tanh(x float32) float32 {
	a := max(x, -x)
	t := 1 - 2/(exp(a+a)+1)
	if a < 0.625 {
		s := a * a
		t = a + a*s*horner(tanhPoly, s)
	}
	return float32(math.Copysign(float64(t), float64(x)))
}

// sigmoid is 1/(1 + e⁻ˣ).
func sigmoid(x float32) float32 { return 1 / (1 + exp(-x)) }

// normal gives the standard normal distribution function and density.
func normal(x float32) (cdf, pdf float32) {
	t := max(x, -x)
	e := exp(-0.5 * t * t)
	q := 1 / (1 + 0.35*t)
	cdf = horner(normalPoly, q) * q * e
	if x > 0 {
		cdf = 1 - cdf
	}
	return cdf, 0.3989422804014327 * e
}

// sincos takes half turns off, π in three parts, which is exact enough for |x| < 2^16.
func sincos(x float32) (sin, cos float32) {
	n := float32(math.RoundToEven(float64(x * (1 / math.Pi))))
	r := x - n*3.140625 - n*9.67502593994140625e-4 - n*1.509957990978376432e-7
	s := r * r
	sin = r + r*s*horner(sinPoly, s)
	cos = 1 - 0.5*s + s*s*horner(cosPoly, s)
	if int32(n)&1 != 0 {
		return -sin, -cos
	}
	return sin, cos
}

// mapTwin applies a function to every element.
func mapTwin(dst, x []float32, f func(float32) float32) {
	for i, v := range x {
		dst[i] = f(v)
	}
}

// sincosTwin is SinCos in plain Go.
func sincosTwin(sin, cos, x []float32) {
	for i, v := range x {
		sin[i], cos[i] = sincos(v)
	}
}
