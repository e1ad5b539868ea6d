package probe

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// Sweep is what a range test saw: the loss on the same rows after training at rates that grow.
type Sweep struct {
	Rates  []float64 // increasing
	Losses []float64 // as many; the last ones may be no numbers
}

// skipped is the share of a sweep's points, the first ones, that are not read: the loss has not settled.
const skipped = 0.1

// usable is the part of a sweep that is read: up to the first loss that is no number, without the first tenth.
func (s Sweep) usable() Sweep {
	end := slices.IndexFunc(s.Losses, func(l float64) bool { return math.IsNaN(l) || math.IsInf(l, 0) })
	if end < 0 {
		end = len(s.Losses)
	}
	from := min(int(skipped*float64(len(s.Losses))), end)
	return Sweep{s.Rates[from:end], s.Losses[from:end]}
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

// unstable is the rate at which the loss has given back half of what the sweep had won, or is no number; 0 when it never
// does.
func unstable(s Sweep) float64 {
	u := s.usable()
	if len(u.Losses) == 0 {
		return 0
	}
	least := floats.MinIdx(u.Losses)
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
