package kernel

// The functions of this file are the NEON kernels; all take addresses, and counts of floats if not said otherwise.

// tilesRows2NEON multiplies M rows of A with one panel of B, 8×8 sums at a time.
//
//go:noescape
func tilesRows2NEON(t *tiles)

// tilesRows1NEON multiplies M rows of A with one panel of B, 8×4 sums at a time.
//
//go:noescape
func tilesRows1NEON(t *tiles)

// tilesColumns2NEON multiplies M rows of A, which lies in columns, with one panel of B, 8×8 sums at a time.
//
//go:noescape
func tilesColumns2NEON(t *tiles)

// tilesColumns1NEON multiplies M rows of A, which lies in columns, with one panel of B, 8×4 sums at a time.
//
//go:noescape
func tilesColumns1NEON(t *tiles)

// tilesShortRows2NEON multiplies M rows of A with one panel of B, 4×8 sums at a time.
//
//go:noescape
func tilesShortRows2NEON(t *tiles)

// tilesShortRows1NEON multiplies M rows of A with one panel of B, 4×4 sums at a time.
//
//go:noescape
func tilesShortRows1NEON(t *tiles)

// tilesShortColumns2NEON multiplies M rows of A, which lies in columns, with one panel of B, 4×8 sums at a time.
//
//go:noescape
func tilesShortColumns2NEON(t *tiles)

// tilesShortColumns1NEON multiplies M rows of A, which lies in columns, with one panel of B, 4×4 sums at a time.
//
//go:noescape
func tilesShortColumns1NEON(t *tiles)

// packRows8NEON copies k > 0 rows of 8 floats to places side by side. Row i begins rows[i] floats into src, or, when rows is nil,
// i*stride bytes.
//
//go:noescape
func packRows8NEON(dst, src *float32, rows *int, stride, k int)

// transpose4NEON writes the transpose of 4 rows of 4·blocks floats, blocks > 0, that lie stride bytes apart: 4·blocks rows,
// pitch bytes apart.
//
//go:noescape
func transpose4NEON(dst, src *float32, stride, blocks, pitch int)

// peakNEON runs 24 independent multiply-adds of registers, loops > 0 times.
func peakNEON(loops int)

// reluNEON is Activate.
//
//go:noescape
func reluNEON(dst, x *float32, n int)

// reluGradNEON is ActivateGrad.
//
//go:noescape
func reluGradNEON(dst, dy, x *float32, n int)

// reluParametricNEON is one row of ActivateParametric.
//
//go:noescape
func reluParametricNEON(dst, x, a *float32, n int)

// reluParametricGradNEON is one row of ActivateParametricGrad.
//
//go:noescape
func reluParametricGradNEON(dx, da, dy, x, a *float32, n int)

// geluNEON is Activate.
//
//go:noescape
func geluNEON(dst, x *float32, n int)

// geluGradNEON is ActivateGrad.
//
//go:noescape
func geluGradNEON(dst, dy, x *float32, n int)

// geluParametricNEON is one row of ActivateParametric.
//
//go:noescape
func geluParametricNEON(dst, x, a *float32, n int)

// geluParametricGradNEON is one row of ActivateParametricGrad.
//
//go:noescape
func geluParametricGradNEON(dx, da, dy, x, a *float32, n int)

// siluNEON is Activate.
//
//go:noescape
func siluNEON(dst, x *float32, n int)

// siluGradNEON is ActivateGrad.
//
//go:noescape
func siluGradNEON(dst, dy, x *float32, n int)

// siluParametricNEON is one row of ActivateParametric.
//
//go:noescape
func siluParametricNEON(dst, x, a *float32, n int)

// siluParametricGradNEON is one row of ActivateParametricGrad.
//
//go:noescape
func siluParametricGradNEON(dx, da, dy, x, a *float32, n int)

// seluNEON is Activate.
//
//go:noescape
func seluNEON(dst, x *float32, n int)

// seluGradNEON is ActivateGrad.
//
//go:noescape
func seluGradNEON(dst, dy, x *float32, n int)

// seluParametricNEON is one row of ActivateParametric.
//
//go:noescape
func seluParametricNEON(dst, x, a *float32, n int)

// seluParametricGradNEON is one row of ActivateParametricGrad.
//
//go:noescape
func seluParametricGradNEON(dx, da, dy, x, a *float32, n int)

// mishNEON is Activate.
//
//go:noescape
func mishNEON(dst, x *float32, n int)

// mishGradNEON is ActivateGrad.
//
//go:noescape
func mishGradNEON(dst, dy, x *float32, n int)

// mishParametricNEON is one row of ActivateParametric.
//
//go:noescape
func mishParametricNEON(dst, x, a *float32, n int)

// mishParametricGradNEON is one row of ActivateParametricGrad.
//
//go:noescape
func mishParametricGradNEON(dx, da, dy, x, a *float32, n int)

// tanhNEON is Activate.
//
//go:noescape
func tanhNEON(dst, x *float32, n int)

// tanhGradNEON is ActivateGrad.
//
//go:noescape
func tanhGradNEON(dst, dy, x *float32, n int)

// tanhParametricNEON is one row of ActivateParametric.
//
//go:noescape
func tanhParametricNEON(dst, x, a *float32, n int)

// tanhParametricGradNEON is one row of ActivateParametricGrad.
//
//go:noescape
func tanhParametricGradNEON(dx, da, dy, x, a *float32, n int)

// sigmoidNEON is Activate.
//
//go:noescape
func sigmoidNEON(dst, x *float32, n int)

// sigmoidGradNEON is ActivateGrad.
//
//go:noescape
func sigmoidGradNEON(dst, dy, x *float32, n int)

// sigmoidParametricNEON is one row of ActivateParametric.
//
//go:noescape
func sigmoidParametricNEON(dst, x, a *float32, n int)

// sigmoidParametricGradNEON is one row of ActivateParametricGrad.
//
//go:noescape
func sigmoidParametricGradNEON(dx, da, dy, x, a *float32, n int)

// expNEON is Exp.
//
//go:noescape
func expNEON(dst, x *float32, n int)

// rowExpNEON stores exp(z - top), with top the greatest of n > 0 logits, and returns top and the sum.
//
//go:noescape
func rowExpNEON(dst, z *float32, n int) (top, total float32)

// addNEON is Add.
//
//go:noescape
func addNEON(dst, a, b *float32, n int)

// mulNEON is Mul2.
//
//go:noescape
func mulNEON(dst, a, b *float32, n int)

// axpyNEON is Axpy.
//
//go:noescape
func axpyNEON(y, x *float32, n int, a float32)

// mulAddNEON computes dst = x*a + b.
//
//go:noescape
func mulAddNEON(dst, x, a, b *float32, n int)

// addProductNEON adds a*b to sums.
//
//go:noescape
func addProductNEON(sums, a, b *float32, n int)

// affineNEON computes dst = a*x + b.
//
//go:noescape
func affineNEON(dst, x *float32, n int, a, b float32)

// trackNEON moves the average towards w.
//
//go:noescape
func trackNEON(average, w *float32, n int, keep float32)

// adamNEON is AdamW.Update.
//
//go:noescape
func adamNEON(w, m, v, grad *float32, n int, f *adamFactors)

// sgdNEON is SGD.Update.
//
//go:noescape
func sgdNEON(w, m, grad *float32, n int, o *SGD)

// dropoutNEON is one row of Dropout.
//
//go:noescape
func dropoutNEON(dst, x *float32, n int, scale float32, low, high, drop uint32)

// sumNEON is Sum of 32·blocks elements; blocks > 0.
//
//go:noescape
func sumNEON(x *float32, blocks int) float32

// sumSquaresNEON is SumSquares of 32·blocks elements; blocks > 0.
//
//go:noescape
func sumSquaresNEON(x *float32, blocks int) float32

// dotNEON is Dot of 32·blocks elements; blocks > 0.
//
//go:noescape
func dotNEON(a, b *float32, blocks int) float32

// addSquaresNEON is AddSquares of 32·blocks elements; blocks > 0.
//
//go:noescape
func addSquaresNEON(dst, a, b *float32, blocks int) float32

// columnSums32NEON adds the sums of 32 columns; rows > 0, stride in bytes.
//
//go:noescape
func columnSums32NEON(sums, x *float32, rows, stride int)

// sincosNEON is SinCos.
//
//go:noescape
func sincosNEON(sin, cos, x *float32, n int)

// wavesNEON is Waves.Forward for 4·blocks rows; head holds four biases and four slopes, stride is in bytes.
//
//go:noescape
func wavesNEON(y, x, table, head *float32, blocks, frequencies, stride int)

// wavesGradNEON is Waves.Backward for 4·blocks rows, stride in bytes. Sums are 4 lanes wide: of dy's four values, then for each
// frequency of dy times the cosine, of the angle's gradient less its sign, and of that times x.
//
//go:noescape
func wavesGradNEON(sums, dx, dy, x, table *float32, blocks, frequencies, stride int)

// winogradInputNEON is Winograd.twin.
//
//go:noescape
func winogradInputNEON(dst, src *float32, channels, tiles int, dstRow, dstColumn, dstTile, srcRow, srcColumn, srcTile int, half *float32)

// winogradWeightsNEON is Winograd.twin.
//
//go:noescape
func winogradWeightsNEON(dst, src *float32, channels, tiles int, dstRow, dstColumn, dstTile, srcRow, srcColumn, srcTile int, half *float32)

// winogradOutputNEON is Winograd.twin.
//
//go:noescape
func winogradOutputNEON(dst, src *float32, channels, tiles int, dstRow, dstColumn, dstTile, srcRow, srcColumn, srcTile int, half *float32)

// winogradInputGradNEON is Winograd.twin.
//
//go:noescape
func winogradInputGradNEON(dst, src *float32, channels, tiles int, dstRow, dstColumn, dstTile, srcRow, srcColumn, srcTile int, half *float32)

// winogradWeightsGradNEON is Winograd.twin.
//
//go:noescape
func winogradWeightsGradNEON(dst, src *float32, channels, tiles int, dstRow, dstColumn, dstTile, srcRow, srcColumn, srcTile int, half *float32)

// winogradOutputGradNEON is Winograd.twin.
//
//go:noescape
func winogradOutputGradNEON(dst, src *float32, channels, tiles int, dstRow, dstColumn, dstTile, srcRow, srcColumn, srcTile int, half *float32)

// poolNEON is poolTwin of n channels.
//
//go:noescape
func poolNEON(out, holders, top, bottom *float32, n, width int)

// poolGradNEON is poolGradTwin of n channels.
//
//go:noescape
func poolGradNEON(dOut, holders, dTop, dBottom *float32, n, width int)

// logNEON is Log.
//
//go:noescape
func logNEON(dst, x *float32, n int)

// deductNEON subtracts the product of four rows of A, k long, and k rows of B from four columns of C. Strides are in bytes.
//
//go:noescape
func deductNEON(c *float64, cStride int, a *float64, aRow, aStep int, b *float64, bStride, k int)
