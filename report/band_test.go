package report

import (
	"slices"
	"strings"
	"testing"

	"tuned/heuristics"
	"tuned/job"
	"tuned/trainer/metric"
)

// What lies within the band is what lies within its interval, however the groups differ; it ends where the rows do.
func TestTheBandIsWhereTrueValuesLie(t *testing.T) {
	p := &Predictions{Rows: make([]int, 3), Actual: []float64{0, 40, 100}, Value: []float64{10, 50, 90}}
	v := &metric.Intervals{Cuts: []float64{50}, Groups: []metric.Spread{{Below: 5, Above: 5}, {Below: 20, Above: 30}}}
	band := p.band(v)
	if len(band) != 1 || !band[0].area {
		t.Fatalf("got %+v", band)
	}
	x, y := []float64{5, 45, 30, 70, 100, 100, 80, 55, 15}, []float64{10, 50, 50, 90, 90, 70, 50, 50, 10}
	if !slices.Equal(band[0].x, x) || !slices.Equal(band[0].y, y) {
		t.Errorf("the line goes by x %v, y %v", band[0].x, band[0].y)
	}
	if svg := string(p.scatter("y", v).SVG); !strings.Contains(svg, `<polygon class="area c1" points=`) {
		t.Errorf("it is not drawn: %s", svg)
	}
	if got := p.band(nil); got != nil {
		t.Errorf("of a run that does not know: %v", got)
	}
}

func TestHowFarOffIsSaid(t *testing.T) {
	r := &Run{Predictions: &Predictions{Rows: make([]int, 2), Actual: []float64{0, 30}, Value: []float64{0, 10}}}
	if got := r.off(); got != "Half of the predictions are off by less than 20, and nine in ten by less than 20." {
		t.Errorf("of a run that does not know: %q", got)
	}
	r.Metrics = job.Metrics{Intervals: &metric.Intervals{Cuts: []float64{5, 8}, Groups: []metric.Spread{{Below: 1, Above: 2}, {}, {Below: 3, Above: 4}}}}
	const want = "Half of the predictions are off by less than 20. Nine of ten true values lie from 1 below to 2 above a small prediction, " +
		"and from 3 below to 4 above a large one. Small is at most 5, large more than 8. " +
		"The same is to be expected of new rows, if they are like those that were held out."
	if got := r.off(); got != want {
		t.Errorf("got %q", got)
	}
	r.Facts = heuristics.Facts{"data.split_by_time": true}
	if got := r.off(); !strings.HasSuffix(got, "where values drift, fewer lie within.") {
		t.Errorf("of the latest rows: %q", got)
	}
}
