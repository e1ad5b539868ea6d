package report

import (
	"strings"
	"testing"

	"tuned/job"
	"tuned/trainer/data"
)

// TestWordsAreShown: of classes beside each, of values beside higher and lower.
func TestWordsAreShown(t *testing.T) {
	said := func(classes []string, answers ...string) string {
		w := data.Wording{Column: "letter", Rows: 5}
		for _, a := range answers {
			w.For = append(w.For, data.Speaker{Answer: a, Words: []string{"gold", "bank"}})
		}
		r := &Run{
			Attempt: job.Started{Target: "about"}, Finished: true, Columns: job.Columns{Rows: 40, Columns: []data.Summary{{Name: "letter", Used: true}}, Classes: classes},
			Metrics: job.Metrics{Words: []data.Wording{w}},
		}
		return strings.Join(strings.Fields(render(t, r)), " ")
	}
	for answer, html := range map[string]string{
		"money": said([]string{"garden", "money"}, "money"), "higher": said(nil, data.More), "lower": said(nil, data.Less),
	} {
		if row := `<tr><th scope="row">` + answer + `</th><td>gold, bank</td></tr>`; !strings.Contains(html, row) || !strings.Contains(html, "in 5 rows or more") {
			t.Errorf("there is no %s in %s", row, html)
		}
	}
}
