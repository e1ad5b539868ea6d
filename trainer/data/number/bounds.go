package number

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tuned/trainer/data/source"
)

var (
	// lower and upper are numbers that something is at least or at most, as laboratories and shops write them: ">100", "10,000+", "<0.5".
	// A plus has nothing between it and the digits: "5 +" may be unfinished.
	lower = regexp.MustCompile(`^(?:>=?|≥) ?(\S*\d.*)$|^(.*\d[kKM]?)\+$`)
	upper = regexp.MustCompile(`^(?:<=?|≤|[~≈]) ?(\S*\d.*)$`)
)

// bounded tells whether cells may be bounds: some are, and none is at least what another is at most, as are "<=50K" and ">50K", which would
// both be 50K.
func bounded(cells []string) bool {
	if !slices.ContainsFunc(cells, signed) {
		return false
	}
	least, most := map[string]bool{}, map[string]bool{}
	for _, cell := range cells {
		if number, ok := boundBy(lower, cell); ok {
			least[number] = true
		} else if number, ok := boundBy(upper, cell); ok {
			most[number] = true
		}
	}
	for number := range least {
		if most[number] {
			return false
		}
	}
	return len(least)+len(most) > 0
}

// signed tells whether a cell has a sign where a bound has one.
func signed(cell string) bool {
	return strings.HasSuffix(cell, "+") || strings.IndexAny(cell, "<>≤≥~≈") == 0
}

func boundBy(side *regexp.Regexp, cell string) (number string, ok bool) {
	m := side.FindStringSubmatch(cell)
	if m == nil {
		return "", false
	}
	return strings.Join(m[1:], ""), true
}

// span is two numbers between which something lies: "2100 - 2850", "$53K-$91K", "10 to 20".
var span = regexp.MustCompile(`^([^-–—]*\d[^-–—]*?)(?: ?[-–—] ?| to )([^-–—]*\d[^-–—]*)$`)

// spanned tells whether some of the cells are spans. Such as are nothing but digits and a dash between are so only
// among single numbers, one in twenty at least: all together, they may be codes or telephones.
func spanned(cells []string) bool {
	spans, bare, single := 0, 0, 0
	for _, cell := range cells {
		if _, _, ok := source.Number(cell); ok {
			single++
		}
		if first, _ := utf8.DecodeRuneInString(cell); unicode.IsLetter(first) || !span.MatchString(cell) {
			continue
		}
		if spans++; strings.Trim(cell, "0123456789-") == "" {
			bare++
		}
	}
	return spans > 0 && (bare < spans || single*20 >= len(cells))
}

// middle is what lies halfway between a span's numbers, the first of which is the smaller one; false of any other cell.
func (n *Notation) middle(cell string) (v float64, ok bool) {
	parts := span.FindStringSubmatch(cell)
	if parts == nil {
		return 0, false
	}
	single := *n
	single.Spans = false
	low, _, ok := single.Number(source.Trim(parts[1]))
	high, _, too := single.Number(source.Trim(parts[2]))
	return low + (high-low)/2, ok && too && low < high
}

// unbounded is the number of a cell that may say only how large it is at least, or at most: the best guess of what was not measured.
func (n *Notation) unbounded(cell string) string {
	if !n.Bounds || !signed(cell) {
		return cell
	}
	for _, side := range []*regexp.Regexp{lower, upper} {
		if number, ok := boundBy(side, cell); ok {
			return source.Trim(number)
		}
	}
	return cell
}
