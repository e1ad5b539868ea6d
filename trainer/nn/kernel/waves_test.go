package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// waveCase is an embedding of a column, and the gradient of its values.
type waveCase struct {
	Waves
	x, dy          []float32
	stride, values int
}

func drawWaves(rt *rapid.T) waveCase {
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
	c := waveCase{values: rapid.IntRange(1, 4).Draw(rt, "values")}
	c.stride = c.values + rapid.IntRange(0, 5).Draw(rt, "gap")
	n := rapid.IntRange(0, 40).Draw(rt, "rows")
	c.x, c.dy = randoms(r, n), randoms(r, n*c.stride)
	c.Table = randoms(r, WaveFloats*rapid.IntRange(0, 20).Draw(rt, "frequencies"))
	copy(c.Bias[:], randoms(r, 4))
	copy(c.Slope[:], randoms(r, 4))
	return c
}

// TestWavesForward holds the values against float64, and asks that nothing between the rows is touched.
func TestWavesForward(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			c := drawWaves(rt)
			size := max(0, (len(c.x)-1)*c.stride+c.values)
			y := guarded(t, size, true)
			for i := range y {
				y[i] = 7
			}
			c.Forward(y, c.stride, c.values, c.x)
			for i, got := range y {
				want := 7.0
				if e := i % c.stride; e < c.values {
					want = c.value(c.x[i/c.stride], e)
				}
				if math.Abs(float64(got)-want) > 1e-4 {
					rt.Fatalf("row %d, value %d: %v, want %v", i/c.stride, i%c.stride, got, want)
				}
			}
		})
	})
}

func (c *waveCase) value(x float32, e int) float64 {
	sum := float64(c.Bias[e]) + float64(c.Slope[e])*float64(x)
	for k := 0; k < len(c.Table); k += WaveFloats {
		sum += float64(c.Table[k+2+e]) * math.Cos(c.angle(x, k))
	}
	return sum
}

func (c *waveCase) angle(x float32, k int) float64 {
	return float64(c.Table[k])*float64(x) + float64(c.Table[k+1])
}

// TestWavesBackward holds all gradients against float64.
func TestWavesBackward(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			c := drawWaves(rt)
			frequencies := len(c.Table) / WaveFloats
			dy := guarded(t, max(0, (len(c.x)-1)*c.stride+c.values), true)
			copy(dy, c.dy)
			dx := guarded(t, len(c.x), true)
			g := c.Backward(make([]float32, WaveSpace(frequencies)), dx, dy, c.stride, c.values, c.x)
			var values [4]float64
			toX := make([]float64, len(c.x))
			for i := range c.x {
				for e := range c.values {
					values[e] += float64(dy[i*c.stride+e])
				}
			}
			for k := range frequencies {
				want := c.gradients(k, dy, toX)
				got := [6]float32{0, 0, 0, 0, g.Phase(k), g.Frequency(k)}
				copy(got[:], g.Weights(k))
				for i, v := range got {
					near(rt, "wave", float64(v), want[i])
				}
			}
			for e := range c.values {
				near(rt, "value", float64(g.Values[e]), values[e])
			}
			for i, v := range dx {
				near(rt, "x", float64(v), toX[i])
			}
		})
	})
}

// gradients are those of a frequency's weights, phase and frequency; its share in x's is added to toX.
func (c *waveCase) gradients(k int, dy []float32, toX []float64) (g [6]float64) {
	wave := c.Table[k*WaveFloats:][:WaveFloats]
	for i, x := range c.x {
		sin, cos := math.Sincos(c.angle(x, k*WaveFloats))
		turn := 0.0
		for e := range c.values {
			d := float64(dy[i*c.stride+e])
			g[e] += d * cos
			turn -= d * float64(wave[2+e]) * sin
		}
		g[4] += turn
		g[5] += turn * float64(x)
		toX[i] += turn * float64(wave[0])
	}
	return g
}

func near(rt *rapid.T, what string, got, want float64) {
	if math.Abs(got-want) > 1e-4*(1+math.Abs(want))*4 {
		rt.Fatalf("gradient of %s: %v, want %v", what, got, want)
	}
}
