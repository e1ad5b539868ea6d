package stats

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Interval is an estimate with its confidence bounds.
type Interval struct {
	Estimate, Low, High float64
}

// Bootstrap is the percentile interval of a statistic over the data sets, which are the unit of every comparison:
// resamples draws with replacement, from a fixed seed.
func Bootstrap(values []float64, statistic func([]float64) float64, resamples int, level float64) Interval {
	random := rand.New(rand.NewPCG(1, 2))
	drawn := make([]float64, len(values))
	results := make([]float64, resamples)
	for r := range results {
		for i := range drawn {
			drawn[i] = values[random.IntN(len(values))]
		}
		results[r] = statistic(drawn)
	}
	slices.Sort(results)
	tail := (1 - level) / 2
	return Interval{
		Estimate: statistic(values),
		Low:      stat.Quantile(tail, stat.Empirical, results, nil),
		High:     stat.Quantile(1-tail, stat.Empirical, results, nil),
	}
}

// Mean is the arithmetic mean, as a statistic for Bootstrap.
func Mean(values []float64) float64 { return stat.Mean(values, nil) }

// Median is the middle value, the mean of the two middle ones for an even count. It leaves its argument alone.
func Median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// ShiftedGeometricMean is exp(mean(log(e + shift))) - shift: an average over data sets whose errors span decades.
func ShiftedGeometricMean(errors []float64, shift float64) float64 {
	sum := 0.0
	for _, e := range errors {
		sum += math.Log(e + shift)
	}
	return math.Exp(sum/float64(len(errors))) - shift
}

// Tally counts wins, ties and losses of ours against theirs, pair by pair; a tie is a difference within tolerance of
// the larger of the two errors.
type Tally struct{ Win, Tie, Loss int }

// Tallied counts over paired errors.
func Tallied(ours, theirs []float64, tolerance float64) Tally {
	var t Tally
	for i := range ours {
		switch gap := ours[i] - theirs[i]; {
		case math.Abs(gap) <= tolerance*max(math.Abs(ours[i]), math.Abs(theirs[i])):
			t.Tie++
		case gap < 0:
			t.Win++
		default:
			t.Loss++
		}
	}
	return t
}

// Wilcoxon is the two-sided p-value of the signed-rank test over paired differences: exact where no differences tie and
// there are at most 50, by the normal approximation with tie correction otherwise. Zero differences are left out.
func Wilcoxon(differences []float64) float64 {
	ranks, ties := signedRanks(differences)
	n := len(ranks)
	if n == 0 {
		return 1
	}
	positive := 0.0
	for _, r := range ranks {
		positive += max(r, 0)
	}
	if n <= 50 && ties == 0 {
		return exactSignedRank(n, positive)
	}
	mean := float64(n*(n+1)) / 4
	variance := float64(n*(n+1)*(2*n+1))/24 - ties/48
	z := max(math.Abs(positive-mean)-0.5, 0) / math.Sqrt(variance)
	return math.Erfc(z / math.Sqrt2)
}

// signedRanks ranks the non-zero differences by size, each with its sign; ties is the sum of t³-t over tied groups.
func signedRanks(differences []float64) (ranks []float64, ties float64) {
	kept := slices.DeleteFunc(slices.Clone(differences), func(d float64) bool { return d == 0 })
	slices.SortFunc(kept, func(a, b float64) int { return cmp.Compare(math.Abs(a), math.Abs(b)) })
	for from := 0; from < len(kept); {
		to := from + 1
		for to < len(kept) && math.Abs(kept[to]) == math.Abs(kept[from]) {
			to++
		}
		if t := float64(to - from); t > 1 {
			ties += t*t*t - t
		}
		for k := from; k < to; k++ {
			ranks = append(ranks, math.Copysign(float64(from+1+to)/2, kept[k]))
		}
		from = to
	}
	return ranks, ties
}

// exactSignedRank counts, over all 2^n signs, those whose sum of positive ranks is at least as far from the middle.
func exactSignedRank(n int, positive float64) float64 {
	total := n * (n + 1) / 2
	ways := make([]float64, total+1)
	ways[0] = 1
	for rank := 1; rank <= n; rank++ {
		for sum := total; sum >= rank; sum-- {
			ways[sum] += ways[sum-rank]
		}
	}
	far := math.Abs(positive - float64(total)/2)
	count := 0.0
	for sum, w := range ways {
		if math.Abs(float64(sum)-float64(total)/2) >= far-1e-9 {
			count += w
		}
	}
	return min(1, count/math.Exp2(float64(n)))
}
