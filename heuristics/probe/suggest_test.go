package probe

import (
	"math"
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

func TestSuggestions(t *testing.T) {
	bowl := of(1, 1, 0.9, 0.6, 0.3, 0.2, 0.25, 2)
	nan := math.NaN()
	tests := map[string]struct {
		f     func(Sweep) float64
		sweep Sweep
		want  float64
	}{
		"valley: halfway between 1e-5 and 1":           {Valley, of(1, 0.9, 0.8, 0.6, 0.3, 0.2, 0.25, 2), 1e-3},
		"valley: the plateau is no part of it":         {Valley, of(1, 1, 1, 0.6, 0.3, 0.2, 0.25, 2), 1e-3},
		"valley: a bump does not end it":               {Valley, of(1, 0.9, 0.95, 0.6, 0.3, 0.2), 1e-3},
		"valley: nothing decreases":                    {Valley, of(1, 1, 1, 2), 0},
		"valley: only numbers before the first NaN":    {Valley, of(1, 0.9, 0.8, nan, 0.1), 1e-4},
		"steep: where the loss falls fastest":          {Steep, bowl, 1e-3},
		"steep: never falls":                           {Steep, of(1, 1, 2), 0},
		"minimum: a tenth of the best rate":            {Minimum, bowl, 0.1},
		"minimum: without points":                      {Minimum, of(nan, nan), 0},
		"diverged: the first far above the lowest":     {Diverged, bowl, 100},
		"diverged: 1.25 times the lowest is not":       {Diverged, of(1, 0.2, 0.25), 0},
		"diverged: nor what is close to it on the way": {Diverged, of(1, 0.01, 0.05), 0},
		"diverged: not a number":                       {Diverged, of(1, 0.5, nan), 1e-3},
		"diverged: never a number":                     {Diverged, of(nan), 0},
		"diverged: early spikes are passed over":       {Diverged, of(1, 9, 0.5, 0.4, 3), 0.1},
		"slide: too few points":                        {Slide, of(1), 0},
		"slide: flat everywhere":                       {Slide, of(1, 1, 1, 1), 1e-3},
		"slide: back to where the slopes agree":        {Slide, of(1, 1, 1, 1, 2, 4), 1e-3},
		"unstable: half is given back":                 {Unstable, of(1, 0.9, 0.2, 0.3, 0.5, 0.7, 3), 1},
		"unstable: there is no number":                 {Unstable, of(1, 0.9, 0.2, 0.3, nan), 0.1},
		"unstable: a sweep that did not come apart":    {Unstable, of(1, 0.9, 0.2, 0.3), 0},
		"unstable: nothing was won":                    {Unstable, of(1, 1, 1, 3), 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.f(test.sweep); math.Abs(got-test.want) > 1e-9*math.Max(test.want, 1) {
				t.Errorf("got %g, want %g", got, test.want)
			}
		})
	}
}

func TestSuggestionsLieWithinTheSweep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := of(rapid.SliceOfN(rapid.OneOf(rapid.Float64Range(0, 10), rapid.Just(math.NaN()), rapid.Just(math.Inf(1))), 0, 40).Draw(t, "losses")...)
		for name, f := range map[string]func(Sweep) float64{
			"valley": Valley, "slide": Slide, "steep": Steep, "minimum": Minimum, "diverged": Diverged, "unstable": Unstable,
		} {
			got := f(s)
			if got == 0 {
				continue
			}
			if math.IsNaN(got) || got < s.Rates[0]/10*(1-1e-9) || got > s.Rates[len(s.Rates)-1] {
				t.Fatalf("%s = %v for %v", name, got, s.Losses)
			}
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
