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
