package job

import (
	"fmt"
	"testing"

	"github.com/BurntSushi/toml"

	"tuned"
	"tuned/heuristics"
	"tuned/trainer/data"
)

// TestTextsAreReadAlike: the scan and the probes read texts before there is a plan. Where they did so in another way than the built-in
// rules, texts would be learned from twice.
func TestTextsAreReadAlike(t *testing.T) {
	terms, l2 := fmt.Sprint(data.UsualTexts.TextTerms), fmt.Sprintf("%.1f", data.UsualTexts.TextL2)
	for _, name := range []string{"ridge", "kernel", "shape"} {
		p, ok := heuristics.Common().Probe(name)
		if got := p.Provisional; !ok || got["text_terms"] != terms || got["text_l2"] != l2 {
			t.Errorf("the probe %s reads texts under %v, the scan under %+v", name, got, data.UsualTexts)
		}
	}
	var book struct {
		Rule []struct {
			ID string
			To any
		}
	}
	if _, err := toml.Decode(tuned.Rules, &book); err != nil {
		t.Fatal(err)
	}
	rules := map[string]any{}
	for _, r := range book.Rule {
		rules[r.ID] = r.To
	}
	if rules["text.words-and-pairs"] != int64(data.UsualTexts.TextTerms) || rules["text.l2"] != data.UsualTexts.TextL2 {
		t.Errorf("the rules have %v terms and a penalty of %v, the scan %+v", rules["text.words-and-pairs"], rules["text.l2"], data.UsualTexts)
	}
}
