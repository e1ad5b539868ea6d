// Package number reads numbers as people write them in the cells of a table: money, measurements, times, spans and bounds. How a column
// writes them is found in its cells; see [Sniff].
package number

import (
	"math"
	"regexp"
	"strings"
	"unicode/utf8"

	"tuned/trainer/data/source"
)

// Notation is how a column writes numbers that are not written plainly: "$1,200.50", "4,5 %", "(1 200) EUR", "72.5 kg", "CHF 60.-".
//
// A column has one decimal mark and at most one unit, which others that measure the same are converted to. The other mark, spaces and
// apostrophes may stand between groups of three digits (before the last of them also groups of two, as in India: "2,96,720"), a cell may do
// without them and without the unit, and what is in parentheses is negative. Percentages stay what they are called: "4.5%" is 4.5. References
// to footnotes, "203[1]", count for nothing.
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
	case Clock:
		return "hours"
	case termYears:
		return "years"
	case termWeeks:
		return "weeks"
	}
	return n.Unit
}

// Said is what the number counts that a cell is read as, where the cell says something else: hours of "9:05", kg of "800 g". "" elsewhere, and
// for plain numbers, of which n is nil.
func (n *Notation) Said(cell string) string {
	if n == nil {
		return ""
	}
	unit := unitOf(cell)
	if n.reader() == nil && (unit == "" || unit == n.Unit || !isMeasure(n.Unit)) {
		return ""
	}
	return n.Counts()
}

// Spell writes a number, which plain is without a notation, so that Number reads it back.
func (n *Notation) Spell(v float64, plain string) string {
	switch {
	case n == nil:
		return plain
	case n.Unit == Clock:
		return clockText(v)
	}
	return strings.Replace(plain, ".", n.Decimal, 1)
}

// Alike tells whether numbers of two notations count the same; nil is the notation of plain numbers.
func Alike(known, other *Notation) bool {
	a, b := unitName(known), unitName(other)
	return a == b || b == "" && a != Clock || a == "" && b != Percent && other.reader() == nil && !isMeasure(b)
}

func unitName(n *Notation) string {
	if n == nil {
		return ""
	}
	return n.Unit
}

// mixed are the units whose cells have several numbers, and what reads these.
var mixed = []struct {
	unit string
	read func(cell string) (v float64, ok bool)
}{{Clock, hours}, {compass, bearing}, {feet, inches}, {termYears, termOfYears}, {termWeeks, termOfWeeks}}

// reader is what reads the cells of a mixed unit; nil for all else.
func (n *Notation) reader() func(cell string) (v float64, ok bool) {
	for _, m := range mixed {
		if n != nil && n.Unit == m.unit {
			return m.read
		}
	}
	return nil
}

// Percent is the unit of shares.
const Percent = "%"

// count is how many cells are numbers, 0 where fewer than least are: most columns of words show that soon.
func (n *Notation) count(cells []string, least int) (read int) {
	others := len(cells) - least
	for _, cell := range cells {
		if _, _, ok := n.Number(cell); ok {
			read++
		} else if others--; others < 0 {
			return 0
		}
	}
	return read
}

// Number reads a cell that is not missing, as [source.Number] does plain ones.
func (n *Notation) Number(cell string) (v float64, infinite, ok bool) {
	if read := n.reader(); read != nil {
		v, ok = read(cell)
		return v, false, ok
	}
	if n.Spans {
		if v, ok = n.middle(cell); ok {
			return v, false, true
		}
	}
	rest, negative := n.unsigned(n.unbounded(withoutFootnote(cell)))
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

func withoutFootnote(cell string) string {
	if last := len(cell) - 1; last < 0 || cell[last] < utf8.RuneSelf && cell[last] != ']' && cell[last] != '*' {
		return cell
	}
	return footnote.ReplaceAllString(cell, "$1")
}

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
