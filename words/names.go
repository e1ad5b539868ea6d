package words

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// DidYouMean suggests the names nearest to one that is unknown: `did you mean "batch_size"?`. Capital letters make no
// difference; of names that are as near, those of the same length and with the same first letter come first, and at most three
// are named. It is empty when none is near: two letters may differ, or a third of them, but one must be the same.
func DidYouMean(name string, names []string) string {
	best := nearest(name, names)
	for i, n := range best {
		best[i] = fmt.Sprintf("%q", n)
	}
	if len(best) == 0 {
		return ""
	}
	return "did you mean " + strings.Join(best, " or ") + "?"
}

// Names lists names, the first twelve where there are more.
func Names(names []string) string {
	var b strings.Builder
	for i, n := range names[:min(12, len(names))] {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", n)
	}
	if len(names) > 12 {
		b.WriteString(", …")
	}
	return b.String()
}

// nearest are the nearest of the names, all alike, at most three.
func nearest(name string, names []string) []string {
	length := utf8.RuneCountInString(name)
	limit, least := min(max(2, length/3), length-1), 0
	var best []string
	for _, n := range names {
		switch d := distance(name, n); {
		case d/letter > limit: // far
		case len(best) == 0, d < least:
			best, least = []string{n}, d
		case d == least:
			best = append(best, n)
		}
	}
	return best[:min(3, len(best))]
}

// letter is what one that differs weighs in a distance; all else together weighs less.
const letter = 3

// distance is how many letters differ, each a weight, and one more each where the length or the first letter does.
func distance(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	d := letter * levenshtein.ComputeDistance(a, b)
	if utf8.RuneCountInString(a) != utf8.RuneCountInString(b) {
		d++
	}
	if first, _ := utf8.DecodeRuneInString(a); !strings.HasPrefix(b, string(first)) {
		d++
	}
	return d
}
