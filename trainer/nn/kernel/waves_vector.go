//go:build amd64 || arm64

package kernel

// forwardVector gives the kernel blocks of waveRows whole rows; others pass through a block at the side.
func (v *Waves) forwardVector(y []float32, stride, values int, x []float32) {
	head := [8]float32{v.Bias[0], v.Bias[1], v.Bias[2], v.Bias[3], v.Slope[0], v.Slope[1], v.Slope[2], v.Slope[3]}
	frequencies := len(v.Table) / WaveFloats
	whole := wholeBlocks(x, values)
	if whole > 0 {
		_ = y[(whole-1)*stride+3]
		wavesBlocks(&y[0], &x[0], &v.Table[0], &head[0], whole/waveRows, frequencies, 4*stride)
	}
	var in [waveRows]float32
	var out [4 * waveRows]float32
	for at := whole; at < len(x); at += waveRows {
		n := copy(in[:], x[at:])
		wavesBlocks(&out[0], &in[0], &v.Table[0], &head[0], 1, frequencies, 16)
		for i := range n {
			copy(y[(at+i)*stride:][:values], out[4*i:])
		}
	}
}

// wholeBlocks is how many rows the kernel may treat in place: it reads and writes four values of all rows of a block.
func wholeBlocks(x []float32, values int) int {
	if values < 4 {
		return 0
	}
	return len(x) / waveRows * waveRows
}

// backwardVector is forwardVector's counterpart. Rows that are not there have no gradient.
func (v *Waves) backwardVector(sums, dx, dy []float32, stride, values int, x []float32) {
	frequencies := len(v.Table) / WaveFloats
	whole := wholeBlocks(x, values)
	if whole > 0 {
		_ = dy[(whole-1)*stride+3]
		wavesGradBlocks(&sums[0], &dx[0], &dy[0], &x[0], &v.Table[0], whole/waveRows, frequencies, 4*stride)
	}
	for at := whole; at < len(x); at += waveRows {
		var in, out [waveRows]float32
		var d [4 * waveRows]float32
		n := copy(in[:], x[at:])
		for i := range n {
			copy(d[4*i:4*i+values], dy[(at+i)*stride:])
		}
		wavesGradBlocks(&sums[0], &out[0], &d[0], &in[0], &v.Table[0], 1, frequencies, 16)
		copy(dx[at:], out[:])
	}
	addLanes(sums)
}

// addLanes makes one sum of each waveRows, which the kernel leaves: of neighbours, again and again.
func addLanes(sums []float32) {
	for i := range len(sums) / waveRows {
		s := sums[i*waveRows : (i+1)*waveRows]
		for n := waveRows / 2; n > 0; n /= 2 {
			for k := range n {
				s[k] = s[2*k] + s[2*k+1]
			}
		}
		sums[i] = s[0]
	}
}
