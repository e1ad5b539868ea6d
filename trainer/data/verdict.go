package data

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tuned/trainer/data/number"
	"tuned/trainer/data/source"
	"tuned/words"
)

// verdict is how a column is to be read when its first cells misled.
type verdict struct {
	store    storage
	notation *number.Notation
	layout   string
	phrases  []string
}

// take makes the builder read as the verdict says.
func (b *builder) take(v verdict) {
	b.store, b.notation, b.layout, b.phrases, b.told = v.store, v.notation, v.layout, v.phrases, true
	if v.layout != "" && b.wanted == Date {
		b.fixed, b.given = true, Date
	}
}

// settle decides about odd cells once all were seen, and says how the file must be read again, if it must: with the column's
// numbers in a notation that reads the odd ones, or as text. Up to one odd cell in a hundred, in a column of more than fifty
// different numbers, counts as missing, one in twenty if all are remarks, and as many among dates; so do the odd cells of a column whose type was given.
func (b *builder) settle() (v verdict, again bool) {
	if b.store == asNumber && b.padded && !b.fixed {
		return verdict{store: asText}, true
	}
	if b.odd == 0 {
		return v, false
	}
	if n := b.lateNotation(); n != nil {
		return verdict{store: asNumber, notation: n, phrases: b.phrases}, true
	}
	if layout := b.lateLayout(); layout != "" {
		return verdict{store: asDate, layout: layout, phrases: b.phrases}, true
	}
	return verdict{store: asText}, !b.fixed && b.isText()
}

// isText tells whether odd cells are too many for a column of numbers, or of dates.
func (b *builder) isText() bool {
	if b.store == asDate {
		return b.misfit() > oddDates
	}
	share := oddNumbers
	if !slices.ContainsFunc(b.odds, func(cell string) bool { return !remark(cell) }) {
		share = oddRemarks
	}
	return b.misfit() > share || len(b.few.seen) <= fewLimit
}

// The share of cells that are no numbers, at most, where the others are: of any, which may be what makes a code of a number, and of remarks.
const (
	oddNumbers = 0.01
	oddRemarks = 0.05
)

// remark tells whether a cell stands in the place of a number: "absent", or "<0.5" in a column of which the first cells have none. "12A" may be
// a code.
func remark(cell string) bool {
	return strings.IndexAny(cell, "<>≤≥~") == 0 || !strings.ContainsAny(cell, "0123456789")
}

// lateNotation is one that reads the odd cells, and leaves numbers that were read plainly what they are: where some have a decimal
// point, a comma cannot be one as well. (Between semicolons plain numbers may have either.)
func (b *builder) lateNotation() *number.Notation {
	if b.store != asNumber || b.told || b.notation != nil {
		return nil
	}
	n := number.Sniff(b.odds, max(1, number.NearlyAll(len(b.odds))), b.field.Comma, b.sure)
	if n != nil && n.Decimal == "," && b.point && !b.field.Comma {
		return nil
	}
	return n
}

// oddNote tells of odd cells that became missing ones.
func (b *builder) oddNote(place string) string {
	if b.odd == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d cells %s, the first %q at %s", b.odd, b.present,
		numbered(b.odd, "is no "+b.kind()+" and counts as missing", "are no "+b.kind()+"s and count as missing"), b.oddCell, place)
}

// kind is what a cell is that fits.
func (b *builder) kind() string {
	if b.store == asDate {
		return "date"
	}
	return "number"
}

// misfit is the share of the cells that do not fit.
func (b *builder) misfit() float64 { return float64(b.odd+b.unseen) / float64(max(1, b.present)) }

// mostlyNumbers is a hint for a column of texts of which most are numbers: a few cells such as "about 3" or "see sheet 2" keep it from being one.
func (b *builder) mostlyNumbers() string {
	n := number.Sniff(b.levels, len(b.levels)/2+1, b.field.Comma, false)
	if n == nil {
		return ""
	}
	if n.Unit == number.Clock { // "1:30" among "1:5" is a ratio
		return ""
	}
	numbers, other := 0, ""
	for _, level := range b.levels {
		if _, infinite, ok := n.Number(level); ok && !infinite && !source.Padded(level) {
			numbers++
		} else if other == "" {
			other = level
		}
	}
	if other == "" || numbers*2 <= len(b.levels) {
		return ""
	}
	return fmt.Sprintf("but %d of its %d different values are numbers: --types %s reads these, and takes others, such as %q, for missing",
		numbers, len(b.levels), words.Argument(b.field.Name+"=numeric"), other)
}

// several are more than two numbers in one cell, a vector.
var several = regexp.MustCompile(`^[\[(]? ?-?\d*\.?\d+(e-?\d+)?((, ?|; ?| )-?\d*\.?\d+(e-?\d+)?){2,} ?[\])]?$`)

// pair is two numbers in one cell, such as a blood pressure, a size, a place, or a value and its error. Between dashes are spans and telephones.
var pair = regexp.MustCompile(`^[1-9]\d*([.,]\d+)? ?[/xX×] ?[1-9]\d*([.,]\d+)?$|^-?\d+([.,]\d+)? ?(±|\+/-|\+-) ?\d+([.,]\d+)?$|^(POINT ?)?\(-?\d+(\.\d+)?(, ?| )-?\d+(\.\d+)?\)$|^-?\d+\.\d+, ?-?\d+\.\d+$`)

// pairs is a hint for a column of texts of which nearly all hold two numbers.
func (b *builder) pairs() string {
	for _, kind := range []struct {
		form *regexp.Regexp
		many string
	}{{pair, "two"}, {several, "several"}} {
		if example := b.nearlyAllLike(kind.form); example != "" {
			return fmt.Sprintf("but its cells hold %s numbers each, such as %q: in columns of their own, these would be read as numbers", kind.many, beginning(example))
		}
	}
	return ""
}

// nearlyAllLike is one of the levels where nearly all have a form; "" where they do not.
func (b *builder) nearlyAllLike(form *regexp.Regexp) (example string) {
	others := len(b.levels) - number.NearlyAll(len(b.levels))
	for _, level := range b.levels {
		if form.MatchString(level) {
			example = level
		} else if others--; others < 0 {
			return ""
		}
	}
	return example
}

// categoriesNote tells of many categories of which most are numbers, or two of them.
func (b *builder) categoriesNote() string {
	if b.store != asText || b.given != "" || len(b.levels) <= fewLimit {
		return ""
	}
	if hint := cmp.Or(b.mostlyNumbers(), b.pairs()); hint != "" {
		return "taken for categories, " + hint
	}
	return ""
}

// readNote tells of cells that were read in a way that a person may not expect, and of what else there is to say.
func (b *builder) readNote(place, more string) string {
	return joined(b.spelling.note(b.present, b.notation), b.orderNote(), b.phraseNote(), b.oddNote(place), b.categoriesNote(), more)
}

// joined are the notes that there are.
func joined(notes ...string) string {
	return strings.Join(slices.DeleteFunc(notes, func(note string) bool { return note == "" }), "; ")
}
