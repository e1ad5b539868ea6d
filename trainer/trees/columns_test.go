package trees

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestCuts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float32Range(-100, 100), 1, 300).Draw(t, "values")
		bins := rapid.IntRange(2, 64).Draw(t, "bins")
		slices.Sort(values)
		edges := make([]float32, bins-1)
		cut(values, edges, bins)
		for i := 1; i < len(edges); i++ {
			if edges[i] < edges[i-1] || edges[i] == edges[i-1] && !math.IsInf(float64(edges[i]), 1) {
				t.Fatalf("edges %v", edges)
			}
		}
		used := map[uint8]bool{}
		for i, v := range values {
			bin := above(edges, v)
			if used[bin] = true; i > 0 && bin < above(edges, values[i-1]) {
				t.Fatalf("%v lies in bin %d, below a smaller value's", v, bin)
			}
		}
		if n := distinct(values); n <= bins && len(used) != n {
			t.Fatalf("%d different values lie in %d of %d bins", n, len(used), bins)
		} else if n > 2*bins && len(used) < bins/2 {
			t.Fatalf("%d different values fill only %d of %d bins", n, len(used), bins)
		}
	})
}

func TestWhatIsNoNumberLiesBelowAll(t *testing.T) {
	if bin := above([]float32{-1, 1}, float32(math.NaN())); bin != 0 {
		t.Errorf("NaN lies in bin %d", bin)
	}
	if bin := above([]float32{-1, 1}, float32(math.Inf(1))); bin != 2 {
		t.Errorf("infinity lies in bin %d", bin)
	}
}
