package kernel

// neonTiles are 8 rows of two registers: 16 sums, which the eight elements of A and two registers of B that a term takes leave
// room for. A part of a register needs no kernel of its own: maskBits say what of the last one lies in C.
var neonTiles = tileSet{
	rows: 8, lanes: 4, columns: 8,
	run: kernels{
		{tilesRows2NEON, tilesRows2NEON, tilesRows1NEON},
		{tilesColumns2NEON, tilesColumns2NEON, tilesColumns1NEON},
	},
	short: kernels{
		{tilesShortRows2NEON, tilesShortRows2NEON, tilesShortRows1NEON},
		{tilesShortColumns2NEON, tilesShortColumns2NEON, tilesShortColumns1NEON},
	},
}

// mulVector computes the product by NEON's tiles.
func mulVector(p *Product, w *Workspace) {
	j := job{Product: p, Workspace: w, tileSet: &neonTiles}
	j.compute()
}
