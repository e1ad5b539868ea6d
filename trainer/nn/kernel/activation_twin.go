package kernel

// activateTwin is Activate in plain Go.
func activateTwin(f Activation, dst, x []float32) {
	for i, v := range x {
		dst[i], _ = f.value(v)
	}
}

// activateGradTwin is ActivateGrad in plain Go.
func activateGradTwin(f Activation, dst, dy, x []float32) {
	for i, v := range x {
		_, slope := f.value(v)
		dst[i] = dy[i] * slope
	}
}

// activateParametricTwin is ActivateParametric in plain Go.
func activateParametricTwin(f Activation, dst, x, a []float32) {
	for i, v := range x {
		y, _ := f.value(v)
		dst[i] = v + a[i%len(a)]*(y-v)
	}
}

// activateParametricGradTwin is ActivateParametricGrad in plain Go.
func activateParametricGradTwin(f Activation, dx, dy, x, a, da []float32) {
	for i, v := range x {
		j := i % len(a)
		y, slope := f.value(v)
		da[j] += dy[i] * (y - v)
		dx[i] = dy[i] * (1 + a[j]*(slope-1))
	}
}

// value gives f(x) and f'(x).
func (f Activation) value(x float32) (y, slope float32) {
	switch f {
	case ReLU:
		return relu(x)
	case GELU:
		return gelu(x)
	case SiLU:
		s := sigmoid(x)
		return x * s, s * (1 + x*(1-s))
	case SELU:
		return selu(x)
	case Mish:
		return mish(x)
	case Tanh:
		t := tanh(x)
		return t, 1 - t*t
	case Sigmoid:
		s := sigmoid(x)
		return s, s * (1 - s)
	default:
		return x, 1
	}
}

// relu keeps NaN, so that divergence shows.
func relu(x float32) (y, slope float32) {
	if x <= 0 {
		return 0, 0
	}
	return x, 1
}

// gelu is x Φ(x); its derivative is Φ(x) + x φ(x).
func gelu(x float32) (y, slope float32) {
	cdf, pdf := normal(x)
	return x * cdf, cdf + x*pdf
}

// selu is λx above zero and λα(eˣ-1) below.
func selu(x float32) (y, slope float32) {
	if x > 0 {
		return seluLambda * x, seluLambda
	}
	e := expm1(x)
	return seluLambda * seluAlpha * e, seluLambda * seluAlpha * (e + 1)
}

// mish is x tanh(log(1 + eˣ)), written with w = eˣ(eˣ+2) so that one division gives both values.
func mish(x float32) (y, slope float32) {
	e := exp(min(x, 20))
	w := e * (e + 2)
	q := 1 / (w + 2)
	y = x * w * q
	return y, w*q + 4*x*e*(1+e)*q*q
}
