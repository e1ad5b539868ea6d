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

func TestSentences(t *testing.T) {
	for _, test := range []struct{ first, then, want string }{
		{`did you mean "y"?`, "Two sheets hold tables", `did you mean "y"? Two sheets hold tables`},
		{"the columns are a, b", "Two sheets hold tables", "the columns are a, b. Two sheets hold tables"},
		{"", "Two sheets hold tables", "Two sheets hold tables"},
		{"is this the right column?", "", "is this the right column?"},
	} {
		if got := words.Sentences(test.first, test.then); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
