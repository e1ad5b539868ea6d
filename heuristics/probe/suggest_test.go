package probe

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// of makes a sweep whose rates are powers of ten, from 1e-5.
func of(losses ...float64) Sweep {
	s := Sweep{Losses: losses}
	for i := range losses {
		s.Rates = append(s.Rates, math.Pow(10, float64(i-5)))
	}
	return s
}

func TestUnstable(t *testing.T) {
	nan := math.NaN()
	tests := map[string]struct {
		sweep Sweep
		want  float64
	}{
		"half is given back":              {of(1, 0.9, 0.2, 0.3, 0.5, 0.7, 3), 1},
		"there is no number":              {of(1, 0.9, 0.2, 0.3, nan), 0.1},
		"a sweep that did not come apart": {of(1, 0.9, 0.2, 0.3), 0},
		"never a number":                  {of(nan), 0},
		"nothing was won":                 {of(1, 1, 1, 3), 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := unstable(test.sweep); math.Abs(got-test.want) > 1e-9*math.Max(test.want, 1) {
				t.Errorf("got %g, want %g", got, test.want)
			}
		})
	}
}

func TestUnstableLiesWithinTheSweep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := of(rapid.SliceOfN(rapid.OneOf(rapid.Float64Range(0, 10), rapid.Just(math.NaN()), rapid.Just(math.Inf(1))), 0, 40).Draw(t, "losses")...)
		if got := unstable(s); got != 0 && !slices.Contains(s.Rates, got) {
			t.Fatalf("%v for %v", got, s.Losses)
		}
	})
}

func TestTheMiddleOfSeeds(t *testing.T) {
	fixed := func(s Sweep) float64 { return s.Rates[0] }
	sweeps := func(rates ...float64) (all []Sweep) {
		for _, r := range rates {
			all = append(all, Sweep{Rates: []float64{r}})
		}
		return all
	}
	tests := map[string]struct {
		sweeps       []Sweep
		rate, spread float64
	}{
		"three":                      {sweeps(0.1, 0.001, 0.01), 0.01, 1},
		"two that have an answer":    {sweeps(0.1, 0, 0.001), 0.01, math.Sqrt2},
		"one knows nothing of noise": {sweeps(0, 0, 0.5), 0.5, unknown},
		"none":                       {sweeps(0, 0, 0), 0, unknown},
	}
	for name, test := range tests {
		if rate, spread := middle(test.sweeps, fixed); math.Abs(rate-test.rate) > 1e-12 || math.Abs(spread-test.spread) > 1e-12 {
			t.Errorf("%s: %v ± %v, want %v ± %v", name, rate, spread, test.rate, test.spread)
		}
	}
}

func TestSamplesAreDifferentRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := make([]int32, rapid.IntRange(1, 50).Draw(t, "rows"))
		for i := range rows {
			rows[i] = int32(i * 3)
		}
		n := rapid.IntRange(1, 60).Draw(t, "n")
		seen := map[int32]bool{}
		for _, r := range sample(rows, n, rapid.Int64().Draw(t, "seed"), 1) {
			if r%3 != 0 || seen[r] {
				t.Fatalf("row %d is foreign or came twice", r)
			}
			seen[r] = true
		}
		if len(seen) != min(n, len(rows)) {
			t.Fatalf("%d rows, want %d", len(seen), min(n, len(rows)))
		}
	})
}
