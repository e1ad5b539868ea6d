package data

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"tuned/trainer/data/source"
)

// Notation is how a column writes numbers that are not written plainly: "$1,200.50", "4,5 %", "(1 200) EUR", "72.5 kg", "CHF 60.-".
//
// A column has one decimal mark and at most one unit, which others that measure the same are converted to. The other mark, spaces and apostrophes may stand between groups of three
// digits (before the last of them also groups of two, as in India: "2,96,720"), a cell may do without them and without the unit, and what
// is in parentheses is negative. Percentages stay what they are called: "4.5%" is 4.5.
type Notation struct {
	Decimal string `json:"decimal"`              // "." or ","
	Unit    string `json:"unit,omitempty"`       // a currency's sign or code, or "%": before the number or after it; or a measure's: after it; or a mixed one
	Scaled  bool   `json:"scaled,omitempty"`     // thousands and more may be letters or words: "12K" (see scales)
	Behind  bool   `json:"sign_after,omitempty"` // a minus may stand behind the number, as SAP writes it: "46,75-"
	Spans   bool   `json:"spans,omitempty"`      // a cell may be two numbers between which something lies, which is their middle then: "2100 - 2850"
	Bounds  bool   `json:"bounds,omitempty"`     // a cell may say only what the number is at least, or at most, which it is then: "<0.5", "10,000+"
}

// Counts is what the numbers count, "" where that is not known: the unit, of two the larger one.
func (n *Notation) Counts() string {
	switch n.Unit {
	case clock:
		return "hours"
	case termYears:
		return "years"
	case termWeeks:
		return "weeks"
	}
	return n.Unit
}

// mixed are the units whose cells have several numbers, and what reads these.
var mixed = []struct {
	unit string
	read func(cell string) (v float64, ok bool)
}{{clock, hours}, {compass, bearing}, {feet, inches}, {termYears, termOfYears}, {termWeeks, termOfWeeks}}

// reader is what reads the cells of a mixed unit; nil for all else.
func (n *Notation) reader() func(cell string) (v float64, ok bool) {
	for _, m := range mixed {
		if n != nil && n.Unit == m.unit {
			return m.read
		}
	}
	return nil
}

// percent is the unit of shares.
const percent = "%"

// currencies are the codes that count as units; three letters that are none of them may be anything.
var currencies = map[string]bool{
	"AED": true, "ARS": true, "AUD": true, "BGN": true, "BRL": true, "CAD": true, "CHF": true, "CLP": true, "CNY": true, "COP": true,
	"CZK": true, "DKK": true, "EGP": true, "EUR": true, "GBP": true, "HKD": true, "HUF": true, "IDR": true, "ILS": true, "INR": true,
	"ISK": true, "JPY": true, "KES": true, "KRW": true, "MAD": true, "MXN": true, "MYR": true, "NGN": true, "NOK": true, "NZD": true,
	"PEN": true, "PHP": true, "PKR": true, "PLN": true, "QAR": true, "RON": true, "RSD": true, "RUB": true, "SAR": true, "SEK": true,
	"SGD": true, "THB": true, "TRY": true, "TWD": true, "UAH": true, "USD": true, "VND": true, "ZAR": true,
}

// currencyNames are what currencies are called where they have no sign of their own, longer ones first.
var currencyNames = []string{"US$", "CA$", "NZ$", "HK$", "SFr.", "Fr.", "kr.", "Rs.", "A$", "C$", "R$", "S$", "kr", "zł", "Kč", "Rs", "RM", "Rp"}

// sniffNotation finds how cells, none of them missing, write numbers: nil unless one notation reads at least so many of them. The decimal
// mark is the one by which more cells are numbers: "2,5" tells that the comma of "1,234" is one. Where every mark is followed by exactly three digits, and only once in a cell, that tells nothing. Then it is between
// groups if it is a comma, or if the numbers are money, which no one writes with three decimals; it is a decimal mark if it is a
// dot, or if semicolons between the cells leave the comma free for that.
func sniffNotation(cells []string, least int, semicolons bool) *Notation {
	signs := Notation{Behind: slices.ContainsFunc(cells, signAfter.MatchString), Bounds: bounded(cells), Spans: spanned(cells)}
	best, read := sniffDecimal(cells, signs.with(unitIn(cells), false), semicolons)
	if slices.ContainsFunc(cells, large.MatchString) {
		scaled, other := sniffDecimal(cells, signs.with(currencyIn(cells), true), semicolons)
		if other > read || other == read && slices.ContainsFunc(cells, capital.MatchString) {
			best, read = scaled, other
		}
	}
	if tail := tailIn(cells); tail != "" && read < least {
		best, read = sniffDecimal(cells, signs.with(tail, false), semicolons)
	}
	for _, m := range mixed {
		n := &Notation{Decimal: ".", Unit: m.unit}
		if other := n.count(cells); other > read {
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

// dotted tells whether the dots of plain numbers stand between groups of three digits, where the comma is the decimal mark: all of some have three digits
// behind each dot, and one in twenty has none and is below 1000. Of measurements to three decimals hardly any would be whole, and some
// would begin with 0.
func dotted(cells []string) bool {
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
	return grouped >= fewCells && bare*20 >= len(cells)
}

// sniffDecimal completes a notation by its decimal mark, and tells how many cells it reads.
func sniffDecimal(cells []string, n Notation, semicolons bool) (best *Notation, read int) {
	point, comma := n, n
	point.Decimal, comma.Decimal = ".", ","
	read, other := point.count(cells), comma.count(cells)
	if other > read || other == read && commaIsDecimal(cells, n.Unit, semicolons) {
		return &comma, other
	}
	return &point, read
}

// signAfter is a number with a minus behind it, and with a mark or of three digits, which tells it from a grade ("2-") and from years ("1990-").
var signAfter = regexp.MustCompile(`(\d[.,]\d+|\b\d{3}) ?-$`)

// nearlyAll is how many cells of so many have to be numbers for all to be taken for some: 95 in 100.
func nearlyAll(cells int) int { return (95*cells + 99) / 100 }

// commaIsDecimal settles what the cells themselves leave open.
func commaIsDecimal(cells []string, unit string, semicolons bool) bool {
	if unit == "" || unit == percent || isMeasure(unit) {
		return semicolons
	}
	text := strings.Join(cells, " ")
	return strings.Count(text, ".") > strings.Count(text, ",")
}

// unitIn is the first unit that a cell carries.
func unitIn(cells []string) string { return firstUnit(cells, unitOf) }

// currencyIn is the first one that is no measure.
func currencyIn(cells []string) string { return firstUnit(cells, currencyOf) }

func firstUnit(cells []string, of func(cell string) string) string {
	for _, cell := range cells {
		if unit := of(cell); unit != "" {
			return unit
		}
	}
	return ""
}

func unitOf(cell string) string {
	if unit := currencyOf(cell); unit != "" {
		return unit
	}
	cell, _ = unsigned(cell)
	_, unit := measured(cell)
	return unit
}

// currencyOf is the currency of a cell, or "%".
func currencyOf(cell string) string {
	cell, _ = unsigned(cell)
	for _, name := range currencyNames {
		if strings.HasPrefix(cell, name) || strings.HasSuffix(cell, name) {
			return name
		}
	}
	first, _ := utf8.DecodeRuneInString(cell)
	last, _ := utf8.DecodeLastRuneInString(cell)
	for _, r := range []rune{first, last} {
		if r == '%' || unicode.Is(unicode.Sc, r) {
			return string(r)
		}
	}
	if n := len(cell); n > 3 && currencies[cell[:3]] {
		return cell[:3]
	} else if n > 3 && currencies[cell[n-3:]] {
		return cell[n-3:]
	}
	return ""
}

func (n *Notation) count(cells []string) (read int) {
	for _, cell := range cells {
		if _, _, ok := n.number(cell); ok {
			read++
		}
	}
	return read
}

// number reads a cell that is not missing, as the function number does plain ones.
func (n *Notation) number(cell string) (v float64, infinite, ok bool) {
	if read := n.reader(); read != nil {
		v, ok = read(cell)
		return v, false, ok
	}
	if n.Spans {
		if v, ok = n.middle(cell); ok {
			return v, false, true
		}
	}
	rest, negative := n.unsigned(n.unbounded(footnote.ReplaceAllString(cell, "$1")))
	rest, size := n.bare(rest)
	rest, again := n.unsigned(rest) // "-$5" as well as "$-5"
	rest, zeros := n.unscaled(rest)
	whole, fraction, cut := strings.Cut(rest, n.Decimal)
	if cut && fraction != "" && strings.Trim(fraction, dashes) == "" {
		cut = false // nothing behind the mark
	}
	if whole, ok = ungrouped(whole); cut {
		whole += "." + fraction
	}
	if !ok || whole == "" || negative && again {
		return 0, false, false
	}
	if v, infinite, ok = source.Number(whole + zeros); negative || again {
		v = -v
	}
	v *= size
	return v, infinite || math.Abs(v) > source.Largest, ok
}

// footnote is what refers to one behind a number: "203[1]", "0.35**".
var footnote = regexp.MustCompile(`(\d ?)(\[\w{1,3}\]|[*†‡]{1,3})+$`)

// unsigned is the function unsigned, and where the notation says so, cuts off a minus behind the number.
func (n *Notation) unsigned(cell string) (rest string, negative bool) {
	if rest, negative = unsigned(cell); negative || !n.Behind {
		return rest, negative
	}
	at := len(cell) - 1
	if at > 0 && cell[at] == '-' && strings.IndexByte("0123456789 ", cell[at-1]) >= 0 { // not "60.-", which has no cents
		return source.Trim(cell[:at]), true
	}
	return cell, false
}

// bare cuts the unit off, and tells how many of the column's units it is.
func (n *Notation) bare(cell string) (rest string, size float64) {
	if isMeasure(n.Unit) {
		return n.converted(cell)
	}
	if rest, ok := strings.CutPrefix(cell, n.Unit); ok && n.Unit != "" {
		return source.Trim(rest), 1
	}
	if rest, ok := strings.CutSuffix(cell, n.Unit); ok {
		return source.Trim(rest), 1
	}
	return source.Trim(strings.TrimSuffix(cell, strings.TrimSuffix(n.Unit, "s"))), 1 // "1 rating", where ratings are counted
}

// converted is bare for a unit of measure: "800 g" is 0.8 of a column in kg.
func (n *Notation) converted(cell string) (rest string, size float64) {
	number, unit := measured(cell)
	switch {
	case unit == "":
		return cell, 1
	case strings.EqualFold(unit, n.Unit): // models of before mM was told from mm read on
		return number, 1
	}
	if size, ok := convert(unit, n.Unit); ok {
		return number, size
	}
	return cell, 1
}

// dashes stand where an amount of money has no cents: "CHF 60.-", "60,– €".
const dashes = "-−–—"

// unsigned cuts off what makes a number negative.
func unsigned(cell string) (rest string, negative bool) {
	if n := len(cell); n > 2 && cell[0] == '(' && cell[n-1] == ')' {
		return source.Trim(cell[1 : n-1]), true
	}
	for _, minus := range []string{"-", "−"} {
		if rest, negative = strings.CutPrefix(cell, minus); negative {
			return source.Trim(rest), true
		}
	}
	return cell, false
}

// separators stand between groups of three digits: the mark that is not the decimal one, apostrophes, and spaces, of which typists know
// three.
const separators = ",.'’ \u00a0\u2009\u202f"

// ungrouped takes the separators out of the digits before the decimal mark; false where they do not cut off groups of three, or commas groups
// as in India. Leading zeros are of codes: "0,123" has no groups.
func ungrouped(digits string) (string, bool) {
	at := strings.IndexAny(digits, separators)
	if at < 0 {
		return digits, true
	}
	_, width := utf8.DecodeRuneInString(digits[at:])
	groups := strings.Split(digits, digits[at:at+width])
	if !inGroups(groups, 3) && (digits[at] != ',' || !inGroups(groups, 2)) || groups[0][0] == '0' {
		return "", false
	}
	return strings.Join(groups, ""), true
}

// inGroups tells whether the last group has three digits, those before it so many, and the first one no more than these.
func inGroups(groups []string, digits int) bool {
	last := len(groups) - 1
	for i, group := range groups {
		most := digits
		if i == last {
			most = 3
		}
		if strings.Trim(group, "0123456789") != "" || group == "" || len(group) > most || len(group) < most && i > 0 {
			return false
		}
	}
	return true
}

// fewCells is how many tell nothing of how a column writes numbers.
const fewCells = 5

// otherNotation reads a new file's numbers as they are written there, where the training's notation reads too few of them: with another decimal
// mark, or with a currency or without. Another unit, which may be of another size, is not taken for the training's.
func (b *builder) otherNotation(cells []string) {
	known := b.notation
	odd := slices.DeleteFunc(slices.Clone(cells), func(cell string) bool { _, _, ok := b.parse(cell); return ok })
	if len(cells) < fewCells || len(cells)-len(odd) >= nearlyAll(len(cells)) {
		return
	}
	b.notation = nil
	if plain := b.findNotation(cells); b.notation == nil && plain < nearlyAll(len(cells)) || !alikeUnits(known, b.notation) {
		b.notation = known
		return
	}
	for _, cell := range odd {
		if v, _, ok := b.parse(cell); ok {
			b.relaid = fmt.Sprintf("its numbers are written otherwise than those of the training: %q is read as %s", cell, unpowered(rounded(v, 10)))
			return
		}
	}
}

// alikeUnits tells whether numbers of two notations count the same.
func alikeUnits(known, other *Notation) bool {
	a, b := unitName(known), unitName(other)
	return a == b || b == "" && a != clock || a == "" && b != percent && other.reader() == nil && !isMeasure(b)
}

func unitName(n *Notation) string {
	if n == nil {
		return ""
	}
	return n.Unit
}

// spelling tells how a column's numbers were written, by the longest of them.
type spelling struct {
	cells   int // that are not written plainly
	longest string
	value   float64
}

func (s *spelling) add(cell string, v float64) {
	if plain, _, ok := source.Number(cell); ok && plain == v {
		return
	}
	if s.cells++; len(cell) > len(s.longest) && len(cell) <= 40 {
		s.longest, s.value = strings.Clone(cell), v
	}
}

// note says what was made of cells that are no plain numbers; "" where there are none.
func (s *spelling) note(present int, n *Notation) string {
	if s.cells == 0 {
		return ""
	}
	v := s.value
	if v != math.Trunc(v) { // 9:05 is 9.08333…
		v = rounded(v, 10)
	}
	text := unpowered(v)
	if n.reader() != nil || isForeign(s.longest, n) {
		text += " " + n.Counts()
	}
	return fmt.Sprintf("read as numbers: %d of %d cells are written like %q, which is %s", s.cells, present, s.longest, text)
}

// isForeign tells whether a cell has another unit than its column.
func isForeign(cell string, n *Notation) bool {
	unit := unitOf(cell)
	return n != nil && unit != "" && unit != n.Unit && isMeasure(n.Unit)
}

// unpowered writes a number without a power of ten, unless it is very large or small.
func unpowered(v float64) string {
	if size := math.Abs(v); size >= 1e-6 && size < 1e15 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return source.PlainNumber(v)
}
