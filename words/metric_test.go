package words_test

import (
	"testing"

	"tuned/words"
)

func TestMetricsHaveTheNamesThatPeopleUse(t *testing.T) {
	for name, want := range map[string]string{"f1": "F1", "log_loss": "log loss", "accuracy": "accuracy", "r2": "R²"} {
		if got := words.Metric(name); got != want || words.Meaning(name) == "" {
			t.Errorf("%s: %q, %q", name, got, words.Meaning(name))
		}
	}
}

// TestScoresNearZero: what is next to nothing is said so, unless it is in the target's unit.
func TestScoresNearZero(t *testing.T) {
	for _, c := range []struct {
		metric string
		x      float64
		want   string
	}{
		{"r2", -5.478e-05, "about 0"},
		{"log_loss", 3e-9, "about 0"},
		{"auc", -9e-5, "about 0"},
		{"auc", 1e-4, "0.0001"},
		{"r2", 0, "0"},
		{"r2", -0.0012345, "-0.001234"},
		{"accuracy", 0.97312, "0.9731"},
		{"rmse", 5.478e-05, "0.00005478"},
		{"mae", 2e-8, "2 × 10⁻⁸"},
		{"rmse", 123456.7, "123,457"},
	} {
		if got := words.Score(c.metric, c.x); got != c.want {
			t.Errorf("%s of %g: got %q, want %q", c.metric, c.x, got, c.want)
		}
	}
	if got := words.Difference("r2", -5.478e-05) + ", " + words.Difference("r2", 0.054784) + ", " + words.Difference("rmse", 5.4784e-05); got != "about 0, 0.0548, 0.0000548" {
		t.Errorf("differences are %s", got)
	}
}
