package report

import (
	"math"
	"strings"

	"tuned/words"
)

// axis maps values to places.
type axis struct {
	low, high, from, to float64
	log                 bool
	binary              bool                 // ticks at powers of two and their multiples: bytes
	whole               bool                 // no ticks between whole numbers
	fewer               float64              // ticks, than there are where all are short
	format              func(float64) string // nil: as numbers
}

// mostTicks is about how many ticks there are.
const mostTicks = 6.5

func (a axis) at(v float64) float64 {
	low, high := a.low, a.high
	if a.log {
		v, low, high = math.Log10(v), math.Log10(low), math.Log10(high)
	}
	return a.from + (v-low)/(high-low)*(a.to-a.from)
}

// shows tells whether a value can be drawn.
func (a axis) shows(v float64) bool {
	return !math.IsNaN(v) && !math.IsInf(v, 0) && (!a.log || v > 0)
}

// oneValue is the share of an axis' values below which their differences are rounding, which no ticks can stand in.
const oneValue = 1e-12

// widen gives an axis of one value a range.
func (a *axis) widen() {
	if a.high-a.low > oneValue*math.Max(math.Abs(a.low), math.Abs(a.high)) {
		return
	}
	if a.log {
		a.low, a.high = a.low/2, a.high*2
		return
	}
	d := math.Max(math.Abs(a.low)/10, 1e-9)
	a.low, a.high = a.low-d, a.high+d
}

// ticks are round values within an axis, about five.
func (a axis) ticks() []float64 {
	if a.log {
		return a.powers()
	}
	step := a.step()
	var t []float64
	for i := math.Ceil(a.low/step - 1e-9); i*step <= a.high+step*1e-9; i++ {
		t = append(t, i*step+0) // no negative zero
	}
	return t
}

// step is a round distance between ticks.
func (a axis) step() float64 {
	most := mostTicks - a.fewer
	if a.binary {
		return math.Pow(2, math.Ceil(math.Log2((a.high-a.low)/most)))
	}
	if length := a.high - a.low; a.whole && length >= 1 && length <= most {
		return 1
	}
	step := math.Pow(10, math.Floor(math.Log10((a.high-a.low)/most)))
	for _, f := range []float64{1, 2, 5} {
		if (a.high-a.low)/(step*f) <= most {
			return step * f
		}
	}
	return 10 * step
}

// powers are the powers of ten of a logarithmic axis, of two where it is short.
func (a axis) powers() []float64 {
	base := 10.0
	if a.high/a.low < 1000 {
		base = 2
	}
	first, last := math.Ceil(math.Log(a.low)/math.Log(base)-1e-9), math.Floor(math.Log(a.high)/math.Log(base)+1e-9)
	every := math.Max(1, math.Ceil((last-first)/(mostTicks+0.5-a.fewer)))
	var t []float64
	for e := first; e <= last; e += every {
		t = append(t, math.Pow(base, e))
	}
	return t
}

// scale is a large unit that ticks are counted in.
type scale struct {
	one  float64
	name string
}

// scale is the largest unit in which ticks stay short, and apart.
func (a axis) scale() scale {
	if a.log || a.format != nil {
		return scale{one: 1}
	}
	largest := math.Max(math.Abs(a.low), math.Abs(a.high))
	for _, s := range []scale{{1e12, "trillions"}, {1e9, "billions"}, {1e6, "millions"}} {
		if largest >= s.one && a.step() >= s.one/1000 {
			return s
		}
	}
	return scale{one: 1}
}

// in ends a label with the unit that ticks are counted in, if there is one.
func (a axis) in() string {
	if s := a.scale(); s.name != "" {
		return ", in " + s.name
	}
	return ""
}

// text writes a tick: as the text around the chart does, and with the digits that tell it from the next one.
func (a axis) text(v float64) string {
	switch {
	case a.format != nil:
		return a.format(v)
	case a.log:
		return words.Format(v, "")
	}
	unit := a.scale().one
	return words.Decimals(v/unit, int(math.Ceil(-math.Log10(a.step()/unit)-1e-9)))
}

// What stands left of the vertical axis, in the drawing's units: its label, and the gap between ticks and lines.
const labelWidth, tickGap = 24.0, 7.0

// widest is the width of the longest tick.
func (a axis) widest() float64 {
	most := 0.0
	for _, v := range a.ticks() {
		most = math.Max(most, textWidth(a.text(v)))
	}
	return most
}

// textWidth is about how wide a tick is, in the larger type that small screens show it in.
func textWidth(text string) float64 {
	thin := strings.Count(text, ",") + strings.Count(text, ".") + strings.Count(text, "-") + strings.Count(text, " ")
	return 9*float64(len([]rune(text))) - 4*float64(thin)
}

// spread leaves out ticks of a horizontal axis that would run into each other.
func (a *axis) spread() {
	for a.fewer < 5 && float64(len(a.ticks()))*(a.widest()+2*tickGap) > a.to-a.from {
		a.fewer++
	}
}
