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

// TestTicksAreWrittenAsInTheText: with separators, counted in millions and more where they would be long, and each unlike the next.
func TestTicksAreWrittenAsInTheText(t *testing.T) {
	for _, c := range []struct {
		axis axis
		in   string
		want []string
	}{
		{axis{low: 60_000, high: 490_000}, "", []string{"100,000", "200,000", "300,000", "400,000"}},
		{axis{low: -160_000, high: 90_000}, "", []string{"-150,000", "-100,000", "-50,000", "0", "50,000"}},
		{axis{low: 2014, high: 2018}, "", []string{"2014", "2015", "2016", "2017", "2018"}},
		{axis{low: 0.2, high: 0.9}, "", []string{"0.2", "0.4", "0.6", "0.8"}},
		{axis{low: 0, high: 4.1e8}, ", in millions", []string{"0", "100", "200", "300", "400"}},
		{axis{low: -1.1e6, high: 1.6e6}, ", in millions", []string{"-1", "-0.5", "0", "0.5", "1", "1.5"}},
		{axis{low: 2e12, high: 5e12}, ", in trillions", []string{"2", "2.5", "3", "3.5", "4", "4.5", "5"}},
		{axis{low: 1_000_000_100, high: 1_000_000_120}, "", []string{"1,000,000,100", "1,000,000,105", "1,000,000,110", "1,000,000,115", "1,000,000,120"}},
		{axis{low: 12_345, high: 12_347}, "", []string{"12,345", "12,345.5", "12,346", "12,346.5", "12,347"}},
		{axis{low: 1e-4, high: 8.1e-4}, "", []string{"0.0002", "0.0004", "0.0006", "0.0008"}},
		{axis{low: 0, high: 2.1e-8}, "", []string{"0", "5 × 10⁻⁹", "1 × 10⁻⁸", "1.5 × 10⁻⁸", "2 × 10⁻⁸"}},
		{axis{low: 1e-4, high: 10, log: true}, "", []string{"0.0001", "0.001", "0.01", "0.1", "1", "10"}},
		{axis{low: 1e5, high: 1e8, log: true}, "", []string{"100,000", "1,000,000", "10,000,000", "100,000,000"}},
	} {
		var got []string
		for _, v := range c.axis.ticks() {
			got = append(got, c.axis.text(v))
		}
		if !slices.Equal(got, c.want) || c.axis.in() != c.in {
			t.Errorf("%g to %g: %q%s, want %q%s", c.axis.low, c.axis.high, got, c.axis.in(), c.want, c.in)
		}
	}
}

// TestTicksHaveRoom: none reaches into the label of the axis, and none into the next one.
func TestTicksHaveRoom(t *testing.T) {
	for _, ends := range [][2]float64{{0, 1}, {-160_000, 490_000}, {1_600_000_100, 1_600_000_190}, {-1e-5, 2e-5}, {0, 1e9}} {
		x, y, _ := chart{square: true, series: []series{{x: ends[:], y: ends[:]}}}.axes()
		if label := x.from - tickGap - y.widest(); label < labelWidth || x.from > width/3 {
			t.Errorf("%g: the vertical axis' ticks end at %g, the label at %g", ends, label, labelWidth)
		}
		ticks := x.ticks()
		for i := 1; i < len(ticks); i++ {
			if apart := x.at(ticks[i]) - x.at(ticks[i-1]); apart < x.widest()+tickGap {
				t.Errorf("%g: ticks are %g apart and %g wide", ends, apart, x.widest())
			}
		}
		if len(ticks) < 2 {
			t.Errorf("%g: %d ticks", ends, len(ticks))
		}
	}
}
