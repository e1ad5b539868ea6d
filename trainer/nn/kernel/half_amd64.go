package kernel

import (
	"github.com/klauspost/cpuid/v2"
	"golang.org/x/sys/cpu"
)

// hasHalves asks for the maker too: AMD's processors (Zen 4 and later) add up two products of bfloat16 in the time of one of
// float32; Intel's with the instruction are about half as fast with it as with float32 (libxsmm/tpp-mlir, pull request 1025).
var hasHalves = cpu.X86.HasAVX512BF16 && cpuid.CPU.IsVendor(cpuid.AMD)

// halfTiles multiply pairs of bfloat16: a pair lies where a float would.
var halfTiles = tileSet{
	rows: 8, lanes: 16, columns: 32,
	run: kernels{
		{tilesHalfRows2AVX512, tilesHalfRows2MaskedAVX512, tilesHalfRows1MaskedAVX512},
		{tilesHalfColumns2AVX512, tilesHalfColumns2MaskedAVX512, tilesHalfColumns1MaskedAVX512},
	},
	short: kernels{
		{tilesHalfShortRows2AVX512, tilesHalfShortRows2MaskedAVX512, tilesHalfShortRows1MaskedAVX512},
		{tilesHalfShortColumns2AVX512, tilesHalfShortColumns2MaskedAVX512, tilesHalfShortColumns1MaskedAVX512},
	},
}

// neighbours and above are where the words of pairs come from: of the elements of two registers, the upper halves.
var neighbours, above = func() (n, a [32]uint16) {
	for i := range uint16(32) {
		n[i] = 2*i + 1
		a[i] = i/2*2 + 1 + i%2*32
	}
	return n, a
}()

// roundUp is n as a multiple of unit.
func roundUp(n, unit int) int { return (n + unit - 1) / unit * unit }

// byPairs cuts the product as byBlock does. Both operands are packed, two terms in the place of one.
func (j *job) byPairs() {
	rows, columns, most := share(j.M, mMost, j.rows), share(j.N, nMost, j.columns), share(j.K, 2*kMost, 32)
	for n0 := 0; n0 < j.N; n0 += columns {
		for k := 0; k < j.K; k += most {
			terms := min(most, j.K-k)
			pairs := (terms + 1) / 2
			b := block{
				n0: n0, n: min(columns, j.N-n0), last: k+terms >= j.K,
				span: span{k: k, terms: pairs, segments: 1, segment: pairs}.short(),
			}
			j.pairB(&b, terms)
			for b.i = 0; b.i < j.M; b.i += rows {
				b.m = min(rows, j.M-b.i)
				j.pairPanels(&b, terms)
			}
		}
	}
}

// pairPanels computes a block, panel after panel of C's columns.
func (j *job) pairPanels(b *block, terms int) {
	t, operand := &j.Workspace.tiles, tiles{segments: b.segments, segment: b.segment, a: &j.a[0]}
	if j.Form == ATB {
		pitch := roundUp(b.m, 16)
		pairsAbove(j.a, &j.A, b.k, terms, b.i, b.m, pitch)
		operand.aStep, operand.aStride = 4*pitch, 4*j.rows
	} else {
		pitch := roundUp(b.terms, 16)
		for r := range b.m {
			pairsBeside(j.a[r*pitch:(r+1)*pitch], j.A.Data[(b.i+r)*j.A.Stride+b.k:], terms)
		}
		operand.aStride = 4 * pitch
	}
	for at := 0; at < b.n; at += j.columns {
		*t = operand
		t.b, t.bStride = &j.Workspace.b[at*b.terms], 4*j.columns
		j.result(t, b, b.n0+at)
		j.multiply(t, min(j.columns, b.n-at))
	}
	if b.last {
		j.finish(b)
	}
}

// pairB packs the block's part of B, panel after panel.
func (j *job) pairB(b *block, terms int) {
	for at := 0; at < b.n; at += j.columns {
		panel, width := j.Workspace.b[at*b.terms:], min(j.columns, b.n-at)
		if j.Form != ABT {
			pairsAbove(panel, &j.B, b.k, terms, b.n0+at, width, j.columns)
			continue
		}
		pitch := roundUp(b.terms, 16)
		for r := range width {
			pairsBeside(j.Workspace.turned[r*pitch:(r+1)*pitch], j.B.Data[(b.n0+at+r)*j.B.Stride+b.k:], terms)
		}
		transpose(panel, j.Workspace.turned, pitch, width, j.columns, b.terms)
	}
}

// pairsBeside stores neighbours of a row as pairs. Behind the last of them stand zeros, to the end of dst: a multiple of 16.
func pairsBeside(dst, row []float32, terms int) {
	row = row[:terms]
	whole := terms / 32
	if whole > 0 {
		pairColumnsAVX512(&dst[0], &row[0], whole, &neighbours[0])
	}
	if rest := row[32*whole:]; len(rest) > 0 {
		var last [32]float32
		copy(last[:], rest)
		pairColumnsAVX512(&dst[16*whole], &last[0], 1, &neighbours[0])
	}
}

// pairsAbove stores elements of two rows above each other as pairs: those of width columns from one on, in rows of pitch floats,
// a multiple of 16. Up to a multiple of 16 zeros follow; a last row stands above zeros.
func pairsAbove(dst []float32, m *Matrix, first, terms, column, width, pitch int) {
	for k := 0; k < terms; k += 2 {
		at := (first+k)*m.Stride + column
		upper, lower := m.Data[at:at+width], zeros[:width]
		if k+1 < terms {
			lower = m.Data[at+m.Stride : at+m.Stride+width]
		}
		pairRow(dst[k/2*pitch:], upper, lower)
	}
}

// zeros are as many as a row of a block has columns.
var zeros [mMost]float32

// pairRow stores the elements of two rows as pairs.
func pairRow(dst, upper, lower []float32) {
	whole := len(upper) / 16
	if whole > 0 {
		pairRowsAVX512(&dst[0], &upper[0], &lower[0], whole, &above[0])
	}
	if rest := 16 * whole; rest < len(upper) {
		var x, y [16]float32
		copy(x[:], upper[rest:])
		copy(y[:], lower[rest:])
		pairRowsAVX512(&dst[rest], &x[0], &y[0], 1, &above[0])
	}
}
