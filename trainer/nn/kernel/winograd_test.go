package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestWinogradMaps holds every map against its twin, on tiles in the middle of other numbers, at both ends of memory.
func TestWinogradMaps(t *testing.T) {
	for m := WinogradInput; m <= WinogradOutputGrad; m++ {
		for _, channels := range []int{1, 7, 8, 24} {
			t.Run(fmt.Sprint(m, channels), func(t *testing.T) {
				from, to := m.sides()
				const tiles = 3
				src := Cells{Row: 9 * channels, Column: channels, Tile: from * 9 * channels}
				dst := Cells{Row: to*tiles*channels + 5, Column: tiles * channels, Tile: channels}
				src.Data = randoms(rand.New(rand.NewPCG(1, 2)), (tiles-1)*src.Tile+(from-1)*(src.Row+src.Column)+channels)
				size := (tiles-1)*dst.Tile + (to-1)*(dst.Row+dst.Column) + channels
				everywhere(t, func(t *testing.T) {
					for _, end := range []bool{false, true} {
						compareMap(t, m, dst, src, guarded(t, size, end), channels, tiles)
					}
				})
			})
		}
	}
}

func compareMap(t *testing.T, m Winograd, dst, src Cells, out []float32, channels, tiles int) {
	t.Helper()
	want := randoms(rand.New(rand.NewPCG(3, 4)), len(out))
	copy(out, want)
	at := dst
	dst.Data, at.Data = out, want
	m.Apply(dst, src, channels, tiles, NewWorkspace())
	m.twins(&at, &src, channels, tiles)
	for i, v := range want {
		if math.Abs(float64(out[i]-v)) > 2e-5 {
			t.Fatalf("number %d: %g, twin %g", i, out[i], v)
		}
	}
}

// TestWinogradConvolves holds the three maps together against a plain convolution in double precision.
func TestWinogradConvolves(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	const channels = 64
	x, g := randoms(r, 36*channels), randoms(r, 9*channels)
	terms, factors := make([]float32, 36*channels), make([]float32, 36*channels)
	everywhere(t, func(t *testing.T) {
		w := NewWorkspace()
		cells := func(data []float32, side int) Cells { return Cells{Data: data, Row: side * channels, Column: channels} }
		WinogradInput.Apply(cells(terms, 6), cells(x, 6), channels, 1, w)
		WinogradWeights.Apply(cells(factors, 6), cells(g, 3), channels, 1, w)
		var sums [36]float32
		for i := range sums {
			sums[i] = float32(dotTwin(terms[i*channels:(i+1)*channels], factors[i*channels:]))
		}
		var y [16]float32
		WinogradOutput.Apply(Cells{Data: y[:], Row: 4, Column: 1}, Cells{Data: sums[:], Row: 6, Column: 1}, 1, 1, w)
		for i, got := range y {
			var want float64
			for k := range 9 {
				at := ((i/4+k/3)*6 + i%4 + k%3) * channels
				want += dotTwin(x[at:at+channels], g[k*channels:])
			}
			if math.Abs(float64(got)-want) > 1e-5*math.Sqrt(9*channels) {
				t.Errorf("output %d: %g, want %g", i, got, want)
			}
		}
	})
}

// BenchmarkWinograd reports the processor's time for 8 channels of a tile.
func BenchmarkWinograd(b *testing.B) {
	const channels, tiles = 32, 8
	w := NewWorkspace()
	for m := WinogradInput; m <= WinogradOutputGrad; m++ {
		b.Run(fmt.Sprint(m), func(b *testing.B) {
			wide := Cells{Data: make([]float32, 36*tiles*channels), Row: 6 * tiles * channels, Column: tiles * channels, Tile: channels}
			image := Cells{Data: make([]float32, 6*(6+4*tiles)*channels), Row: (2 + 4*tiles) * channels, Column: channels, Tile: 4 * channels}
			src, dst := image, wide
			if from, _ := m.sides(); from == WinogradSide && m != WinogradInput {
				src, dst = wide, image
			}
			for b.Loop() {
				m.Apply(dst, src, channels, tiles, w)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*tiles*channels/8), "ns/register")
		})
	}
}
