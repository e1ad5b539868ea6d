//go:build !amd64 && !arm64

package kernel

// There is no vector path here; these stand where the amd64 build has one.

func expVector(dst, x []float32)         { mapTwin(dst, x, exp) }
func logVector(dst, x []float32)         { mapTwin(dst, x, log) }
func sincosVector(sin, cos, x []float32) { sincosTwin(sin, cos, x) }

func activateVector(f Activation, dst, x []float32)         { activateTwin(f, dst, x) }
func activateGradVector(f Activation, dst, dy, x []float32) { activateGradTwin(f, dst, dy, x) }
func activateParametricVector(f Activation, dst, x, a []float32) {
	activateParametricTwin(f, dst, x, a)
}

func activateParametricGradVector(f Activation, dx, dy, x, a, da []float32) {
	activateParametricGradTwin(f, dx, dy, x, a, da)
}

func rowExpVector(dst, z []float32) (top, total float32) { return rowExpTwin(dst, z) }
func dropoutVector(dst, x []float32, low, high, drop uint32, scale float32) {
	dropoutTwin(dst, x, low, high, drop, scale)
}

func adamVector(w, grad, m, v []float32, f *adamFactors) { adamTwin(w, grad, m, v, f) }
func sgdVector(w, grad, m []float32, o *SGD)             { sgdTwin(w, grad, m, o) }
func trackVector(average, w []float32, keep float32)     { trackTwin(average, w, keep) }

func addVector(dst, a, b []float32)               { addTwin(dst, a, b) }
func mul2Vector(dst, a, b []float32)              { mul2Twin(dst, a, b) }
func axpyVector(a float32, x, y []float32)        { axpyTwin(a, x, y) }
func mulAddVector(dst, x, a, b []float32)         { mulAddTwin(dst, x, a, b) }
func addProductVector(sums, a, b []float32)       { addProductTwin(sums, a, b) }
func affineVector(dst, x []float32, a, b float32) { affineTwin(dst, x, a, b) }

func sumVector(x []float32) float32        { return float32(sumTwin(x)) }
func sumSquaresVector(x []float32) float32 { return float32(dotTwin(x, x)) }
func dotVector(a, b []float32) float32     { return float32(dotTwin(a, b)) }
func addSquaresVector(dst, a, b []float32) float32 {
	return float32(addSquaresTwin(dst, a, b))
}

func columnSumsVector(sums, x []float32, rows, stride int) {
	for r := range rows {
		addTwin(sums, sums, x[r*stride:])
	}
}

func poolVector(out, holders, top, bottom []float32, width, channels int) {
	poolTwin(out, holders, top, bottom, width, channels)
}

func poolGradVector(dTop, dBottom, dOut, holders []float32, width, channels int) {
	poolGradTwin(dTop, dBottom, dOut, holders, width, channels)
}

func (v *Waves) forwardVector(y []float32, stride, values int, x []float32) {
	v.forwardTwin(y, stride, values, x)
}

func (v *Waves) backwardVector(sums, dx, dy []float32, stride, values int, x []float32) {
	v.backwardTwin(sums, dx, dy, stride, values, x)
}

func winogradVector(m Winograd, dst, src *Cells, channels, tiles int, _ *Workspace) {
	m.twins(dst, src, channels, tiles)
}
