package kernel

// The functions of this file call the kernels; all slices are of equal length, above zero.

func expVector(dst, x []float32)         { expNEON(&dst[0], &x[0], len(x)) }
func logVector(dst, x []float32)         { logNEON(&dst[0], &x[0], len(x)) }
func sincosVector(sin, cos, x []float32) { sincosNEON(&sin[0], &cos[0], &x[0], len(x)) }

// activationKernels are in the order of the activations.
var activationKernels = [...]struct {
	value          func(dst, x *float32, n int)
	grad           func(dst, dy, x *float32, n int)
	parametric     func(dst, x, a *float32, n int)
	parametricGrad func(dx, da, dy, x, a *float32, n int)
}{
	ReLU:    {reluNEON, reluGradNEON, reluParametricNEON, reluParametricGradNEON},
	GELU:    {geluNEON, geluGradNEON, geluParametricNEON, geluParametricGradNEON},
	SiLU:    {siluNEON, siluGradNEON, siluParametricNEON, siluParametricGradNEON},
	SELU:    {seluNEON, seluGradNEON, seluParametricNEON, seluParametricGradNEON},
	Mish:    {mishNEON, mishGradNEON, mishParametricNEON, mishParametricGradNEON},
	Tanh:    {tanhNEON, tanhGradNEON, tanhParametricNEON, tanhParametricGradNEON},
	Sigmoid: {sigmoidNEON, sigmoidGradNEON, sigmoidParametricNEON, sigmoidParametricGradNEON},
}

func activateVector(f Activation, dst, x []float32) {
	activationKernels[f].value(&dst[0], &x[0], len(x))
}

func activateGradVector(f Activation, dst, dy, x []float32) {
	activationKernels[f].grad(&dst[0], &dy[0], &x[0], len(x))
}

func activateParametricVector(f Activation, dst, x, a []float32) {
	activationKernels[f].parametric(&dst[0], &x[0], &a[0], len(x))
}

func activateParametricGradVector(f Activation, dx, dy, x, a, da []float32) {
	activationKernels[f].parametricGrad(&dx[0], &da[0], &dy[0], &x[0], &a[0], len(x))
}

func rowExpVector(dst, z []float32) (top, total float32) {
	return rowExpNEON(&dst[0], &z[0], len(z))
}

func dropoutVector(dst, x []float32, low, high, drop uint32, scale float32) {
	dropoutNEON(&dst[0], &x[0], len(x), scale, low, high, drop)
}

func adamVector(w, grad, m, v []float32, f *adamFactors) {
	adamNEON(&w[0], &m[0], &v[0], &grad[0], len(w), f)
}
func sgdVector(w, grad, m []float32, o *SGD) { sgdNEON(&w[0], &m[0], &grad[0], len(w), o) }
func trackVector(average, w []float32, keep float32) {
	trackNEON(&average[0], &w[0], len(w), keep)
}

func addVector(dst, a, b []float32)         { addNEON(&dst[0], &a[0], &b[0], len(a)) }
func mul2Vector(dst, a, b []float32)        { mulNEON(&dst[0], &a[0], &b[0], len(a)) }
func axpyVector(a float32, x, y []float32)  { axpyNEON(&y[0], &x[0], len(x), a) }
func mulAddVector(dst, x, a, b []float32)   { mulAddNEON(&dst[0], &x[0], &a[0], &b[0], len(x)) }
func addProductVector(sums, a, b []float32) { addProductNEON(&sums[0], &a[0], &b[0], len(a)) }
func affineVector(dst, x []float32, a, b float32) {
	affineNEON(&dst[0], &x[0], len(x), a, b)
}

// The sums take whole groups of 32 elements.

func sumVector(x []float32) float32        { return sumNEON(&x[0], len(x)/32) }
func sumSquaresVector(x []float32) float32 { return sumSquaresNEON(&x[0], len(x)/32) }
func dotVector(a, b []float32) float32     { return dotNEON(&a[0], &b[0], len(a)/32) }
func addSquaresVector(dst, a, b []float32) float32 {
	return addSquaresNEON(&dst[0], &a[0], &b[0], len(a)/32)
}

// columnSumsVector adds the columns of rows rows, stride floats apart, to 32 sums.
func columnSumsVector(sums, x []float32, rows, stride int) {
	_ = x[(rows-1)*stride+31]
	columnSums32NEON(&sums[0], &x[0], rows, 4*stride)
}

func poolVector(out, holders, top, bottom []float32, width, channels int) {
	_, _, _, _ = out[width*channels-1], holders[width*channels-1], top[2*width*channels-1], bottom[2*width*channels-1]
	poolNEON(&out[0], &holders[0], &top[0], &bottom[0], channels, width)
}

func poolGradVector(dTop, dBottom, dOut, holders []float32, width, channels int) {
	_, _, _, _ = dTop[2*width*channels-1], dBottom[2*width*channels-1], dOut[width*channels-1], holders[width*channels-1]
	poolGradNEON(&dOut[0], &holders[0], &dTop[0], &dBottom[0], channels, width)
}
