package trainer

import "math"

// Schedule is how a setting changes as the training goes on.
type Schedule string

// The schedules. Each is a factor on the setting's value, a function of progress t in 0 … 1.
const (
	Constant Schedule = "constant"
	Linear   Schedule = "linear"    // from 1 to 0 (arXiv:2310.07831)
	FlatCos  Schedule = "flat-cos"  // 1 until the middle, then a cosine to 0 (RealMLP, arXiv:2407.04491)
	Coslog4  Schedule = "coslog4"   // four cosine cycles, each twice as long as the one before (RealMLP)
	OneCycle Schedule = "one-cycle" // cosine from 1/25 up to 1 at a quarter, then down to 1e-5 (fastai)
)

// schedules lists them all.
var schedules = []Schedule{Constant, Linear, FlatCos, Coslog4, OneCycle}

// One-cycle's shape, as fastai has it.
const (
	oneCycleRise  = 0.25
	oneCycleStart = 1.0 / 25
	oneCycleEnd   = 1e-5
)

// at is the schedule's factor at progress t, which is clamped to 0 … 1.
func (s Schedule) at(t float64) float64 {
	t = min(max(t, 0), 1)
	switch s {
	case Linear:
		return 1 - t
	case FlatCos:
		return flatCos(t)
	case Coslog4:
		return (1 - math.Cos(2*math.Pi*math.Log2(1+15*t))) / 2
	case OneCycle:
		return oneCycle(t)
	}
	return 1
}

func flatCos(t float64) float64 {
	if t <= 0.5 {
		return 1
	}
	return (1 + math.Cos(math.Pi*(2*t-1))) / 2
}

func oneCycle(t float64) float64 {
	if t < oneCycleRise {
		return cosine(oneCycleStart, 1, t/oneCycleRise)
	}
	return cosine(1, oneCycleEnd, (t-oneCycleRise)/(1-oneCycleRise))
}

// cosine goes from one value to another along half a cosine.
func cosine(from, to, t float64) float64 { return from + (to-from)*(1-math.Cos(math.Pi*t))/2 }

// cycleEnds are the points of progress at which the schedule has come to rest and the weights are worth keeping for a
// blend, in order: the last two zeros of coslog4 (weights of the shorter cycles before are far from trained), and else the end.
func (s Schedule) cycleEnds() []float64 {
	if s == Coslog4 {
		return []float64{7.0 / 15, 1}
	}
	return []float64{1}
}

// warmup is the factor of a linear rise over so many steps, reached by the last of them.
func warmup(step, steps int64) float64 {
	if step >= steps {
		return 1
	}
	return float64(step+1) / float64(steps)
}
