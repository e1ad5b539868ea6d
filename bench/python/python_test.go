package python

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
)

// told is a conversation of which the script has said all.
func told(text string) *Conversation {
	return &Conversation{name: "study", out: bufio.NewReader(strings.NewReader(text))}
}

// FuzzHear: whatever a script says, a line is a message or an error that names the script; what it cuts short is no end.
func FuzzHear(f *testing.F) {
	f.Add(`{"trial": 1, "settings": {"lr": 0.04, "kind": "plain", "depth": 3}}` + "\n" + `{"prune": true}` + "\n")
	f.Add("Traceback (most recent call last):\n")
	f.Add(`{"trial": 1e400}` + "\n" + `{"trial": 1, "settings": {"lr": `)
	f.Fuzz(func(t *testing.T, text string) {
		c := told(text)
		for range strings.Count(text, "\n") {
			var asked struct {
				Trial    int            `json:"trial"`
				Settings map[string]any `json:"settings"`
			}
			if err := c.Hear(&asked); err != nil && (errors.Is(err, io.EOF) || !strings.HasPrefix(err.Error(), "study: ")) {
				t.Errorf("a line ends with %v", err)
			}
		}
		whole := text == "" || strings.HasSuffix(text, "\n")
		if err := c.Hear(new(any)); errors.Is(err, io.EOF) != whole || errors.Is(err, io.ErrUnexpectedEOF) == whole {
			t.Errorf("the end of %q is %v", text, err)
		}
	})
}
