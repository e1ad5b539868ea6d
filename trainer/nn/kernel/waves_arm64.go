package kernel

// waveRows are the rows that the kernels take at once, as many as a register has lanes.
const waveRows = 4

func wavesBlocks(y, x, table, head *float32, blocks, frequencies, stride int) {
	wavesNEON(y, x, table, head, blocks, frequencies, stride)
}

func wavesGradBlocks(sums, dx, dy, x, table *float32, blocks, frequencies, stride int) {
	wavesGradNEON(sums, dx, dy, x, table, blocks, frequencies, stride)
}
