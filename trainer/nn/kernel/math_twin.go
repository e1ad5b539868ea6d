package kernel

import "math"

func exp(x float32) float32     { return float32(math.Exp(float64(x))) }
func expm1(x float32) float32   { return float32(math.Expm1(float64(x))) }
func log(x float32) float32     { return float32(math.Log(float64(x))) }
func tanh(x float32) float32    { return float32(math.Tanh(float64(x))) }
func sigmoid(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }

// normal gives the standard normal distribution function and density.
func normal(x float32) (cdf, pdf float32) {
	v := float64(x)
	return float32(math.Erfc(-v/math.Sqrt2) / 2), float32(math.Exp(-v*v/2) / math.Sqrt(2*math.Pi))
}

func sincos(x float32) (sin, cos float32) {
	s, c := math.Sincos(float64(x))
	return float32(s), float32(c)
}
