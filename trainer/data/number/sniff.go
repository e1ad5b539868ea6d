package number

import (
	"regexp"
	"slices"
	"strings"
)

// FewCells is how many tell nothing of how a column writes numbers.
const FewCells = 5

// Sniff finds how cells, none of them missing, write numbers: nil unless one notation reads at least so many of them. The decimal mark is the one
// by which more cells are numbers: "2,5" tells that the comma of "1,234" is one. Where every mark is followed by exactly three digits, and only
// once in a cell, that tells nothing. Then it is between groups if it is a comma, or if the numbers are money, which no one writes with three
// decimals; it is a decimal mark if it is a dot, or if semicolons between the cells leave the comma free for that.
//
// Bounds, spans and numbers with something unknown behind them are looked for where there are many different cells, or the caller is sure that
// these are numbers: a few are categories, of which the last one may be open ("0", "1", "2", "3+").
func Sniff(cells []string, least int, semicolons, sure bool) *Notation {
	many := sure || ManyDifferent(cells)
	signs := Notation{Behind: slices.ContainsFunc(cells, signAfter.MatchString), Bounds: many && bounded(cells), Spans: many && spanned(cells)}
	best, read := sniffDecimal(cells, signs.with(unitIn(cells), false), least, semicolons)
	if slices.ContainsFunc(cells, large.MatchString) {
		scaled, other := sniffDecimal(cells, signs.with(currencyIn(cells), true), least, semicolons)
		if other > read || other == read && slices.ContainsFunc(cells, capital.MatchString) {
			best, read = scaled, other
		}
	}
	if many && read < least {
		if tail := tailIn(cells); tail != "" {
			best, read = sniffDecimal(cells, signs.with(tail, false), least, semicolons)
		}
	}
	for _, m := range mixed {
		n := &Notation{Decimal: ".", Unit: m.unit}
		if other := n.count(cells, max(least, read+1)); other > read {
			best, read = n, other
		}
	}
	if read < least {
		return nil
	}
	return best
}

func (n Notation) with(unit string, scaled bool) Notation {
	n.Unit, n.Scaled = unit, scaled
	return n
}

// Dotted tells whether the dots of plain numbers stand between groups of three digits, where the comma is the decimal mark: all of some have
// three digits behind each dot, and one in twenty has none and is below 1000. Of measurements to three decimals hardly any would be whole, and
// some would begin with 0.
func Dotted(cells []string) bool {
	bare, grouped := 0, 0
	for _, cell := range cells {
		cell, _ = unsigned(cell)
		switch digits, ok := ungrouped(cell); {
		case !ok || len(digits) > 3 && len(digits) == len(cell):
			return false
		case strings.Trim(digits, "0123456789") != "":
			return false
		case len(digits) == len(cell):
			bare++
		default:
			grouped++
		}
	}
	return grouped >= FewCells && bare*20 >= len(cells)
}

// sniffDecimal completes a notation by its decimal mark, and tells how many cells it reads, 0 for fewer than least.
func sniffDecimal(cells []string, n Notation, least int, semicolons bool) (best *Notation, read int) {
	point, comma := n, n
	point.Decimal, comma.Decimal = ".", ","
	read, other := point.count(cells, least), comma.count(cells, least)
	if other > read || other == read && commaIsDecimal(cells, n.Unit, semicolons) {
		return &comma, other
	}
	return &point, read
}

// signAfter is a number with a minus behind it, and with a mark or of three digits, which tells it from a grade ("2-") and from years ("1990-").
var signAfter = regexp.MustCompile(`(\d[.,]\d+|\b\d{3}) ?-$`)

// NearlyAll is how many cells of so many have to be numbers for all to be taken for some: 95 in 100.
func NearlyAll(cells int) int { return (95*cells + 99) / 100 }

// commaIsDecimal settles what the cells themselves leave open.
func commaIsDecimal(cells []string, unit string, semicolons bool) bool {
	if unit == "" || unit == Percent || isMeasure(unit) {
		return semicolons
	}
	text := strings.Join(cells, " ")
	return strings.Count(text, ".") > strings.Count(text, ",")
}

// Few is how many different values may be categories.
const Few = 50

// manyCells are so many that they may be many different ones.
const manyCells = 20

// ManyDifferent tells whether cells are too many different ones for categories: more than fifty, or half of fewer.
func ManyDifferent(cells []string) bool {
	if len(cells) < manyCells {
		return false
	}
	most := min(Few, len(cells)/2)
	seen := map[string]bool{}
	for _, cell := range cells {
		if seen[cell] = true; len(seen) > most {
			return true
		}
	}
	return false
}
