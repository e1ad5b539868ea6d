package words_test

import (
	"testing"

	"tuned/words"
)

func TestLine(t *testing.T) {
	const text = "a\r\n\té = \xffx\n\nz"
	for _, test := range []struct {
		offset, line, column int
		source               string
	}{
		{0, 1, 1, "a"}, {3, 2, 1, " é = �x"}, {7, 2, 4, " é = �x"}, {12, 3, 1, ""}, {13, 4, 1, "z"}, {14, 4, 2, "z"},
	} {
		line, column, source := words.Line(text, test.offset)
		if line != test.line || column != test.column || source != test.source {
			t.Errorf("byte %d: %d:%d of %q", test.offset, line, column, source)
		}
	}
}
