package job

import (
	"strings"
	"testing"

	"tuned/trainer/metric"
)

func TestAModelThatIsNoBetterThanNothingIsDoubted(t *testing.T) {
	classes := func(name string, with, without, chance float64) Metrics {
		return Metrics{
			Metric: name, Test: metric.Metrics{name: with},
			Baseline: &Baseline{Common: "no", Rare: "yes", Mean: 17.2, Median: 16, Metrics: metric.Metrics{name: without}, Chance: chance},
		}
	}
	tests := map[string]struct {
		m    Metrics
		want string // part of what is said; empty: nothing is
	}{
		"nothing explained":  {classes("r2", -5.478e-05, 0, 0.02), "R² is about 0 with it and 0 without."},
		"clearly better":     {classes("accuracy", 0.9, 0.8, 0.02), ""},
		"worse":              {classes("accuracy", 0.7, 0.8, 0.02), "no better than always saying “no”, the most frequent class: accuracy is 0.7 with it and 0.8 without. It learned nothing"},
		"by chance":          {classes("f1", 0.41, 0.4, 0.02), "always saying “yes”, the rarer class: F1 is 0.41 with it and 0.4 without. Chance alone can make such a difference on these rows."},
		"an error":           {classes("rmse", 7.9, 7.8, 0.1), "always saying 17.2, the average of the rows learned from: RMSE is 7.9"},
		"a smaller error":    {classes("rmse", 7.5, 7.8, 0.1), ""},
		"the middle":         {classes("mae", 7.9, 7.8, 0.1), "always saying 16, the middle"},
		"probabilities":      {classes("log_loss", 0.7, 0.6, 0.01), "giving each class its share"},
		"order":              {classes("auc", 0.5, 0.5, 0.01), "guessing"},
		"nothing measured":   {Metrics{Metric: "auc"}, ""},
		"undefined: no rows": {Metrics{Metric: "auc", Test: metric.Metrics{}, Baseline: &Baseline{Metrics: metric.Metrics{}}}, ""},
	}
	few := classes("accuracy", 1, 0.5, 0.5)
	few.Baseline.Rows = 2
	tests["of two rows"] = struct {
		m    Metrics
		want string
	}{few, "The model is not clearly better than always saying “no”, the most frequent class: accuracy is 1 with it and 0.5 without. Chance alone can make such a difference on 2 rows."}
	for name, test := range tests {
		got := test.m.Doubt()
		if !strings.Contains(got, test.want) || (test.want == "") != (got == "") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestAModelThatTellsRowsApartLearned: where every answer is the commonest class, probabilities may still put the rarer one first.
func TestAModelThatTellsRowsApartLearned(t *testing.T) {
	for _, c := range []struct {
		auc, order float64
		rows       int
		learned    bool
	}{{0.71, 0.03, 50, true}, {0.57, 0.03, 500, false}, {0.3, 0.03, 500, false}, {0.71, 0, 500, false}, {0.71, 0.03, 49, false}} {
		m := Metrics{
			Metric: "accuracy", Test: metric.Metrics{"accuracy": 0.9, "auc": c.auc},
			Baseline: &Baseline{Common: "no", Rare: "yes", Metrics: metric.Metrics{"accuracy": 0.9, "auc": 0.5}, Rows: c.rows, Order: c.order},
		}
		said := m.Doubt()
		if apart := strings.Contains(said, "But its probabilities tell rows apart: AUC is 0.71, 0.5 by guessing."); apart != c.learned || m.Learned() != c.learned {
			t.Errorf("%+v: %q", c, said)
		}
		if nothing := strings.Contains(said, "It learned nothing"); nothing == c.learned {
			t.Errorf("%+v: %q", c, said)
		}
	}
}

// An R² below 0 beside a gain means that the values moved, not that nothing was learned.
func TestValuesThatMovedAreSaid(t *testing.T) {
	m := Metrics{
		Metric: "rmse", Test: metric.Metrics{"rmse": 7, "r2": -2.5},
		Baseline: &Baseline{Mean: 17.2, Held: 5.1, Metrics: metric.Metrics{"rmse": 9}, Chance: 0.5},
	}
	if got := m.elsewhere(); !strings.Contains(got, "at 5.1 on average instead of 17.2") || !strings.Contains(got, "-2.5") {
		t.Errorf("got %q", got)
	}
	m.Test["r2"] = 0.1
	if got := m.elsewhere(); got != "" {
		t.Errorf("R² 0.1: %q", got)
	}
}

func TestHowFarTrueValuesLieIsSaid(t *testing.T) {
	small, large := metric.Spread{Below: 3, Above: 4.25}, metric.Spread{Below: 1234, Above: 2000}
	tests := map[string]*metric.Intervals{
		"": nil,
		"Nine of ten true values lie within 4 of what is predicted.":                {Groups: []metric.Spread{{Below: 4, Above: 4}}},
		"Nine of ten true values lie from 3 below to 4.25 above what is predicted.": {Groups: []metric.Spread{small}},
		"Nine of ten true values lie from 3 below to 4.25 above a small prediction, and from 1,234 below to 2,000 above a large one.": {
			Cuts: []float64{10, 20}, Groups: []metric.Spread{small, {}, large},
		},
	}
	for want, v := range tests {
		if got := (Metrics{Intervals: v}).Within(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := (Metrics{Intervals: &metric.Intervals{}}).Within(); got != "" {
		t.Errorf("no groups: %q", got)
	}
}

// TestMoved: in the target's unit, or of classes in hundredths.
func TestMoved(t *testing.T) {
	for _, c := range []struct {
		metric string
		moves  float64
		want   string
	}{
		{"accuracy", 0.125, "the probability of its answers moves by 12.5 percentage points on average"},
		{"f1", 0.0004, "the probability of its answers moves by 0.04 percentage points on average"},
		{"rmse", 65348.2, "its predictions move by 65,348 on average"},
		{"r2", 0.25, "its predictions move by 0.25 on average"},
	} {
		if got := (Metrics{Metric: c.metric}).Moved(Reliance{Moves: c.moves}); got != c.want {
			t.Errorf("%s, %g: %q, want %q", c.metric, c.moves, got, c.want)
		}
	}
}
