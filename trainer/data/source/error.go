package source

import (
	"cmp"
	"strings"

	"tuned/words"
)

// Error is a fault in what a person gave us: the file, or what the job says about it.
type Error struct {
	Op    string // "read", "split", …
	Path  string
	Place string // "line 7, column 3 (age)"; empty when the fault has no place
	Hint  string // what to do about it
	Err   error
}

func (e *Error) Error() string {
	var b strings.Builder
	for _, part := range []string{e.Op + " " + e.Path, e.Place} {
		if part != "" {
			b.WriteString(part)
			b.WriteString(": ")
		}
	}
	b.WriteString(e.Err.Error())
	if e.Hint != "" {
		b.WriteString(" (")
		b.WriteString(e.Hint)
		b.WriteString(")")
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// ColumnHint is the hint for a column that is not there: the nearest ones, or the first twelve.
func ColumnHint(name string, names []string) string { return hintOf("columns", name, names) }

// hintOf is the same for other things than columns.
func hintOf(what, name string, names []string) string {
	return cmp.Or(words.DidYouMean(name, names), "the "+what+" are "+words.Names(names))
}
