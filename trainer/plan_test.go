package trainer

import (
	"math"
	"slices"
	"strings"
	"testing"

	"tuned/trainer/model"
)

func TestParsePlan(t *testing.T) {
	p, err := ParsePlan(decided(), "accuracy")
	if err != nil {
		t.Fatal(err)
	}
	if p.Epochs != 60 || p.LR != 0.02 || p.Schedule != Coslog4 || p.WeightDecays != FlatCos || p.Smoothings != Constant ||
		!slices.Equal(p.Averages, []string{"0.9", "0.99"}) || p.Selection != Peak || !p.FitTemperature || p.Final.String() != "cycles+average:best" {
		t.Errorf("plan %+v", p)
	}
	if !p.NeedsValidation() || p.Snapshots() != 4 {
		t.Errorf("two snapshots to roll back to, one cycle's end, one best: %d", p.Snapshots())
	}
}

// TestAnOlderPlanMeansWhatItDid: before there was a usual temperature, probabilities stayed as they were.
func TestAnOlderPlanMeansWhatItDid(t *testing.T) {
	older := decided()
	delete(older, "temperature_prior")
	now, err := ParsePlan(decided(), "accuracy")
	before, berr := ParsePlan(older, "accuracy")
	if err != nil || berr != nil || now.TemperaturePrior != 0.8 || before.TemperaturePrior != 1 {
		t.Errorf("%v and %v, %v, %v", now.TemperaturePrior, before.TemperaturePrior, err, berr)
	}
}

func TestParsePlanRefuses(t *testing.T) {
	tests := map[string]struct {
		setting string
		value   any
		says    string
	}{
		"a missing setting":      {"beta2", nil, "setting beta2: no rule decided it"},
		"another type":           {"epochs", 3.5, "setting epochs: 3.5 is not a whole number"},
		"text for a number":      {"lr", "fast", "setting lr: fast is not a number"},
		"no epochs":              {"epochs", int64(0), "setting epochs: 0 is below 1"},
		"a negative rate":        {"lr", -1.0, "setting lr: -1 is outside"},
		"a rate that is none":    {"lr", math.NaN(), "setting lr: NaN is outside"},
		"dropping more than all": {"dropout", 1.5, "setting dropout: 1.5 is outside 0 … 1"},
		"an unknown schedule":    {"schedule", "spiral", "spiral is none of constant, linear, flat-cos, coslog4, one-cycle"},
		"an unknown selection":   {"selection", "first", "first is none of last, best"},
		"averages of one":        {"averages", "0.9,1", `"1" is not a decay between 0 and 1`},
		"averages as a number":   {"averages", 0.9, "is not a list of decays"},
		"an average not kept":    {"final", "average:0.5", "no running average is kept with decay 0.5: averages and final go together, so write under [pin] final = \"average:0.9\", too"},
		"an unknown member":      {"final", "raw+luck", `"luck" is none of raw`},
		"final as a number":      {"final", 1.0, "does not name members"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := decided()
			s[test.setting] = test.value
			if test.value == nil {
				delete(s, test.setting)
			}
			if _, err := ParsePlan(s, "accuracy"); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v, want %q", err, test.says)
			}
		})
	}
	if _, err := ParsePlan(decided(), "beauty"); err == nil || !strings.Contains(err.Error(), "beauty") {
		t.Errorf("metric beauty: %v", err)
	}
}

func TestCheckText(t *testing.T) {
	for _, test := range []struct{ setting, text, says string }{
		{"averages", "0.95, 0.99", ""},
		{"averages", "", ""},
		{"averages", "0.9,1", `"1" is not a decay between 0 and 1`},
		{"averages", "0.9 0.99", `"0.9 0.99" is not a decay between 0 and 1`},
		{"final", "raw + cycles:average:0.5", ""},
		{"final", "average:best", ""},
		{"final", "raw+luck", `"luck" is none of raw`},
		{"final", "average:2", `"2" is not a decay between 0 and 1`},
		{"final", "", `"" is none of raw`},
		{"architecture", "anything", ""},
	} {
		err := CheckText(test.setting, test.text)
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s = %q: %v, want %q", test.setting, test.text, err, test.says)
		}
	}
}

func TestWholeNumbersAreNumbers(t *testing.T) {
	s := decided()
	s["clip_norm"] = int64(2)
	if p, err := ParsePlan(s, "auc"); err != nil || p.ClipNorm != 2 {
		t.Errorf("clip %v, %v", p.ClipNorm, err)
	}
}

func TestParseFinal(t *testing.T) {
	averages := []string{"0.9", "0.99"}
	tests := map[string]Final{
		"raw":                  {{"raw", []model.Weights{"raw"}, false}},
		"average:0.990":        {{"average:0.990", []model.Weights{"average:0.99"}, false}},
		"best":                 {{"best", []model.Weights{"raw", "average:0.9", "average:0.99"}, false}},
		"average:best":         {{"average:best", []model.Weights{"average:0.9", "average:0.99"}, false}},
		"cycles":               {{"cycles", []model.Weights{"raw"}, true}},
		"cycles:average:0.9":   {{"cycles:average:0.9", []model.Weights{"average:0.9"}, true}},
		"raw + raw+average:.9": {{"raw", []model.Weights{"raw"}, false}, {"average:.9", []model.Weights{"average:0.9"}, false}},
	}
	for text, want := range tests {
		got, err := parseFinal(text, averages)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if !slices.EqualFunc(got, want, func(a, b Member) bool {
			return a.Name == b.Name && a.Cycles == b.Cycles && slices.Equal(a.Candidates, b.Candidates)
		}) {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
	for _, text := range []string{"", "raw+", "average", "average:2", "average:x", "cycles:average:best", "cycles:average:0.5", "Raw"} {
		if f, err := parseFinal(text, averages); err == nil {
			t.Errorf("%q was read as %v", text, f)
		}
	}
	if _, err := parseFinal("average:best", nil); err == nil {
		t.Error("the best of no averages was accepted")
	}
}
