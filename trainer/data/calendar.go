package data

import (
	"math"
	"slices"
	"time"

	"tuned/trainer/data/random"
)

// Part is a number drawn from a date.
type Part struct {
	Name  string `json:"name"`
	Scale Scale  `json:"scale"`
}

// part is what a number is drawn from a date by. Trends tell dates apart for good; where a split is by time they would only be
// extrapolated, and are left out.
type part struct {
	name  string
	trend bool
	of    func(t time.Time) float64
}

// calendar are the parts of a date, in order.
var calendar = []part{
	{"year", true, func(t time.Time) float64 { return float64(t.Year()) }},
	{"month", false, func(t time.Time) float64 { return float64(t.Month()) }},
	{"day", false, func(t time.Time) float64 { return float64(t.Day()) }},
	{"weekday", false, func(t time.Time) float64 { return float64(t.Weekday()) }},
	{"hour", false, hourOf},
	{"elapsed_days", true, func(t time.Time) float64 { return float64(t.Unix()) / 86400 }},
	{"year_sin", false, func(t time.Time) float64 { return math.Sin(yearAngle(t)) }},
	{"year_cos", false, func(t time.Time) float64 { return math.Cos(yearAngle(t)) }},
	{"week_sin", false, func(t time.Time) float64 { return math.Sin(2 * math.Pi / 7 * float64(t.Weekday())) }},
	{"week_cos", false, func(t time.Time) float64 { return math.Cos(2 * math.Pi / 7 * float64(t.Weekday())) }},
	{"hour_sin", false, func(t time.Time) float64 { return math.Sin(2 * math.Pi / 24 * hourOf(t)) }},
	{"hour_cos", false, func(t time.Time) float64 { return math.Cos(2 * math.Pi / 24 * hourOf(t)) }},
}

func hourOf(t time.Time) float64 { return float64(t.Hour()) + float64(t.Minute())/60 }

func yearAngle(t time.Time) float64 { return 2 * math.Pi / 365.25 * float64(t.YearDay()-1) }

// partOf returns a part's function.
func partOf(name string) func(t time.Time) float64 {
	for _, c := range calendar {
		if c.name == name {
			return c.of
		}
	}
	return nil
}

// ascending are a part's numbers of some times, in order.
func (p part) ascending(times []time.Time) []float64 {
	values := make([]float64, len(times))
	for i, t := range times {
		values[i] = p.of(t)
	}
	slices.Sort(values)
	return values
}

// date learns a scale for each part that varies over the training rows.
func (f *fitter) date(i int, c Column) (Feature, string, error) {
	out, times := Feature{Name: c.Name, Type: Date, Encoding: Calendar, Layout: c.Layout, Phrases: c.Phrases}, f.times(i)
	out.Indicator = len(times) < len(f.rows)
	for k, part := range calendar {
		values := part.ascending(times)
		if part.trend && c.Name == f.data.Spec.Time || len(values) == 0 || values[len(values)-1]-values[0] < 1e-9 {
			continue
		}
		scale, err := fitScale(f.transforms.Numeric, values, random.New(1, random.Jitter, uint64(i*len(calendar)+k)))
		if err != nil {
			return out, "", err
		}
		out.Parts = append(out.Parts, Part{part.name, scale})
	}
	switch {
	case len(out.Parts) > 0:
		return out, "", nil
	case out.Indicator && len(times) > 0:
		out.Encoding, out.Indicator = Presence, false
		return out, "", nil
	}
	return out, constant, nil
}

// times are those of a column of dates that training rows have.
func (f *fitter) times(i int) (present []time.Time) {
	seconds := f.data.raw.seconds(i)
	for _, row := range f.rows {
		if s := seconds[row]; s != noTime {
			present = append(present, time.Unix(s, 0).UTC())
		}
	}
	return present
}
