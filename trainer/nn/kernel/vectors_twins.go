//go:build !amd64

package kernel

// The functions of this file stand for kernels that amd64 alone has.

// halfTile is the room that Winograd's kernels need.
const halfTile = 0

func logVector(dst, x []float32) { mapTwin(dst, x, log) }

func poolVector(out, holders, top, bottom []float32, width, channels int) {
	poolTwin(out, holders, top, bottom, width, channels)
}

func poolGradVector(dTop, dBottom, dOut, holders []float32, width, channels int) {
	poolGradTwin(dTop, dBottom, dOut, holders, width, channels)
}

func winogradVector(m Winograd, dst, src *Cells, channels, tiles int, _ *Workspace) {
	m.twins(dst, src, channels, tiles)
}
