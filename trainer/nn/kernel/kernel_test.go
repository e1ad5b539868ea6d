package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// everywhere runs a test with every instruction set of this processor.
func everywhere(t *testing.T, test func(t *testing.T)) {
	for _, isa := range available {
		t.Run(isa.String(), func(t *testing.T) {
			defer Use(Use(isa))
			test(t)
		})
	}
}

// randoms are n normally distributed numbers.
func randoms(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// ulps is the distance of got from want in units of want's last place.
func ulps(got float32, want float64) float64 {
	if math.IsNaN(want) && got != got || float64(got) == want {
		return 0
	}
	w := float32(want)
	unit := math.Abs(float64(math.Nextafter32(w, float32(math.Inf(1)))) - float64(w))
	return math.Abs(float64(got)-want) / unit
}

func TestUseRefusesWhatTheProcessorLacks(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Use(NEON + 1)
}
