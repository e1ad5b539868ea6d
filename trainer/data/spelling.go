package data

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"tuned/trainer/data/number"
	"tuned/trainer/data/source"
)

// otherNotation reads a new file's numbers as they are written there, where the training's notation reads too few of them: with another decimal
// mark, or with a currency or without. Another unit, which may be of another size, is not taken for the training's.
func (b *builder) otherNotation(cells []string) {
	known := b.notation
	odd := slices.DeleteFunc(slices.Clone(cells), func(cell string) bool { _, _, ok := b.parse(cell); return ok })
	if len(cells) < number.FewCells || len(cells)-len(odd) >= number.NearlyAll(len(cells)) {
		return
	}
	b.notation = nil
	if plain := b.findNotation(cells); b.notation == nil && plain < number.NearlyAll(len(cells)) || !number.Alike(known, b.notation) {
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
func (s *spelling) note(present int, n *number.Notation) string {
	if s.cells == 0 {
		return ""
	}
	v := s.value
	if v != math.Trunc(v) { // 9:05 is 9.08333…
		v = rounded(v, 10)
	}
	text := source.Trim(unpowered(v) + " " + n.Said(s.longest))
	return fmt.Sprintf("read as numbers: %d of %d cells are written like %q, which is %s", s.cells, present, s.longest, text)
}

// unpowered writes a number without a power of ten, unless it is very large or small.
func unpowered(v float64) string {
	if size := math.Abs(v); size >= 1e-6 && size < 1e15 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return source.PlainNumber(v)
}
