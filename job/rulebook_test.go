package job_test

import (
	"slices"
	"strings"
	"testing"

	"tuned/heuristics"
	"tuned/job"
	"tuned/trainer/model"
)

// TestRulesOfWhatKeepsNoAverages: nobody asks such an architecture for one, whatever the built-in rules say, and an author's own
// rule comes first. Runs of it failed at the end, when an average was to predict.
func TestRulesOfWhatKeepsNoAverages(t *testing.T) {
	const own = "[[rule]]\nid = \"plain.averages\"\nset = \"averages\"\nto = \"''\"\nwhy = \"w\"\nsource = \"s\"\n"
	m := model.Manifest{Name: "plain", Tasks: []model.Task{model.Classification}}
	for _, test := range []struct {
		rules    string
		averages bool
		want     []string
	}{
		{"", false, []string{"plain.averages.none", "averages.three"}},
		{own, false, []string{"plain.averages", "plain.averages.none", "averages.three"}},
		{"", true, []string{"averages.three"}},
	} {
		m.Rules, m.Averages = test.rules, test.averages
		book, err := job.Rulebook(m, nil, job.Rules{})
		if err != nil {
			t.Fatal(err)
		}
		if got := deciders(t, book, "averages"); !slices.Equal(got, test.want) {
			t.Errorf("%+v: %q", test, got)
		}
	}
}

// TestSettingsWithoutRules: the author of an architecture without a rules.toml is shown the file that is missing, not the built-in one.
func TestSettingsWithoutRules(t *testing.T) {
	m := model.Manifest{Name: "net", Settings: []model.Setting{{Name: "net.width", Type: model.Int, Min: 1, Max: 9}}}
	if _, err := job.Rulebook(m, nil, job.Rules{}); err == nil || !strings.HasPrefix(err.Error(), `net/rules.toml:`) {
		t.Errorf("got %v", err)
	}
}

// deciders are the rules that are asked for a setting, in their order.
func deciders(t *testing.T, b *heuristics.Book, setting string) []string {
	t.Helper()
	only, err := b.Show().Only(setting)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range only.Settings[0].Rules {
		ids = append(ids, r.ID)
	}
	return ids
}
