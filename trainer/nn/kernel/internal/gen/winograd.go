package main

import (
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A Winograd map is the polynomials' values at 0, ±3/4, ±3/2 and ∞, or the transpose of that. The values at two opposite
// points are the sum and the difference of an even and an odd part, so each map is a sparse matrix with those parts as rows,
// and a butterfly. The kernel package's winogradMaps are the same in plain rows.
var (
	inputParts = [][]float64{
		{81. / 64, 0, -45. / 16, 0, 1, 0},
		{0, 0, -9. / 4, 0, 1, 0},
		{0, -27. / 16, 0, 3. / 4, 0, 0},
		{0, 0, -9. / 16, 0, 1, 0},
		{0, -27. / 32, 0, 3. / 2, 0, 0},
		{0, 81. / 64, 0, -45. / 16, 0, 1},
	}
	weightParts = [][]float64{
		{64. / 81, 0, 0},
		{-128. / 243, 0, -8. / 27},
		{0, -32. / 81, 0},
		{32. / 243, 0, 8. / 27},
		{0, 16. / 81, 0},
		{0, 0, 1},
	}
	outputParts = [][]float64{ // of the transpose
		{1, 0, 0, 0},
		{1, 0, 9. / 16, 0},
		{0, 3. / 4, 0, 27. / 64},
		{1, 0, 9. / 4, 0},
		{0, 3. / 2, 0, 27. / 8},
		{0, 0, 0, 1},
	}
)

// winograds emits the maps.
func (g *generator) winograds() {
	g.winograd("winogradInput", 6, 6, false, g.values(inputParts))
	g.winograd("winogradWeights", 3, 6, false, g.values(weightParts))
	g.winograd("winogradOutput", 6, 4, false, g.valuesTransposed(outputParts))
	g.winograd("winogradInputGrad", 6, 6, true, g.valuesTransposed(inputParts))
	g.winograd("winogradWeightsGrad", 6, 3, false, g.valuesTransposed(weightParts))
	g.winograd("winogradOutputGrad", 4, 6, false, g.values(outputParts))
}

// values maps coefficients to values.
func (g *generator) values(parts [][]float64) func(in []vec) []vec {
	return func(in []vec) []vec { return g.butterfly(g.combine(parts, in)) }
}

// valuesTransposed is the transpose of values.
func (g *generator) valuesTransposed(parts [][]float64) func(in []vec) []vec {
	columns := make([][]float64, len(parts[0]))
	for _, row := range parts {
		for j, v := range row {
			columns[j] = append(columns[j], v)
		}
	}
	return func(in []vec) []vec { return g.combine(columns, g.butterfly(in)) }
}

// butterfly replaces both pairs in the middle by their sums and differences.
func (g *generator) butterfly(v []vec) []vec {
	return []vec{v[0], g.add(v[1], v[2]), g.sub(v[2], v[1]), g.add(v[3], v[4]), g.sub(v[4], v[3]), v[5]}
}

// combine multiplies a sparse matrix with a vector of registers.
func (g *generator) combine(rows [][]float64, in []vec) []vec {
	var out []vec
	for _, row := range rows {
		var sum vec
		first := slices.Index(row, 1) // a term without a factor is what the sum begins with
		if first >= 0 {
			sum = in[first]
		}
		for j, f := range row {
			switch {
			case f == 0 || j == first:
			case sum == nil:
				sum = g.mul(g.f(f), in[j])
			case f == 1:
				sum = g.add(in[j], sum)
			default:
				sum = g.fma(g.f(f), in[j], sum)
			}
		}
		out = append(out, sum)
	}
	return out
}

// winograd emits the loops over tiles and channels around a map of tiles with side from to tiles with side to: the columns of
// each are mapped to half, the rows of that to dst.
func (g *generator) winograd(name string, from, to int, adds bool, apply func(in []vec) []vec) {
	g.function(name, "func(dst, src *float32, channels, tiles int, dstRow, dstColumn, dstTile, srcRow, srcColumn, srcTile int, half *float32)", "is Winograd.twin.")
	dst, src, tiles, half := g.load("dst"), g.load("src"), g.load("tiles"), g.load("half")
	dstRow, dstColumn, srcRow, srcColumn := g.load("dstRow"), g.load("dstColumn"), g.load("srcRow"), g.load("srcColumn")
	tile, channel, index, left := g.at("tile"), g.at("channel"), g.GP64(), g.GP64()
	g.Label(tile)
	g.MOVQ(operand.U32(0), index)
	g.Load(g.Param("channels"), left)
	g.Label(channel)
	for x := range from {
		column := g.steps(src, index, srcColumn, x)
		for y, v := range apply(g.cells(column, srcRow, from)) {
			g.VMOVUPS(v, mem(half, g.bytes()*(y*from+x)))
		}
	}
	for y := range to {
		row := g.steps(dst, index, dstRow, y)
		in := g.vecs(from)
		for x := range in {
			g.VMOVUPS(mem(half, g.bytes()*(y*from+x)), in[x])
		}
		for x, v := range apply(in) {
			if x > 0 {
				g.ADDQ(dstColumn, row)
			}
			if adds {
				v = g.add(mem(row, 0), v)
			}
			g.VMOVUPS(v, mem(row, 0))
		}
	}
	g.ADDQ(imm(g.bytes()), index)
	g.SUBQ(imm(g.lanes), left)
	g.jump("greater", channel)
	g.ADDQ(g.argument("srcTile"), src)
	g.ADDQ(g.argument("dstTile"), dst)
	g.DECQ(tiles)
	g.jump("nonzero", tile)
	g.VZEROUPPER()
	g.RET()
}

// steps is a pointer n steps after base + index.
func (g *generator) steps(base, index, step reg.GPVirtual, n int) reg.GPVirtual {
	p := g.GP64()
	g.LEAQ(indexed(base, index, 1, 0), p)
	for ; n >= 4; n -= 4 {
		g.LEAQ(indexed(p, step, 4, 0), p)
	}
	if n >= 2 {
		g.LEAQ(indexed(p, step, 2, 0), p)
	}
	if n%2 == 1 {
		g.ADDQ(step, p)
	}
	return p
}

// cells loads n registers, step bytes apart from p on.
func (g *generator) cells(p, step reg.GPVirtual, n int) []vec {
	in := g.vecs(n)
	for i := range in {
		if i > 0 {
			g.ADDQ(step, p)
		}
		g.VMOVUPS(mem(p, 0), in[i])
	}
	return in
}
