package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// trend is a curve that a sentence tells: what is predicted where a column holds one value after another.
type trend struct {
	column string
	noun   string    // what is predicted: "predicted price", "probability of “yes”"
	values []string  // of the column, as they are written
	means  []float64 // what is predicted with each
	dates  bool
	spread float64 // the standard deviation of what is predicted: a curve that stays within little of it is flat
}

// How much of a curve's range tells what.
const (
	flat     = 0.05 // of the spread: a curve of less hardly moves
	wiggle   = 0.05 // of the range: smaller turns do not count
	straight = 0.2  // of the range: a curve that turns back by less still goes one way on the whole
	hardly   = 0.1  // of the range: what stays within it may count as hardly changing,
	slow     = 0.3  // where it changes at this part of the whole curve's pace at most,
	some     = 3    // over as many values at least
)

// ofLevels says where the prediction is highest, and where lowest.
func (t trend) ofLevels() string {
	if t.isFlat() {
		return t.sayFlat()
	}
	top, bottom := t.extremes()
	if len(t.means) == 2 {
		return fmt.Sprintf("The %s is higher where %s is %s than where it is %s.", t.noun, t.column, t.values[top], t.values[bottom])
	}
	return fmt.Sprintf("The %s is highest where %s is %s, and lowest where it is %s.", t.noun, t.column, t.values[top], t.values[bottom])
}

// ofNumbers says how the prediction goes with the column's numbers, which ascend: all one way, with one turn, or neither.
func (t trend) ofNumbers() string {
	if len(t.means) < some {
		return t.ofLevels()
	}
	if t.isFlat() {
		return t.sayFlat()
	}
	strict, rough := t.turns(wiggle), t.turns(straight)
	switch {
	case len(strict) == 0:
		return t.oneWay() + t.pauses() + "."
	case len(rough) == 0:
		return onTheWhole(t.oneWay()) + cmp.Or(t.pauses(), t.detour(strict)) + "."
	case len(rough) == 1 && len(strict) == 1:
		return t.oneTurn(rough[0]) + "."
	case len(rough) == 1 && t.endsBeyond(rough[0]):
		return onTheWhole(t.oneTurn(rough[0])) + "."
	}
	top, bottom := t.extremes()
	return fmt.Sprintf("The %s goes up and down with %s: it is highest at about %s, and lowest at about %s.", t.noun, t.column, t.values[top], t.values[bottom])
}

func onTheWhole(sentence string) string {
	return "On the whole, " + strings.ToLower(sentence[:1]) + sentence[1:]
}

func (t trend) sayFlat() string {
	return fmt.Sprintf("On average, %s hardly changes the %s; what more it does depends on the other columns.", t.column, t.noun)
}

func (t trend) isFlat() bool { return t.size() <= flat*t.spread }

// size is the range of the curve.
func (t trend) size() float64 { return slices.Max(t.means) - slices.Min(t.means) }

// extremes are the places of the highest value and of the lowest.
func (t trend) extremes() (top, bottom int) {
	return slices.Index(t.means, slices.Max(t.means)), slices.Index(t.means, slices.Min(t.means))
}

// turns are the places where the curve turns back, by more than a share of its range.
func (t trend) turns(share float64) (places []int) {
	least, low, high, way := share*t.size(), 0, 0, 0.0
	for i, v := range t.means {
		if v <= t.means[low] {
			low = i
		}
		if v >= t.means[high] {
			high = i
		}
		switch {
		case way >= 0 && t.means[high]-v > least:
			if way > 0 {
				places = append(places, high)
			}
			way, low = -1, i
		case way <= 0 && v-t.means[low] > least:
			if way < 0 {
				places = append(places, low)
			}
			way, high = 1, i
		}
	}
	return places
}

// rises tells whether the curve ends higher than it begins.
func (t trend) rises() bool { return t.means[len(t.means)-1] > t.means[0] }

// oneWay is a sentence, without its end.
func (t trend) oneWay() string {
	more, then := "higher", "lower"
	if t.dates {
		more = "later"
	}
	if t.rises() {
		then = "higher"
	}
	return fmt.Sprintf("The %s %s is, the %s the %s", more, t.column, then, t.noun)
}

// pauses says where a curve that goes one way hardly changes, at its beginning or at its end.
func (t trend) pauses() string {
	below, beyond := "below", "beyond"
	if t.dates {
		below, beyond = "before", "after"
	}
	last := len(t.means) - 1
	from, to := t.alike(func(k int) int { return k }), last-t.alike(func(k int) int { return last - k })
	begins, ends := from > 0, to < last
	switch {
	case begins && ends:
		return fmt.Sprintf(", between about %s and %s; elsewhere it hardly changes", t.values[from], t.values[to])
	case begins:
		return fmt.Sprintf(", from about %s on; %s that it hardly changes", t.values[from], below)
	case ends:
		return fmt.Sprintf(", up to about %s; %s that it hardly changes", t.values[to], beyond)
	}
	return ""
}

// alike is how many steps the curve hardly changes from an end on, whose values at gives in order; 0 where that is not worth a word.
func (t trend) alike(at func(k int) int) int {
	last := len(t.means) - 1
	for n := last; n >= some-1; n-- {
		low, high := math.Inf(1), math.Inf(-1)
		for k := range n + 1 {
			low, high = min(low, t.means[at(k)]), max(high, t.means[at(k)])
		}
		if high-low <= min(hardly, slow*float64(n)/float64(last))*t.size() {
			return n
		}
	}
	return 0
}

// detour says where a curve is highest, or lowest, that turns once on its way, by little.
func (t trend) detour(turns []int) string {
	if len(turns) > 1 {
		return ", with turns on the way"
	}
	top, bottom := t.extremes()
	if turns[0] == top {
		return fmt.Sprintf("; it is highest at about %s", t.values[top])
	}
	return fmt.Sprintf("; it is lowest at about %s", t.values[bottom])
}

// oneTurn is a sentence, without its end, about a curve with one peak, or one valley.
func (t trend) oneTurn(at int) string {
	extreme, others := "lowest", "higher"
	if t.means[at] > max(t.means[0], t.means[len(t.means)-1]) {
		extreme, others = "highest", "lower"
	}
	where := "about " + t.values[at]
	if from, to := t.beside(at, -1), t.beside(at, 1); to-from >= some-1 {
		where = fmt.Sprintf("between about %s and %s", t.values[from], t.values[to])
	}
	return fmt.Sprintf("The %s is %s where %s is %s, and %s on both sides", t.noun, extreme, t.column, where, others)
}

// endsBeyond tells whether a curve with one large turn, and small ones, ends well away from it on both sides.
func (t trend) endsBeyond(turn int) bool {
	first, last := t.means[0]-t.means[turn], t.means[len(t.means)-1]-t.means[turn]
	return first*last > 0 && min(math.Abs(first), math.Abs(last)) > straight*t.size()
}

// beside is how far from a turn the curve is nearly as high, or as low, in a direction.
func (t trend) beside(at, step int) int {
	i := at
	for i+step > 0 && i+step < len(t.means)-1 && math.Abs(t.means[i+step]-t.means[at]) <= wiggle*t.size() {
		i += step
	}
	return i
}
