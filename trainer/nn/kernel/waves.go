package kernel

import "math"

// Waves are up to four values that a number x is embedded in: for value e
//
//	Bias_e + Slope_e x + Σ_k W_ke cos(F_k x + C_k)
//
// over any number of frequencies F with phases C. See SinCos for the range of the angles.
type Waves struct {
	Table       []float32 // by frequency, WaveFloats each: F, C, four weights, nothing
	Bias, Slope [4]float32
}

// WaveFloats is the length of a frequency's part of a table.
const WaveFloats = 8

// waveSums is how many sums Backward makes for each frequency, after those of the four gradients.
const waveSums = 6

// WaveSpace is the floats that Backward needs for a number of frequencies.
func WaveSpace(frequencies int) int { return 8 * (4 + waveSums*frequencies) }

// Forward writes the first values ≤ 4 of each x to y, whose rows begin stride floats apart.
func (v *Waves) Forward(y []float32, stride, values int, x []float32) {
	if vector() && len(v.Table) > 0 {
		v.forwardVector(y, stride, values, x)
		return
	}
	v.forwardTwin(y, stride, values, x)
}

func (v *Waves) forwardTwin(y []float32, stride, values int, x []float32) {
	for i, x := range x {
		row := y[i*stride:][:values]
		for e := range row {
			row[e] = v.Bias[e] + v.Slope[e]*x
		}
		for k := 0; k < len(v.Table); k += WaveFloats {
			wave := v.Table[k : k+WaveFloats]
			cos := float32(math.Cos(float64(wave[0]*x + wave[1])))
			for e := range row {
				row[e] += wave[2+e] * cos
			}
		}
	}
}

// WaveGradients are what Backward sums up over rows.
type WaveGradients struct {
	Values [4]float32 // of y's gradients
	waves  []float32
}

// Weights are the gradients of frequency k's four weights.
func (g *WaveGradients) Weights(k int) []float32 { return g.waves[k*waveSums:][:4] }

// Phase is the gradient of phase k.
func (g *WaveGradients) Phase(k int) float32 { return -g.waves[k*waveSums+4] }

// Frequency is the gradient of frequency k.
func (g *WaveGradients) Frequency(k int) float32 { return -g.waves[k*waveSums+5] }

// Backward takes the gradients of Forward's values to those of bias, weights, phases and frequencies, which live in space
// (WaveSpace floats), and to dx, which receives Σ_k of the cosines' share alone: Slope's is the caller's.
func (v *Waves) Backward(space, dx, dy []float32, stride, values int, x []float32) WaveGradients {
	frequencies := len(v.Table) / WaveFloats
	space, dx = space[:WaveSpace(frequencies)], dx[:len(x)]
	clear(space)
	if vector() && frequencies > 0 {
		v.backwardVector(space, dx, dy, stride, values, x)
	} else {
		v.backwardTwin(space, dx, dy, stride, values, x)
	}
	return WaveGradients{Values: [4]float32(space), waves: space[4 : 4+waveSums*frequencies]}
}

func (v *Waves) backwardTwin(sums, dx, dy []float32, stride, values int, x []float32) {
	for i, x := range x {
		d := dy[i*stride:][:values]
		for e, d := range d {
			sums[e] += d
		}
		dx[i] = 0
		for k := range len(v.Table) / WaveFloats {
			wave, to := v.Table[k*WaveFloats:][:WaveFloats], sums[4+k*waveSums:][:waveSums]
			sin, cos := math.Sincos(float64(wave[0]*x + wave[1]))
			var q float32
			for e, d := range d {
				q += wave[2+e] * d
				to[e] += d * float32(cos)
			}
			q *= float32(sin)
			to[4] += q
			to[5] += q * x
			dx[i] -= wave[0] * q
		}
	}
}
