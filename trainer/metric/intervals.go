package metric

import (
	"cmp"
	"math"
	"slices"
)

// How intervals are made. The counts of rows are of those that the model had not seen.
const (
	// Coverage is the share of true values that lie within their intervals.
	Coverage = 1 - 1.0/missed
	missed   = 10 // one in so many lies outside

	fewestRows  = 20  // with fewer, an interval would rest on the worst row alone
	groupRows   = 100 // of a group at least
	mostGroups  = 5
	apartFrom   = 2 * groupRows // rows from which on the two sides have a width each: fewer cannot tell them apart
	sidesMissed = 2 * missed    // of those, one in so many lies outside on either side
)

// Intervals say how far from its prediction a true value may lie, by how far it did on rows that the model had not seen: split
// conformal prediction (Papadopoulos et al. 2002; Lei et al. 2018, arXiv:1604.04173), by the size of the prediction (Mondrian: Vovk
// et al. 2005). Coverage of new rows lie within, on average over what rows were put aside, if those are like the new ones in
// distribution; nothing is assumed about the model.
type Intervals struct {
	Coverage float64   `json:"coverage"`
	Cuts     []float64 `json:"cuts,omitempty"` // the largest prediction of each group but the last
	Groups   []Spread  `json:"groups"`         // by the size of the prediction, the smallest first; at least one
}

// Spread is how far true values lie from predictions of about one size, in the target's unit.
type Spread struct {
	Below float64 `json:"below"` // 0 or more
	Above float64 `json:"above"` // 0 or more
	Rows  int     `json:"rows"`  // that it was learned from
}

// miss is a prediction, and what the true value is above it.
type miss struct{ said, above float64 }

// IntervalsOf learns from rows that the model had not seen, in the target's unit. Nil where they are fewer than 20, or a number is
// none or too large to tell.
func IntervalsOf(predicted, truth []float64) *Intervals {
	if len(truth) < fewestRows {
		return nil
	}
	misses := make([]miss, len(truth))
	for i, said := range predicted {
		misses[i] = miss{said, truth[i] - said}
		if above := misses[i].above; math.IsNaN(above) || math.IsInf(above, 0) {
			return nil
		}
	}
	slices.SortFunc(misses, func(a, b miss) int { return cmp.Compare(a.said, b.said) })
	v, apart := &Intervals{Coverage: Coverage}, len(misses) >= apartFrom
	for _, group := range bySize(misses) {
		v.Cuts = append(v.Cuts, group[len(group)-1].said)
		v.Groups = append(v.Groups, spreadOf(group, apart))
	}
	v.Cuts = v.Cuts[:len(v.Cuts)-1]
	return v
}

// bySize cuts rows, which are in order of their predictions, into up to mostGroups of about equally many, groupRows at least. Equal
// predictions stay together.
func bySize(misses []miss) [][]miss {
	size := len(misses) / max(1, min(mostGroups, len(misses)/groupRows))
	var groups [][]miss
	from := 0
	for i := size; i <= len(misses)-size; i++ {
		if i-from >= size && misses[i].said != misses[i-1].said {
			groups, from = append(groups, misses[from:i]), i
		}
	}
	return append(groups, misses[from:])
}

// spreadOf gives the sides one width, or one each. Of n rows and the new one each is equally likely to be the furthest out: where a
// share a may lie outside, (n+1)·a of them do, rounded down.
func spreadOf(group []miss, apart bool) Spread {
	offs, n := make([]float64, len(group)), len(group)
	for i, m := range group {
		offs[i] = m.above
		if !apart {
			offs[i] = math.Abs(m.above)
		}
	}
	slices.Sort(offs)
	if !apart {
		width := offs[n-(n+1)/missed]
		return Spread{Below: width, Above: width, Rows: n}
	}
	out := (n + 1) / sidesMissed
	// The prediction itself lies within, though all may lie on one side of it.
	return Spread{Below: max(0, -offs[out-1]), Above: max(0, offs[n-out]), Rows: n}
}

// Known tells whether there are intervals.
func (v *Intervals) Known() bool { return v != nil && len(v.Groups) == len(v.Cuts)+1 }

// Around is the interval of a prediction. They must be known.
func (v *Intervals) Around(predicted float64) (low, high float64) {
	i, _ := slices.BinarySearch(v.Cuts, predicted)
	return predicted - v.Groups[i].Below, predicted + v.Groups[i].Above
}

// Inside is the share of true values that lie within their intervals; not-a-number of no rows.
func (v *Intervals) Inside(predicted, truth []float64) float64 {
	inside := 0
	for i, said := range predicted {
		if low, high := v.Around(said); low <= truth[i] && truth[i] <= high {
			inside++
		}
	}
	return float64(inside) / float64(len(truth))
}
