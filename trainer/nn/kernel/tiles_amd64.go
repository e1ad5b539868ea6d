package kernel

var avx2Tiles = tileSet{
	rows: 6, lanes: 8, columns: 16,
	run: kernels{
		{tilesRows2AVX2, tilesRows2MaskedAVX2, tilesRows1MaskedAVX2},
		{tilesColumns2AVX2, tilesColumns2MaskedAVX2, tilesColumns1MaskedAVX2},
	},
	short: kernels{
		{tilesShortRows2AVX2, tilesShortRows2MaskedAVX2, tilesShortRows1MaskedAVX2},
		{tilesShortColumns2AVX2, tilesShortColumns2MaskedAVX2, tilesShortColumns1MaskedAVX2},
	},
	packing: [2]func(t *tiles){tilesRows2PackingAVX2, tilesColumns2PackingAVX2},
}

var avx512Tiles = tileSet{
	rows: 8, lanes: 16, columns: 32,
	run: kernels{
		{tilesRows2AVX512, tilesRows2MaskedAVX512, tilesRows1MaskedAVX512},
		{tilesColumns2AVX512, tilesColumns2MaskedAVX512, tilesColumns1MaskedAVX512},
	},
	short: kernels{
		{tilesShortRows2AVX512, tilesShortRows2MaskedAVX512, tilesShortRows1MaskedAVX512},
		{tilesShortColumns2AVX512, tilesShortColumns2MaskedAVX512, tilesShortColumns1MaskedAVX512},
	},
	packing: [2]func(t *tiles){tilesRows2PackingAVX512, tilesColumns2PackingAVX512},
}

// mulVector computes the product with the widest tiles there are: of pairs, where it may and they pay.
func mulVector(p *Product, w *Workspace) {
	j := job{Product: p, Workspace: w, tileSet: &avx2Tiles}
	if active == AVX512 {
		j.tileSet = &avx512Tiles
	}
	if p.half() {
		j.tileSet = &halfTiles
		j.byPairs()
		return
	}
	j.compute()
}
