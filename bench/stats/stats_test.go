package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance || math.IsNaN(got) {
		t.Errorf("%s = %v, want %v ± %v", what, got, want, tolerance)
	}
}

func TestExpectedBestByHand(t *testing.T) {
	// Three trials; from two drawn, the best by validation is the first in 2 of 3 pairs, the second in 1.
	curve := ExpectedBest([]Trial{{0.3, 0.9}, {0.1, 0.2}, {0.2, 0.5}})
	near(t, "one trial", curve[0], (0.9+0.2+0.5)/3, 1e-12)
	near(t, "two trials", curve[1], (2*0.2+0.5)/3, 1e-12)
	near(t, "three trials", curve[2], 0.2, 1e-12)
}

func TestExpectedBestAgreesWithDrawing(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	trials := make([]Trial, 40)
	for i := range trials {
		quality := random.NormFloat64()
		trials[i] = Trial{quality + 0.5*random.NormFloat64(), quality + 0.5*random.NormFloat64()}
	}
	const draws, n = 200000, 7
	sum := 0.0
	for range draws {
		best := Trial{math.Inf(1), 0}
		for _, i := range random.Perm(len(trials))[:n] {
			if trials[i].Validation < best.Validation {
				best = trials[i]
			}
		}
		sum += best.Test
	}
	near(t, "best of 7", ExpectedBest(trials).At(n), sum/draws, 0.01)
}

func TestTiesShareAndFailuresComeLast(t *testing.T) {
	curve := ExpectedBest([]Trial{{0.1, 0.4}, {0.1, 0.2}, {math.NaN(), 1}})
	near(t, "all three", curve.At(3), 0.3, 1e-12)
	near(t, "more than there are", curve.At(100), 0.3, 1e-12)
}

func TestEqual(t *testing.T) {
	curve := Curve{0.5, 0.3, 0.2}
	for _, c := range []struct {
		ours float64
		want Equal
	}{
		{0.6, Equal{N: 0}},
		{0.5, Equal{N: 1}},
		{0.4, Equal{N: 1.5}},
		{0.2, Equal{N: 3}},
		{0.1, Equal{N: 3, Censored: true}},
	} {
		got := curve.Equal(c.ours)
		near(t, "N_eq", got.N, c.want.N, 1e-12)
		if got.Censored != c.want.Censored {
			t.Errorf("Equal(%v) = %+v, want %+v", c.ours, got, c.want)
		}
	}
}

func TestWilcoxonAgainstTables(t *testing.T) {
	// Sum of positive ranks 0 of n = 5: p = 2/32; of n = 8 with the smallest rank positive: p = 4/256.
	near(t, "n=5", Wilcoxon([]float64{-1, -2, -3, -4, -5}), 2.0/32, 1e-12)
	near(t, "n=8", Wilcoxon([]float64{1, -2, -3, -4, -5, -6, -7, -8}), 4.0/256, 1e-12)
	near(t, "symmetric", Wilcoxon([]float64{1, -1, 2, -2}), 1, 1e-9)
	near(t, "nothing differs", Wilcoxon([]float64{0, 0}), 1, 0)
}

func TestBootstrapCoversTheMean(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	covered := 0
	for range 200 {
		values := make([]float64, 25)
		for i := range values {
			values[i] = random.NormFloat64() + 1
		}
		if in := Bootstrap(values, Mean, 400, 0.95); in.Low <= 1 && 1 <= in.High {
			covered++
		}
	}
	if covered < 176 || covered > 199 {
		t.Errorf("a 95 %% interval covered the mean %d times of 200", covered)
	}
}

func TestSummaries(t *testing.T) {
	near(t, "even median", Median([]float64{4, 1, 3, 2}), 2.5, 0)
	near(t, "geometric mean", ShiftedGeometricMean([]float64{0.01, 1}, 0), 0.1, 1e-12)
	got := Tallied([]float64{1, 1, 1}, []float64{1.001, 2, 0.5}, 0.01)
	if got != (Tally{Win: 1, Tie: 1, Loss: 1}) {
		t.Errorf("Tallied = %+v", got)
	}
}
