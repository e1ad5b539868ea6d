package kernel

// halfTile is room for 4 channels of a tile.
const halfTile = WinogradSide * WinogradSide * 4

// winogradKernels are in the order of the maps; distances are in bytes.
var winogradKernels = [...]func(dst, src *float32, channels, tiles int, dstRow, dstColumn, dstTile, srcRow, srcColumn, srcTile int, half *float32){
	winogradInputNEON, winogradWeightsNEON, winogradOutputNEON,
	winogradInputGradNEON, winogradWeightsGradNEON, winogradOutputGradNEON,
}

// winogradVector maps tiles whose channels are a multiple of 8.
func winogradVector(m Winograd, dst, src *Cells, channels, tiles int, w *Workspace) {
	winogradKernels[m](&dst.Data[0], &src.Data[0], channels, tiles,
		4*dst.Row, 4*dst.Column, 4*dst.Tile, 4*src.Row, 4*src.Column, 4*src.Tile, &w.half[0])
}
