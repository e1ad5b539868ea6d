// Package stats says what N search trials are worth, and how sure a comparison over data sets is.
//
// Everywhere an error is something to be made small (1 - accuracy, RMSE over the target's spread), so that one
// orientation serves all tasks.
package stats

import (
	"cmp"
	"math"
	"slices"
)

// Trial is one search trial as the selection sees it: picked by Validation, judged by Test; both are errors.
type Trial struct {
	Validation, Test float64
}

// Curve is the expected test error of the trial that the validation picks from N random ones, for N = 1 … len(trials),
// drawn without replacement (the estimator of the N-trials-equal headline: with M trials sorted best validation first,
// P(trial i is picked from N) = C(M-i, N-1) / C(M, N)). Trials whose validation ties share their chances.
type Curve []float64

// ExpectedBest computes the curve of a study. Non-finite errors count as the worst: such a trial is picked last.
func ExpectedBest(trials []Trial) Curve {
	sorted := bestFirst(trials)
	curve := make(Curve, len(sorted))
	for n := range curve {
		for i, t := range sorted {
			if p := picked(len(sorted), n+1, i+1); p > 0 {
				curve[n] += p * t.Test
			}
		}
	}
	return curve
}

// bestFirst sorts by validation and gives trials that tie the mean of their test errors.
func bestFirst(trials []Trial) []Trial {
	sorted := slices.Clone(trials)
	for i := range sorted {
		if math.IsNaN(sorted[i].Validation) {
			sorted[i].Validation = math.Inf(1)
		}
	}
	slices.SortStableFunc(sorted, func(a, b Trial) int { return cmp.Compare(a.Validation, b.Validation) })
	for from := 0; from < len(sorted); {
		to := from + 1
		sum := sorted[from].Test
		for ; to < len(sorted) && sorted[to].Validation == sorted[from].Validation; to++ {
			sum += sorted[to].Test
		}
		for k := from; k < to; k++ {
			sorted[k].Test = sum / float64(to-from)
		}
		from = to
	}
	return sorted
}

// picked is the probability that the i-th best of m trials (1 is the best) is the best among n drawn.
func picked(m, n, i int) float64 {
	if m-i < n-1 {
		return 0
	}
	return math.Exp(logChoose(m-i, n-1) - logChoose(m, n))
}

func logChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// Equal is the number of trials that it takes to match an error.
type Equal struct {
	N float64 // interpolated between whole numbers of trials; 0 when one trial is already better
	// Censored: more than N trials, the whole study, are not enough.
	Censored bool
}

// Equal finds the smallest number of trials whose expected test error is no larger than ours.
func (c Curve) Equal(ours float64) Equal {
	for i, expected := range c {
		if expected > ours {
			continue
		}
		if i == 0 && expected < ours {
			return Equal{}
		} else if i == 0 {
			return Equal{N: 1}
		}
		return Equal{N: float64(i) + (c[i-1]-ours)/(c[i-1]-expected)}
	}
	return Equal{N: float64(len(c)), Censored: true}
}

// At is the expected error at n trials, or at as many as there are.
func (c Curve) At(n int) float64 { return c[min(n, len(c))-1] }
