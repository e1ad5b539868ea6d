package words_test

import (
	"testing"

	"tuned/words"
)

func TestDidYouMean(t *testing.T) {
	for _, test := range []struct {
		name  string
		names []string
		want  string
	}{
		{"batchsize", []string{"epochs", "batch_size"}, `did you mean "batch_size"?`},
		{"AGE", []string{"Age", "Wage"}, `did you mean "Age"?`},
		{"pwo", []string{"pow", "pi", "log"}, `did you mean "pow"?`},
		{"maks", []string{"abs", "max"}, `did you mean "max"?`},
		{"x4", []string{"x1", "x22", "x2", "x3", "x5"}, `did you mean "x1" or "x2" or "x3"?`},
		{"yy", []string{"x", "y"}, `did you mean "y"?`},
		{"größe", []string{"grösse", "gewicht"}, `did you mean "grösse"?`},
		{"q", []string{"x", "y"}, ""},
		{"weight", []string{"temperature"}, ""},
		{"", []string{"a", "b"}, ""},
		{"a", nil, ""},
	} {
		if got := words.DidYouMean(test.name, test.names); got != test.want {
			t.Errorf("%q of %q: got %q, want %q", test.name, test.names, got, test.want)
		}
	}
}
