package report

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"tuned/job"
	"tuned/trainer/metric"
)

// effectsRun is a run with effects on values, of numbers, of categories and of dates.
func effectsRun() *Run {
	day := func(year int) float64 { return float64(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Unix()) }
	return &Run{
		Attempt: job.Started{Target: "price"},
		Metrics: job.Metrics{
			Baseline: &job.Baseline{Metrics: metric.Metrics{metric.RMSE: 2}},
			Effects: []job.Effect{
				{Column: "size", Kind: job.Quantity, Rows: 40, Usual: 5, Numbers: []float64{1, 2, 3, 4}, Shares: []float64{0.25, 0.25, 0.25, 0.25}, Means: []float64{3, 4, 6, 9}},
				{Column: "colour", Kind: job.Choice, Rows: 40, Usual: 5, Levels: []string{"red", "", "blue"}, Shares: []float64{0.5, 0.2, 0.1}, Means: []float64{5, 4, 6}},
				{Column: "sold", Kind: job.Moment, Rows: 40, Usual: 5, Numbers: []float64{day(2000), day(2010), day(2020)}, Shares: []float64{0.3, 0.3, 0.4}, Means: []float64{7, 6, 4}},
			},
		},
	}
}

// All pictures have one vertical axis, and a sentence each; the introduction says what they show.
func TestEffectsAreShown(t *testing.T) {
	got := effectsRun().effects()
	if want := "Each picture shows the predicted price where its column holds one value after another and all else is as it is: the mean over 40 of the held-out rows."; got.Text != want {
		t.Errorf("got %q", got.Text)
	}
	captions := []string{
		"The higher size is, the higher the predicted price.",
		"The predicted price is highest where colour is “blue”, and lowest where it is empty. These are the commonest of its values, which 80 % of the rows have.",
		"The later sold is, the lower the predicted price.",
	}
	for i, f := range got.Figures {
		svg := string(f.SVG)
		if f.Caption != captions[i] {
			t.Errorf("%s: got %q", f.Title, f.Caption)
		}
		for _, tick := range []string{">4</text>", ">8</text>"} {
			if !strings.Contains(svg[:strings.Index(svg, "polyline")], tick) {
				t.Errorf("%s has another axis: %s", f.Title, svg)
			}
		}
	}
	colour := string(got.Figures[1].SVG)
	if at := strings.Index(colour, ">blue<"); at < 0 || at > strings.Index(colour, ">red<") || strings.Index(colour, ">red<") > strings.Index(colour, ">empty<") {
		t.Errorf("categories are not in the order of what is predicted: %s", colour)
	}
	if sold := string(got.Figures[2].SVG); !strings.Contains(sold, ">2010</text>") || !strings.Contains(sold, ">sold</text>") {
		t.Errorf("dates have no years, or are counted in millions: %s", sold)
	}
}

func TestEffectsOnClassesSayWhich(t *testing.T) {
	r := effectsRun()
	r.Columns.Classes = []string{"no", "yes"}
	r.Metrics.Effects = r.Metrics.Effects[:1]
	e := &r.Metrics.Effects[0]
	e.Class, e.Usual, e.Means = "yes", 0.4, []float64{0.1, 0.2, 0.5, 0.9}
	got := r.effects()
	if svg := string(got.Figures[0].SVG); !strings.Contains(got.Text, "shows the probability that price is “yes” where its") || !strings.Contains(svg, "probability of “yes”") || !strings.Contains(svg, ">80 %<") {
		t.Errorf("got %q and %s", got.Text, svg)
	}
	if got.Figures[0].Caption != "The higher size is, the higher the probability that price is “yes”." {
		t.Errorf("got %q", got.Figures[0].Caption)
	}
	r.Columns.Classes = append(r.Columns.Classes, "perhaps")
	if got := r.effects(); !strings.Contains(got.Text, "of a class, the one that its column moves most, where") {
		t.Errorf("got %q", got.Text)
	}
}

// Whoever changed the file by hand gets a report all the same.
func TestBrokenEffectsAreLeftOut(t *testing.T) {
	r := effectsRun()
	for i := range r.Metrics.Effects {
		r.Metrics.Effects[i].Means = r.Metrics.Effects[i].Means[:2]
	}
	if got := r.effects(); got != nil {
		t.Errorf("got %+v", got)
	}
	if got := (&Run{}).effects(); got != nil {
		t.Errorf("a run without any has %+v", got)
	}
}

// Numbers of which many lie close together beside few that are far away stand at equal distances.
func TestCrowdedNumbersAreDrawnApart(t *testing.T) {
	for want, all := range map[bool][][]float64{
		true:  {{0, 1, 2, 3, 4, 100}, {0, 96, 97, 98, 99, 100}, {1, 2, 1000}},
		false: {nil, {1, 2}, {0, 1, 2, 3}, {0, 10, 20, 50, 100}},
	} {
		for _, numbers := range all {
			if crowded(numbers) != want {
				t.Errorf("%v: crowded is %v", numbers, !want)
			}
		}
	}
	r := effectsRun()
	r.Metrics.Effects[0].Numbers[3] = 1000
	if svg := string(r.effects().Figures[0].SVG); !strings.Contains(svg, "size (not to scale)") || !strings.Contains(svg, ">1000</text>") {
		t.Errorf("got %s", svg)
	}
}

func TestDatesHaveRoundTicks(t *testing.T) {
	at := func(text string) float64 {
		v, err := time.Parse("2006-01-02 15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		return float64(v.Unix())
	}
	for _, c := range []struct {
		low, high string
		want      []string
	}{
		{"2001-03-04 00:00", "2019-05-01 00:00", []string{"2005", "2010", "2015"}},
		{"2019-02-04 00:00", "2020-07-01 00:00", []string{"2019-04", "2019-07", "2019-10", "2020-01", "2020-04", "2020-07"}},
		{"1969-11-20 00:00", "1970-03-02 00:00", []string{"1969-12", "1970-01", "1970-02", "1970-03"}},
		{"2024-02-27 12:00", "2024-03-02 12:00", []string{"2024-02-28", "2024-02-29", "2024-03-01", "2024-03-02"}},
		{"2024-02-27 12:00", "2024-02-27 16:30", []string{"27 12:00", "27 13:00", "27 14:00", "27 15:00", "27 16:00"}},
	} {
		ticks, write := calendar(at(c.low), at(c.high))
		var got []string
		for _, v := range ticks {
			got = append(got, write(v))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s to %s: %v, want %v", c.low, c.high, got, c.want)
		}
	}
	if ticks, _ := calendar(-1e300, math.MaxFloat64); len(ticks) > 2*mostTicks+1 {
		t.Errorf("%d ticks", len(ticks))
	}
}
