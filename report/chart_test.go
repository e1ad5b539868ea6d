package report

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var coordinate = regexp.MustCompile(`(?:x1|x2|y1|y2|cx|cy)="([^"]*)"`)

// Whatever the numbers, a chart is well-formed and stays within its frame.
func TestChartsStayInTheirFrame(t *testing.T) {
	value := rapid.OneOf(rapid.Float64Range(-1e6, 1e6), rapid.SampledFrom([]float64{0, math.NaN(), math.Inf(1), 1e-9, 1e9}))
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 20).Draw(t, "points")
		c := chart{
			title: `a < b & "c"`, logX: rapid.Bool().Draw(t, "log"), bytes: rapid.Bool().Draw(t, "bytes"),
			square: rapid.Bool().Draw(t, "square"), marks: []mark{{value.Draw(t, "mark"), "here"}},
			series: []series{{x: rapid.SliceOfN(value, n, n).Draw(t, "x"), y: rapid.SliceOfN(value, n, n).Draw(t, "y"), dots: rapid.Bool().Draw(t, "dots")}},
		}
		if c.square {
			c.logX = false
		}
		c.dates, c.whole = !c.logX && rapid.Bool().Draw(t, "dates"), rapid.Bool().Draw(t, "whole")
		if n > 0 && c.series[0].dots {
			c.series[0].sizes = slices.Repeat([]float64{13}, n)
			c.series[0].stems = &c.series[0].y[0]
			c.level = &c.series[0].y[n-1]
		}
		if !c.logX && !c.square && rapid.Bool().Draw(t, "names") {
			c.levels, c.series[0].x = slices.Repeat([]string{rapid.StringMatching(`[a-zé<&" ]{0,20}`).Draw(t, "name")}, n), places(n)
		}
		svg := string(c.svg())
		d := xml.NewDecoder(strings.NewReader(svg))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%v in %s", err, svg)
			}
		}
		for _, m := range coordinate.FindAllStringSubmatch(svg, -1) {
			v, err := strconv.ParseFloat(m[1], 64)
			if err != nil || math.IsNaN(v) || v < 0 || v > width {
				t.Fatalf("coordinate %s in %s", m[0], svg)
			}
		}
	})
}

func TestTicksAreRound(t *testing.T) {
	tests := []struct {
		axis axis
		want []float64
	}{
		{axis{low: 0, high: 1}, []float64{0, 0.2, 0.4, 0.6, 0.8, 1}},
		{axis{low: 0.2, high: 1.5}, []float64{0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4}},
		{axis{low: -3, high: 7}, []float64{-2, 0, 2, 4, 6}},
		{axis{low: 0, high: 40 << 20, binary: true}, []float64{0, 8 << 20, 16 << 20, 24 << 20, 32 << 20, 40 << 20}},
		{axis{low: 1e-4, high: 1, log: true}, []float64{1e-4, 1e-3, 1e-2, 0.1, 1}},
		{axis{low: 1, high: 64, log: true}, []float64{1, 2, 4, 8, 16, 32, 64}},
	}
	for _, test := range tests {
		got := test.axis.ticks()
		ok := len(got) == len(test.want)
		for i := range got {
			ok = ok && math.Abs(got[i]-test.want[i]) <= 1e-9*math.Abs(test.want[i])+1e-12
		}
		if !ok {
			t.Errorf("%+v: got %v, want %v", test.axis, got, test.want)
		}
	}
}

// A curve that moves by rounding alone is drawn as one that does not move: a step between ticks would be lost in its values.
func TestACurveOfRoundingHasTicks(t *testing.T) {
	for _, log := range []bool{false, true} {
		for _, v := range []float64{math.Ln2, -math.Ln2, 1e20, 1e-300} {
			if log && v < 0 {
				continue
			}
			y := []float64{v, math.Nextafter(v, math.Inf(1)), v}
			x, _, ok := chart{logX: log, series: []series{{x: y, y: y}}}.axes()
			if n := len(x.ticks()); !ok || n < 1 || n > 10 {
				t.Errorf("%d ticks of an axis around %g, log %t", n, v, log)
			}
		}
	}
}

func TestTicksAreWrittenAsInTheText(t *testing.T) {
	for v, want := range map[float64]string{400_000: "400,000", -12_500: "-12,500", 2015: "2015", 0.25: "0.25", 2e6: "2e6", 1e-4: "1e-4"} {
		if got := format(nil, v); got != want {
			t.Errorf("%g: %q, want %q", v, got, want)
		}
	}
}
