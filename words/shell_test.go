package words_test

import (
	"testing"

	"tuned/words"
)

func TestArgument(t *testing.T) {
	for word, want := range map[string]string{
		"runs/iris-1a2b": "runs/iris-1a2b", "my run": "'my run'", "größe/50%": "größe/50%", "it's": `'it'\''s'`, "$HOME": "'$HOME'",
	} {
		if got := words.Argument(word); got != want {
			t.Errorf("%q becomes %s", word, got)
		}
	}
}
