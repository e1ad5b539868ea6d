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
	terms, pieces, l2 := fmt.Sprint(data.UsualTexts.TextTerms), fmt.Sprint(data.UsualTexts.TextPieces), fmt.Sprintf("%.1f", data.UsualTexts.TextL2)
	for _, name := range []string{"ridge", "kernel", "shape"} {
		p, ok := heuristics.Common().Probe(name)
		if got := p.Provisional; !ok || got["text_terms"] != terms || got["text_pieces"] != pieces || got["text_l2"] != l2 {
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
	for rule, want := range map[string]any{
		"text.words-and-pairs": int64(data.UsualTexts.TextTerms), "text.pieces": int64(data.UsualTexts.TextPieces), "text.l2": data.UsualTexts.TextL2,
	} {
		if rules[rule] != want {
			t.Errorf("the rule %s has %v, the scan %v", rule, rules[rule], want)
		}
	}
}
