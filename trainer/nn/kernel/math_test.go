package kernel

import (
	"math"
	"testing"
)

var (
	nan      = float32(math.NaN())
	infinity = float32(math.Inf(1))
)

// grid are numbers from low to high, ends included.
func grid(low, high float64, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(low + (high-low)*float64(i)/float64(n-1))
	}
	return x
}

// small are numbers around zero over all magnitudes.
func small() []float32 {
	var x []float32
	for e := -60.0; e < 3; e += 0.01 {
		x = append(x, float32(math.Exp2(e)), -float32(math.Exp2(e)))
	}
	return x
}

func TestExp(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		x := append(grid(-86.8, 88.72, 200_001), small()...)
		y := make([]float32, len(x))
		Exp(y, x)
		worst := 0.0
		for i, v := range x {
			worst = max(worst, ulps(y[i], math.Exp(float64(v))))
		}
		if worst > 2 {
			t.Errorf("worst error %.2f ulp", worst)
		}
	})
}

func TestExpOfSpecialValues(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		x := []float32{-infinity, -1e30, -87, 0, 89, 1e30, infinity, nan}
		want := []float32{0, 0, 0, 1, infinity, infinity, infinity, nan}
		y := make([]float32, len(x))
		Exp(y, x)
		for i := range x {
			if y[i] != want[i] && want[i] == want[i] || (y[i] != y[i]) != (want[i] != want[i]) {
				t.Errorf("exp(%g) = %g, want %g", x[i], y[i], want[i])
			}
		}
	})
}

func TestLog(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		x := grid(0.3, 3, 100_001)
		for e := -126.0; e < 128; e += 0.0137 {
			x = append(x, float32(math.Exp2(e)))
		}
		y := make([]float32, len(x))
		Log(y, x)
		worst := 0.0
		for i, v := range x {
			worst = max(worst, ulps(y[i], math.Log(float64(v))))
		}
		if worst > 2 {
			t.Errorf("worst error %.2f ulp", worst)
		}
	})
}

func TestLogOfSpecialValues(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		x := []float32{0, 1e-40, 1, infinity, -1, -infinity, nan, 1}
		want := []float32{-infinity, -infinity, 0, infinity, nan, nan, nan, 0}
		y := make([]float32, len(x))
		Log(y, x)
		for i := range x {
			if y[i] != want[i] && want[i] == want[i] || (y[i] != y[i]) != (want[i] != want[i]) {
				t.Errorf("log(%g) = %g, want %g", x[i], y[i], want[i])
			}
		}
	})
}

func TestSinCos(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		for _, c := range []struct{ limit, tolerance float64 }{{100, 2e-7}, {10_000, 2e-6}} {
			x := append(grid(-c.limit, c.limit, 100_001), small()...)
			sin, cos := make([]float32, len(x)), make([]float32, len(x))
			SinCos(sin, cos, x)
			worst := 0.0
			for i, v := range x {
				s, c := math.Sincos(float64(v))
				worst = max(worst, math.Abs(float64(sin[i])-s), math.Abs(float64(cos[i])-c))
			}
			if worst > c.tolerance {
				t.Errorf("|x| ≤ %g: worst error %.3g", c.limit, worst)
			}
		}
	})
}

// exact gives f(x) and f'(x) in float64.
func exact(f Activation, x float64) (y, slope float64) {
	sigmoid := 1 / (1 + math.Exp(-x))
	switch f {
	case ReLU:
		return max(x, 0), map[bool]float64{true: 1}[x > 0]
	case GELU:
		cdf := math.Erfc(-x/math.Sqrt2) / 2
		return x * cdf, cdf + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
	case SiLU:
		return x * sigmoid, sigmoid * (1 + x*(1-sigmoid))
	case SELU:
		if x > 0 {
			return seluLambda * x, seluLambda
		}
		return seluLambda * seluAlpha * math.Expm1(x), seluLambda * seluAlpha * math.Exp(x)
	case Mish:
		t := math.Tanh(math.Log1p(math.Exp(x)))
		return x * t, t + x*(1-t*t)*sigmoid
	case Tanh:
		return math.Tanh(x), 1 - math.Tanh(x)*math.Tanh(x)
	case Sigmoid:
		return sigmoid, sigmoid * (1 - sigmoid)
	default:
		return x, 1
	}
}

func TestActivations(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		x := append(grid(-30, 30, 60_001), small()...)
		y, dy, d := make([]float32, len(x)), make([]float32, len(x)), make([]float32, len(x))
		for i := range dy {
			dy[i] = 1
		}
		for f := Identity; f <= Sigmoid; f++ {
			Activate(f, y, x)
			ActivateGrad(f, d, dy, x)
			worstValue, worstSlope := 0.0, 0.0
			for i, v := range x {
				want, slope := exact(f, float64(v))
				worstValue = max(worstValue, math.Abs(float64(y[i])-want)/(1e-3+math.Abs(want)))
				worstSlope = max(worstSlope, math.Abs(float64(d[i])-slope))
			}
			if worstValue > 2e-6 || worstSlope > 1e-6 {
				t.Errorf("%s: value off by %.2g, slope by %.2g", f, worstValue, worstSlope)
			}
		}
	})
}

func TestActivationsKeepNaN(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		for f := Identity; f <= Sigmoid; f++ {
			y, d := []float32{0}, []float32{1}
			Activate(f, y, []float32{nan})
			ActivateGrad(f, d, []float32{nan}, []float32{1})
			if y[0] == y[0] || d[0] == d[0] {
				t.Errorf("%s: f(NaN) = %g, gradient of NaN = %g", f, y[0], d[0])
			}
		}
	})
}

func TestParseActivation(t *testing.T) {
	for f := Identity; f <= Sigmoid; f++ {
		if got, ok := ParseActivation(f.String()); !ok || got != f {
			t.Errorf("%s parses as %s", f, got)
		}
	}
	if _, ok := ParseActivation("softplus"); ok {
		t.Error("an unknown activation parses")
	}
}
