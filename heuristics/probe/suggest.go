package probe

import (
	"math"
	"slices"
)

// Sweep is what a range test saw: the loss on the same rows after training at rates that grow.
type Sweep struct {
	Rates  []float64 // increasing
	Losses []float64 // as many; the last ones may be no numbers
}

// skipped is the share of a sweep's points, the first ones, that no suggestion reads: the loss has not settled.
const skipped = 0.1

// usable is the part of a sweep that suggestions read: up to the first loss that is no number, without the first tenth.
func (s Sweep) usable() Sweep {
	end := slices.IndexFunc(s.Losses, func(l float64) bool { return math.IsNaN(l) || math.IsInf(l, 0) })
	if end < 0 {
		end = len(s.Losses)
	}
	from := min(int(skipped*float64(len(s.Losses))), end)
	return Sweep{s.Rates[from:end], s.Losses[from:end]}
}

// Valley is the rate halfway along the longest decreasing subsequence of the losses (fastai); 0 when nothing decreases.
func Valley(s Sweep) float64 {
	u := s.usable()
	n := len(u.Losses)
	length, before := make([]int, n), make([]int, n)
	end := -1
	for i := range n {
		length[i], before[i] = 1, i
		for j := range i {
			if u.Losses[i] < u.Losses[j] && length[j]+1 > length[i] {
				length[i], before[i] = length[j]+1, j
			}
		}
		if length[i] > 1 && (end < 0 || length[i] > length[end]) {
			end = i
		}
	}
	if end < 0 {
		return 0
	}
	start := end
	for before[start] != start {
		start = before[start]
	}
	return u.Rates[start+(end-start)/2]
}

// Slide comes from the right, comparing slopes a lag of 15 % of the points apart, until they differ by at most 0.005, and
// takes the rate there (fastai); 0 when there are too few points.
func Slide(s Sweep) float64 {
	u := s.usable()
	lag := max(1, int(math.Round(0.15*float64(len(s.Rates)))))
	slopes := gradient(u.Losses)
	right := len(slopes) - 1
	if right-lag < 0 {
		return 0
	}
	rate := u.Rates[right-lag]
	for right-lag >= 0 && math.Abs(slopes[right]-slopes[right-lag]) > 0.005 {
		rate = u.Rates[right-lag]
		right--
	}
	return rate
}

// gradient is the slope at each point by central differences, one-sided at the ends.
func gradient(values []float64) []float64 {
	n := len(values)
	if n < 2 {
		return nil
	}
	slopes := make([]float64, n)
	slopes[0], slopes[n-1] = values[1]-values[0], values[n-1]-values[n-2]
	for i := 1; i < n-1; i++ {
		slopes[i] = (values[i+1] - values[i-1]) / 2
	}
	return slopes
}

// Steep is the rate where the loss falls fastest, by the logarithm of the rate (fastai); 0 when it never falls.
func Steep(s Sweep) float64 {
	u := s.usable()
	rate, steepest := 0.0, 0.0
	for i := range max(0, len(u.Losses)-1) {
		slope := (u.Losses[i+1] - u.Losses[i]) / math.Log(u.Rates[i+1]/u.Rates[i])
		if slope < steepest {
			rate, steepest = u.Rates[i], slope
		}
	}
	return rate
}

// Minimum is a tenth of the rate with the lowest loss (fastai); 0 without points.
func Minimum(s Sweep) float64 {
	u := s.usable()
	if len(u.Losses) == 0 {
		return 0
	}
	return u.Rates[argmin(u.Losses)] / 10
}

// Diverged is the first rate, beyond that of the lowest loss, whose loss is above 1.3 times the lowest and has given back
// at least a tenth of what the sweep had won, or is no number; 0 when there is none, or no loss to begin with.
func Diverged(s Sweep) float64 {
	u := s.usable()
	if len(u.Losses) == 0 {
		return 0
	}
	least := argmin(u.Losses)
	limit := max(1.3*u.Losses[least], u.Losses[least]+0.1*(s.Losses[0]-u.Losses[least]))
	for i := least + 1; i < len(u.Losses); i++ {
		if u.Losses[i] > limit {
			return u.Rates[i]
		}
	}
	return s.broken()
}

// broken is the first rate whose loss is no number; 0 when there is none.
func (s Sweep) broken() float64 {
	for i, l := range s.Losses {
		if math.IsNaN(l) || math.IsInf(l, 0) {
			return s.Rates[i]
		}
	}
	return 0
}

// Unstable is the rate at which the loss has given back half of what the sweep had won, or is no number; 0 when it never
// does.
func Unstable(s Sweep) float64 {
	u := s.usable()
	if len(u.Losses) == 0 {
		return 0
	}
	least := argmin(u.Losses)
	half := (s.Losses[0] + u.Losses[least]) / 2
	if u.Losses[least] >= s.Losses[0] {
		return 0
	}
	for i := least + 1; i < len(u.Losses); i++ {
		if u.Losses[i] > half {
			return u.Rates[i]
		}
	}
	return s.broken()
}

func argmin(values []float64) int {
	least := 0
	for i, v := range values {
		if v < values[least] {
			least = i
		}
	}
	return least
}
