package data

import (
	"fmt"
	"math"
	"slices"

	"tuned/trainer/data/random"
)

// Transforms are the settings that shape a view.
type Transforms struct {
	Numeric    string  `json:"numeric"`               // "robust-smooth-clip", "robust-log-tails", "standard" or "quantile"
	OneHotMax  int     `json:"onehot_max"`            // one-hot for so many levels at most, the missing level counted; codes above
	TextTerms  int     `json:"text_terms,omitempty"`  // words and pairs of words that are read of a text at most; 0: texts are not read
	TextPieces int     `json:"text_pieces,omitempty"` // pieces of words that are read of a text at most
	TextL2     float64 `json:"text_l2,omitempty"`     // the penalty of the regression that scores texts
}

// The numeric transforms.
const (
	RobustSmoothClip = "robust-smooth-clip"
	RobustLogTails   = "robust-log-tails" // RobustSmoothClip that goes on beyond 3, more and more slowly
	Standard         = "standard"
	Quantile         = "quantile"
)

// Scale maps a number to what a model sees; a missing one becomes 0, the middle. The zero Scale is of a column without
// variance, which maps to 0.
type Scale struct {
	Kind   string    `json:"kind"`
	Center float64   `json:"center,omitempty"` // the median, or the mean
	Factor float64   `json:"factor,omitempty"`
	Values []float64 `json:"values,omitempty"` // quantile: ascending, evenly spaced in probability
}

// fitScale learns a scale from the present values, ascending.
func fitScale(kind string, values []float64, r random.Numbers) (Scale, error) {
	switch kind {
	case RobustSmoothClip, RobustLogTails:
		return robust(kind, values), nil
	case Standard:
		return standard(values), nil
	case Quantile:
		return quantiles(values, r), nil
	}
	return Scale{}, fmt.Errorf("fit: unknown numeric transform %q", kind)
}

// robust is RealMLP's (arXiv 2407.04491): by the quartiles, or where they are equal by the range.
func robust(kind string, values []float64) Scale {
	s := Scale{Kind: kind, Center: quantile(values, 0.5)}
	if d := quantile(values, 0.75) - quantile(values, 0.25); d != 0 {
		s.Factor = 1 / d
	} else if d := values[len(values)-1] - values[0]; d != 0 {
		s.Factor = 2 / d
	}
	return s
}

// standard subtracts the mean and divides by the standard deviation.
func standard(values []float64) Scale {
	mean, sd := Moments(values)
	s := Scale{Kind: Standard, Center: mean}
	if sd > 0 {
		s.Factor = 1 / sd
	}
	return s
}

// Moments are the mean and the population's standard deviation.
func Moments(values []float64) (mean, sd float64) {
	for _, v := range values {
		mean += v
	}
	mean /= float64(len(values))
	for _, v := range values {
		sd += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(sd / float64(len(values)))
}

// quantiles follow TabM's preprocessing (arXiv 2410.24210): a little noise parts equal values, max(min(n/30, 1000), 10)
// quantiles are kept, and probabilities become those of a normal distribution.
func quantiles(values []float64, r random.Numbers) Scale {
	noisy := make([]float64, len(values))
	for i, v := range values {
		noisy[i] = v + 1e-5*normalQuantile(r.Uniform(uint64(i)))
	}
	slices.Sort(noisy)
	n := max(min(len(values)/30, 1000), 10)
	s := Scale{Kind: Quantile, Values: make([]float64, n)}
	for i := range s.Values {
		s.Values[i] = quantile(noisy, float64(i)/float64(n-1))
	}
	return s
}

// apply maps one number.
func (s *Scale) apply(v float64) float32 {
	if v != v {
		return 0
	}
	switch s.Kind {
	case Standard:
		return float32((v - s.Center) * s.Factor)
	case Quantile:
		return float32(normalQuantile(s.rank(v)))
	}
	u := (v - s.Center) * s.Factor
	if s.Kind == RobustLogTails {
		return float32(bent(u) + math.Copysign(math.Log1p(max(0, math.Abs(u)-3)/3), u))
	}
	return float32(bent(u))
}

// bent is u where it is small, and ends at 3.
func bent(u float64) float64 {
	if math.Abs(u) > 1e9 { // also where the square would overflow
		return math.Copysign(3, u)
	}
	return u / math.Sqrt(1+u*u/9)
}

// rank is the share of values below v: the mean of its lowest and its highest, where values are equal.
func (s *Scale) rank(v float64) float64 {
	at := lowerBound(s.Values, v)
	last := float64(len(s.Values) - 1)
	switch {
	case at == len(s.Values):
		return 1
	case s.Values[at] == v:
		return float64(at+s.equals(at)) / (2 * last)
	case at == 0:
		return 0
	}
	return (float64(at-1) + (v-s.Values[at-1])/(s.Values[at]-s.Values[at-1])) / last
}

// equals returns the last index that holds the same value as at.
func (s *Scale) equals(at int) int {
	v := s.Values[at]
	if at+1 == len(s.Values) || s.Values[at+1] != v {
		return at
	}
	return at + lowerBound(s.Values[at:], math.Nextafter(v, math.Inf(1))) - 1
}

// lowerBound returns the first index whose value is at least v. It is slices.BinarySearch without its care for NaN.
func lowerBound(values []float64, v float64) int {
	low, high := 0, len(values)
	for low < high {
		if mid := int(uint(low+high) >> 1); values[mid] < v {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// normalQuantile is the inverse of the normal distribution, cut off at a probability of 1e-7 on either side.
func normalQuantile(p float64) float64 {
	p = min(max(p, 1e-7), 1-1e-7)
	return math.Sqrt2 * math.Erfinv(2*p-1)
}
