package report

import (
	"fmt"
	"html"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	letter       = 7.0  // about how wide one is, in the drawing's units
	longestLevel = 16   // letters of a name below an axis
	slanted      = 44.0 // how much lower names end that do not stand side by side
)

// slant is how much more room there has to be below, for names that are too long to stand side by side.
func (c chart) slant() float64 {
	for _, name := range c.levels {
		if float64(utf8.RuneCountInString(shortened(name))+1)*letter > (width-marginLeft-marginRight)/float64(len(c.levels)) {
			return slanted
		}
	}
	return 0
}

// nameLevels writes names below the axis.
func (c chart) nameLevels(b *strings.Builder, x, y axis) {
	for i, name := range c.levels {
		at := x.at(float64(i))
		place := fmt.Sprintf(`x="%.1f" y="%g" text-anchor="middle"`, at, y.from+17)
		if c.slant() > 0 {
			place = fmt.Sprintf(`transform="translate(%.1f %g) rotate(-32)" text-anchor="end"`, at+5, y.from+14)
		}
		fmt.Fprintf(b, `<text class="tick" %s>%s</text>`, place, html.EscapeString(shortened(name)))
	}
}

// shortened is as much of a name as fits below an axis.
func shortened(name string) string {
	if letters := []rune(name); len(letters) > longestLevel {
		return string(letters[:longestLevel-1]) + "…"
	}
	return name
}

// Lengths of time, in seconds.
const (
	day   = 24 * 60 * 60
	month = 365.25 * day / 12
)

// steps are the distances between dates that are round: a number of seconds, or of months, each with how dates are written then.
var steps = []struct {
	seconds float64
	months  int
	layout  string
}{
	{60, 0, "15:04"},
	{600, 0, "15:04"},
	{3600, 0, "02 15:04"},
	{day / 4, 0, "02 15:04"},
	{day, 0, time.DateOnly},
	{2 * day, 0, time.DateOnly},
	{7 * day, 0, time.DateOnly},
	{14 * day, 0, time.DateOnly},
	{month, 1, "2006-01"},
	{3 * month, 3, "2006-01"},
	{6 * month, 6, "2006-01"},
	{12 * month, 12, "2006"},
	{24 * month, 24, "2006"},
	{60 * month, 60, "2006"},
	{120 * month, 120, "2006"},
	{600 * month, 600, "2006"},
}

// calendar are round dates within an axis, about five, and how they are written.
func calendar(low, high float64) (ticks []float64, write func(float64) string) {
	at := len(steps) - 1
	for at > 0 && (high-low)/steps[at-1].seconds <= mostTicks {
		at--
	}
	step := steps[at]
	next := func(i float64) float64 { return i * step.seconds }
	first := math.Floor(low / step.seconds)
	if step.months > 0 {
		first = math.Floor(low/step.seconds) - 1
		next = func(i float64) float64 {
			return float64(time.Date(1970, time.Month(1+int(i)*step.months), 1, 0, 0, 0, 0, time.UTC).Unix())
		}
	}
	for i := first; next(i) <= high && len(ticks) < 2*mostTicks; i++ {
		if next(i) >= low {
			ticks = append(ticks, next(i))
		}
	}
	return ticks, func(v float64) string { return time.Unix(int64(v), 0).UTC().Format(step.layout) }
}
