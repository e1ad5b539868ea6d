package kernel

// Activation is an element-wise function of a layer.
type Activation uint8

// The activations. GELU is the exact one, with the normal distribution function.
const (
	Identity Activation = iota
	ReLU
	GELU
	SiLU
	SELU
	Mish
	Tanh
	Sigmoid
)

// activationNames are in the order of the constants.
var activationNames = [...]string{"identity", "relu", "gelu", "silu", "selu", "mish", "tanh", "sigmoid"}

// String is the activation's name in settings.
func (f Activation) String() string { return activationNames[f] }

// ParseActivation finds an activation by its name.
func ParseActivation(name string) (Activation, bool) {
	for i, n := range activationNames {
		if n == name {
			return Activation(i), true
		}
	}
	return Identity, false
}

// SELU's constants make zero mean and unit variance a fixed point (Klambauer et al. 2017).
const (
	seluLambda = 1.0507009873554804934193349852946
	seluAlpha  = 1.6732632423543772848170429916717
)

// Activate computes dst = f(x). dst may be x.
func Activate(f Activation, dst, x []float32) {
	dst = dst[:len(x)]
	switch {
	case f == Identity:
		copy(dst, x)
	case vector() && len(x) > 0:
		activateVector(f, dst, x)
	default:
		activateTwin(f, dst, x)
	}
}

// ActivateGrad computes dst = dy * f'(x), with x the pre-activations; for ReLU its outputs serve as well.
// dst may be dy or x.
func ActivateGrad(f Activation, dst, dy, x []float32) {
	dst, dy = dst[:len(x)], dy[:len(x)]
	switch {
	case f == Identity:
		copy(dst, dy)
	case vector() && len(x) > 0:
		activateGradVector(f, dst, dy, x)
	default:
		activateGradTwin(f, dst, dy, x)
	}
}

// ActivateParametric computes y = x + a_j (f(x) - x) for every row of len(a) columns. dst may be x.
func ActivateParametric(f Activation, dst, x, a []float32) {
	dst = dst[:len(x)]
	switch {
	case f == Identity:
		copy(dst, x)
	case vector():
		for at := 0; at+len(a) <= len(x) && len(a) > 0; at += len(a) {
			activateParametricVector(f, dst[at:at+len(a)], x[at:at+len(a)], a)
		}
	default:
		activateParametricTwin(f, dst, x, a)
	}
}

// ActivateParametricGrad is its backward pass: dx = dy (1 + a_j (f'(x) - 1)) and da_j += sum over rows of
// dy (f(x) - x). dx may be dy.
func ActivateParametricGrad(f Activation, dx, dy, x, a, da []float32) {
	dx, dy, da = dx[:len(x)], dy[:len(x)], da[:len(a)]
	switch {
	case f == Identity:
		copy(dx, dy)
	case vector():
		for at := 0; at+len(a) <= len(x) && len(a) > 0; at += len(a) {
			activateParametricGradVector(f, dx[at:at+len(a)], dy[at:at+len(a)], x[at:at+len(a)], a, da)
		}
	default:
		activateParametricGradTwin(f, dx, dy, x, a, da)
	}
}
