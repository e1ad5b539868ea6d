package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"slices"
	"strings"
)

// chart is a drawing of lines or points over two axes. It becomes inline SVG whose colours come from the page's style, so
// that it follows the reader's light or dark setting.
type chart struct {
	title          string // read aloud instead of the drawing
	xLabel, yLabel string
	logX           bool
	series         []series
	marks          []mark
	formatX        func(float64) string
	formatY        func(float64) string
	lowY, highY    *float64 // the axis' ends where they are known
	square         bool     // the same range on both axes
	bytes          bool     // the vertical axis counts bytes
	whole          bool     // the horizontal axis counts something
	dates          bool     // the horizontal axis counts seconds since 1970
	levels         []string // what the horizontal axis counts from 0
	level          *float64 // the height of a helping line from side to side
}

// series is a line, or points where dots is set, or what a line encloses where area is.
type series struct {
	name   string
	x, y   []float64
	dots   bool
	sizes  []float64 // of dots: their radius
	stems  *float64  // the height from which lines lead to the dots
	area   bool
	faint  bool // a helping line
	colour int  // 1 … 6, of the page's palette
}

// mark is a vertical line with a word.
type mark struct {
	x    float64
	name string
}

// The drawing's size in its own units; the page scales it.
const (
	width, height                              = 560.0, 300.0
	marginLeft, marginRight, marginTop, bottom = 72.0, 26.0, 14.0, 46.0 // at least, on the left
)

// svg draws the chart; nothing when it has no points.
func (c chart) svg() template.HTML {
	x, y, ok := c.axes()
	if !ok {
		return ""
	}
	var b strings.Builder
	high := height + c.slant()
	fmt.Fprintf(&b, `<svg viewBox="0 0 %g %g" role="img" aria-label="%s">`, width, high, html.EscapeString(c.title))
	c.grid(&b, x, y)
	for _, m := range c.marks {
		if x.shows(m.x) && m.x >= x.low && m.x <= x.high {
			c.mark(&b, x.at(m.x), m.name)
		}
	}
	if c.level != nil {
		series{x: []float64{x.low, x.high}, y: []float64{*c.level, *c.level}, faint: true}.draw(&b, x, y)
	}
	for _, s := range c.series {
		s.draw(&b, x, y)
	}
	fmt.Fprintf(&b, `<text class="label" x="%g" y="%g" text-anchor="middle">%s</text>`, (x.from+x.to)/2, high-8, html.EscapeString(c.below(x)))
	fmt.Fprintf(&b, `<text class="label" transform="translate(13 %g) rotate(-90)" text-anchor="middle">%s</text></svg>`, (y.from+y.to)/2, html.EscapeString(c.yLabel+y.in()))
	return template.HTML(b.String()) //nolint:gosec // every text in it was escaped
}

// below is what stands below the horizontal axis. Dates are written in full.
func (c chart) below(x axis) string {
	if c.dates {
		return c.xLabel
	}
	return c.xLabel + x.in()
}

// axes are as long as what is shown asks for; ok tells whether anything is.
func (c chart) axes() (x, y axis, ok bool) {
	x = axis{low: math.Inf(1), high: math.Inf(-1), from: marginLeft, to: width - marginRight, log: c.logX, whole: c.whole, format: c.formatX}
	y = axis{low: math.Inf(1), high: math.Inf(-1), from: height - bottom, to: marginTop, binary: c.bytes, format: c.formatY}
	ok = c.span(&x, &y)
	c.fix(&x, &y)
	x.widen()
	if len(c.levels) == 0 && !c.logX && slices.ContainsFunc(c.series, func(s series) bool { return s.sizes != nil }) {
		x.low, x.high = x.low-largeDot*(x.high-x.low), x.high+largeDot*(x.high-x.low)
	}
	y.widen()
	if ok {
		x.from = math.Max(marginLeft, labelWidth+y.widest()+tickGap)
		x.spread()
	}
	return x, y, ok
}

// span widens the axes to all points that they can show, and tells whether there are any.
func (c chart) span(x, y *axis) (found bool) {
	for _, s := range c.series {
		for i, v := range s.x {
			if x.shows(v) && y.shows(s.y[i]) {
				x.low, x.high = math.Min(x.low, v), math.Max(x.high, v)
				y.low, y.high = math.Min(y.low, s.y[i]), math.Max(y.high, s.y[i])
				found = true
			}
		}
	}
	return found
}

// fix sets the ends that do not depend on the points.
func (c chart) fix(x, y *axis) {
	if c.lowY != nil {
		y.low = *c.lowY
	}
	if c.highY != nil {
		y.high = *c.highY
	}
	if c.square {
		x.low, x.high = math.Min(x.low, y.low), math.Max(x.high, y.high)
		y.low, y.high = x.low, x.high
	}
	if n := len(c.levels); n > 0 {
		x.low, x.high = -0.5, float64(n)-0.5
	}
}

// largeDot is the share of an axis that is left free beside dots which may be large.
const largeDot = 0.03

func (c chart) grid(b *strings.Builder, x, y axis) {
	for _, v := range y.ticks() {
		at := y.at(v)
		fmt.Fprintf(b, `<line class="grid" x1="%g" x2="%g" y1="%.1f" y2="%.1f"/>`, x.from, x.to, at, at)
		fmt.Fprintf(b, `<text class="tick" x="%g" y="%.1f" text-anchor="end">%s</text>`, x.from-tickGap, at+4, html.EscapeString(y.text(v)))
	}
	if len(c.levels) > 0 {
		c.nameLevels(b, x, y)
		return
	}
	ticks, text := x.ticks(), x.text
	if c.dates {
		ticks, text = calendar(x.low, x.high)
	}
	for _, v := range ticks {
		at := x.at(v)
		fmt.Fprintf(b, `<line class="grid" x1="%.1f" x2="%.1f" y1="%g" y2="%g"/>`, at, at, y.to, y.from)
		fmt.Fprintf(b, `<text class="tick" x="%.1f" y="%g" text-anchor="middle">%s</text>`, at, y.from+17, html.EscapeString(text(v)))
	}
}

// mark writes its word on the side of the line where there is room.
func (c chart) mark(b *strings.Builder, at float64, name string) {
	anchor, shift := "start", 5.0
	if at > width*0.7 {
		anchor, shift = "end", -5
	}
	fmt.Fprintf(b, `<line class="mark" x1="%.1f" x2="%.1f" y1="%g" y2="%g"/>`, at, at, marginTop, height-bottom)
	fmt.Fprintf(b, `<text class="markname" x="%.1f" y="%g" text-anchor="%s">%s</text>`, at+shift, marginTop+11, anchor, html.EscapeString(name))
}

func (s series) class() string {
	class := fmt.Sprintf("c%d", max(s.colour, 1))
	if s.faint {
		class = "help"
	}
	return class
}

// draw draws what lies within the axes: a curve that shoots off is cut at the edge.
func (s series) draw(b *strings.Builder, x, y axis) {
	var points []string
	for i, v := range s.x {
		if !x.shows(v) || !y.shows(s.y[i]) {
			continue
		}
		px, py := x.at(v), math.Max(math.Min(y.at(s.y[i]), y.from), y.to)
		if s.dots {
			s.dot(b, i, px, py, y)
			continue
		}
		points = append(points, fmt.Sprintf("%.1f,%.1f", px, py))
	}
	if len(points) == 1 {
		at := strings.Split(points[0], ",")
		fmt.Fprintf(b, `<circle class="dot %s" cx="%s" cy="%s" r="4"/>`, s.class(), at[0], at[1])
		return
	}
	if s.area {
		fmt.Fprintf(b, `<polygon class="area %s" points="%s"/>`, s.class(), strings.Join(points, " "))
		return
	}
	if len(points) > 1 {
		fmt.Fprintf(b, `<polyline class="line %s" points="%s"/>`, s.class(), strings.Join(points, " "))
	}
}

// dot draws a point, with the line that leads to it.
func (s series) dot(b *strings.Builder, i int, px, py float64, y axis) {
	if s.stems != nil && y.shows(*s.stems) {
		from := math.Max(math.Min(y.at(*s.stems), y.from), y.to)
		fmt.Fprintf(b, `<line class="line %s" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>`, s.class(), px, px, from, py)
	}
	r := 3.0
	if s.sizes != nil {
		r = s.sizes[i]
	}
	fmt.Fprintf(b, `<circle class="dot %s" cx="%.1f" cy="%.1f" r="%.3g"/>`, s.class(), px, py, r)
}
