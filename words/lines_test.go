package words_test

import (
	"strings"
	"testing"

	"tuned/words"
)

func TestWrap(t *testing.T) {
	some := func(n int) string { return strings.TrimSpace(strings.Repeat("word ", n)) }
	for text, want := range map[string]string{
		some(30): some(19) + "\n  " + some(11), "": "", " a  b\n": "a b", strings.Repeat("x", 200) + " y": strings.Repeat("x", 200) + "\n  y",
	} {
		if got := words.Wrap(text, 2); got != want {
			t.Errorf("%.20q…: got %q", text, got)
		}
	}
}
