package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTrendsInWords(t *testing.T) {
	for name, c := range map[string]struct {
		means []float64
		want  string
	}{
		"up":                    {[]float64{1, 2, 3, 4, 5}, "The higher age is, the higher the predicted price."},
		"down":                  {[]float64{5, 4, 3, 2, 1}, "The higher age is, the lower the predicted price."},
		"up, with a ripple":     {[]float64{1, 2, 1.9, 3, 4, 5}, "The higher age is, the higher the predicted price."},
		"up to a plateau":       {[]float64{1, 3, 5, 6, 6.1, 6, 6.1}, "The higher age is, the higher the predicted price, up to about 40; beyond that it hardly changes."},
		"down from a plateau":   {[]float64{6, 6, 5.9, 6, 4, 2, 0}, "The higher age is, the lower the predicted price, from about 40 on; below that it hardly changes."},
		"a step":                {[]float64{1, 1, 1, 4, 4, 4}, "The higher age is, the higher the predicted price, between about 30 and 40; elsewhere it hardly changes."},
		"slow is no plateau":    {[]float64{0, 1, 2, 3, 5, 10, 15, 20}, "The higher age is, the higher the predicted price."},
		"a peak":                {[]float64{0, 3, 6, 3, 0}, "The predicted price is highest where age is about 30, and lower on both sides."},
		"a broad peak":          {[]float64{0, 5.9, 6, 5.9, 0}, "The predicted price is highest where age is between about 20 and 40, and lower on both sides."},
		"a valley":              {[]float64{6, 3, 0, 4, 8}, "The predicted price is lowest where age is about 30, and higher on both sides."},
		"a peak with a turn":    {[]float64{0, 3, 2, 6, 3, 0}, "On the whole, the predicted price is highest where age is about 40, and lower on both sides."},
		"up, and down a bit":    {[]float64{0, 2, 4, 6, 5}, "On the whole, the higher age is, the higher the predicted price; it is highest at about 40."},
		"down a bit, then up":   {[]float64{1, 0, 2, 4, 6}, "On the whole, the higher age is, the higher the predicted price; it is lowest at about 20."},
		"up, turning twice":     {[]float64{0, 2, 1, 4, 6}, "On the whole, the higher age is, the higher the predicted price, with turns on the way."},
		"up and down":           {[]float64{0, 5, 1, 6, 2}, "The predicted price goes up and down with age: it is highest at about 40, and lowest at about 10."},
		"hardly at all":         {[]float64{3, 3.1, 3.2, 3.3}, "On average, age hardly changes the predicted price; what more it does depends on the other columns."},
		"two values":            {[]float64{1, 4}, "The predicted price is higher where age is 20 than where it is 10."},
		"flat between extremes": {[]float64{0, 3, 3, 3, 3, 3, 6}, "The higher age is, the higher the predicted price."},
	} {
		tr := trend{column: "age", noun: "predicted price", means: c.means, spread: 10}
		for i := range c.means {
			tr.values = append(tr.values, fmt.Sprint(10*(i+1)))
		}
		if got := tr.ofNumbers(); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	dates := trend{column: "sold", noun: "predicted price", dates: true, spread: 1, values: []string{"2020-01-01", "2021-01-01", "2022-01-01", "2023-01-01"}, means: []float64{1, 9, 9, 9}}
	if got, want := dates.ofNumbers(), "The later sold is, the higher the predicted price, up to about 2021-01-01; after that it hardly changes."; got != want {
		t.Errorf("dates: got %q, want %q", got, want)
	}
}

func TestLevelsInWords(t *testing.T) {
	three := trend{column: "colour", noun: "predicted price", spread: 1, values: []string{"“D”", "“J”", "empty"}, means: []float64{1, 3, 2}}
	for want, tr := range map[string]trend{
		"The predicted price is highest where colour is “J”, and lowest where it is “D”.": three,
		"The predicted price is higher where colour is “J” than where it is “D”.":         {column: "colour", noun: "predicted price", spread: 1, values: three.values[:2], means: three.means[:2]},
		"On average, colour hardly changes the predicted price; what more it does depends on the other columns.": {
			column: "colour", noun: "predicted price", spread: 100, values: three.values, means: three.means,
		},
	} {
		if got := tr.ofLevels(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// What a sentence claims of a curve is so, whatever the curve.
func TestTrendsAreTrue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := trend{column: "x", noun: "y", means: rapid.SliceOfN(rapid.Float64Range(-1, 1), 3, 12).Draw(t, "means"), spread: 1}
		for i := range tr.means {
			tr.values = append(tr.values, fmt.Sprint(i))
		}
		text, size, bound := tr.ofNumbers(), tr.size(), wiggle
		if strings.Contains(text, "On the whole") {
			bound = straight
		}
		rise, fall := strides(tr.means)
		first, last := tr.means[0], tr.means[len(tr.means)-1]
		for claim, holds := range map[string]bool{
			"is, the higher the y": fall <= bound*size,
			"is, the lower the y":  rise <= bound*size,
			"highest where x is":   slices.Max(tr.means) > max(first, last)+wiggle*size,
			"lowest where x is":    slices.Min(tr.means) < min(first, last)-wiggle*size,
			"hardly changes the y": size <= flat,
			"goes up and down":     rise > straight*size && fall > straight*size,
		} {
			if strings.Contains(text, claim) && !holds {
				t.Fatalf("%v: %q", tr.means, text)
			}
		}
	})
}

// strides are the most that a curve goes up, and down, from one place to a later one.
func strides(means []float64) (rise, fall float64) {
	for i := range means {
		for k := range i {
			rise, fall = max(rise, means[i]-means[k]), max(fall, means[k]-means[i])
		}
	}
	return rise, fall
}
