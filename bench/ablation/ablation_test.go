package ablation

import (
	"slices"
	"strings"
	"testing"
)

// measured is a line with an error; the rulebook itself errs by 0.1 everywhere.
func measured(variant, set string, err float64) Line {
	return Line{Variant: variant, Set: set, Error: err, FLOPs: 10, Commit: "c"}
}

func TestPickedByTheOtherSets(t *testing.T) {
	var all []Line
	for set, err := range map[string]float64{"a": 0.08, "b": 0.08, "c": 0.08, "d": 0.3} {
		all = append(all, measured("", set, 0.1), measured("r~half", set, err), measured("r~double", set, 0.11))
	}
	found := choices(all, errorShift)
	if len(found) != 1 || len(found[0].sets) != 4 {
		t.Fatalf("%+v", found)
	}
	for i, set := range found[0].sets {
		want := -1 // the set on which half is bad keeps the others from it
		if set == "d" {
			want = slices.Index(found[0].names, "half")
		}
		if got := found[0].picked(i); got != want {
			t.Errorf("without %s: %d, want %d", set, got, want)
		}
	}
	if line := found[0].render(); !strings.Contains(line, "| 4 | 3 | +31.") {
		t.Error(line)
	}
}

func TestFewSetsSayNothing(t *testing.T) {
	all := []Line{measured("", "a", 0.1), measured("r~x", "a", 0.1), measured("", "b", 0.1), measured("r~x", "b", 0.1)}
	if found := choices(all, errorShift); len(found) != 0 {
		t.Errorf("%+v", found)
	}
}

// TestSizesAreComparedApart: what parts of 5,000 rows show does not dilute what those of 1,500 do.
func TestSizesAreComparedApart(t *testing.T) {
	var all []Line
	for _, set := range []string{"a", "b", "c"} {
		for rows, err := range map[int]float64{1500: 0.2, 5000: 0.1, 0: 0.05} {
			for variant, err := range map[string]float64{"": 0.1, "r~half": err} {
				l := measured(variant, set, err)
				l.Rows = rows
				all = append(all, l)
			}
		}
	}
	page := render(all)
	for _, want := range []string{
		"| r~half | all | 3 × 1 | -49.", "| r~half | 1500 | 3 × 1 | +98.", "| r~half | 5000 | 3 × 1 | +0.00 %",
		"| r | half | 1500 | 3 | 3 |", "| r | half | all | 3 | 0 |",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
}

func TestMetricsAreComparedApart(t *testing.T) {
	var all []Line
	for _, set := range []string{"a", "b", "c"} {
		base, other := measured("", set, 0.1), measured("r~x", set, 0.2)
		all = append(all, base, other)
		base.Metric, other.Metric, base.Error, other.Error = "log_loss", "log_loss", 0.4, 0.2
		all = append(all, base, other)
		base.Metric, other.Metric, base.By, other.By = "", "", "log_loss", "log_loss"
		all = append(all, base, other)
	}
	found := choices(all, errorShift)
	if len(found) != 3 || found[0].picked(0) != -1 || found[1].picked(0) != 0 {
		t.Errorf("%+v", found)
	}
	if text := render(all); !strings.Contains(text, "| r~x | all, log_loss | 3 × 1 | -49.") {
		t.Error(text)
	} else if !strings.Contains(text, "| r~x | all, by log_loss | 3 × 1 | -49.") {
		t.Error(text)
	}
}
