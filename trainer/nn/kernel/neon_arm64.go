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
