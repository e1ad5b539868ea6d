package data

import (
	"strings"

	"github.com/agnivade/levenshtein"
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

// nearest returns up to three names that a person may have meant, the closest first.
func nearest(name string, names []string) []string {
	type scored struct {
		name string
		cost int
	}
	var best []scored
	limit := max(2*len(name)/5, min(1, len(name)-1))
	for _, n := range names {
		cost := levenshtein.ComputeDistance(strings.ToLower(name), strings.ToLower(n))
		if cost > limit {
			continue
		}
		at := len(best)
		for at > 0 && best[at-1].cost > cost {
			at--
		}
		best = append(best[:at], append([]scored{{n, cost}}, best[at:]...)...)
	}
	out := make([]string, 0, 3)
	for _, s := range best[:min(3, len(best))] {
		out = append(out, s.name)
	}
	return out
}

// didYouMean is the hint for a name that is not there.
func didYouMean(name string, names []string) string {
	if near := nearest(name, names); len(near) > 0 {
		return "did you mean " + quoted(near, " or ") + "?"
	}
	if len(names) > 12 {
		return "the columns are " + quoted(names[:12], ", ") + ", …"
	}
	return "the columns are " + quoted(names, ", ")
}

func quoted(names []string, between string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = `"` + n + `"`
	}
	return strings.Join(q, between)
}
