package data

import (
	"fmt"
	"strings"
	"time"

	"tuned/trainer/data/source"
)

// oddDates is the share of cells that are no dates, at most, where the others are.
const oddDates = 0.05

// layoutOf returns the layout that reads most of the present cells, the first of such ones; "" where there is none that reads nearly all.
func layoutOf(cells []string, layouts ...string) (best string) {
	present := presentOf(cells)
	if len(present) == 0 {
		return ""
	}
	most := int(oddDates*float64(len(present))) + 1
	for _, layout := range layouts {
		if n := unlike(layout, present, most); n < most {
			best, most = layout, n
		}
	}
	return best
}

// unlike counts the cells that a layout does not read, up to a limit.
func unlike(layout string, cells []string, limit int) (n int) {
	for _, cell := range cells {
		if _, ok := seconds(cell, layout); !ok {
			n++
		}
		if n >= limit {
			break
		}
	}
	return n
}

// twinOf is the layout that takes the first number for the month instead of the day, or the other way round; "" where there is none.
func twinOf(layout string) string {
	for _, order := range [][2]string{{"1/2/", "2/1/"}, {"2/1/", "1/2/"}, {"1-2-", "2-1-"}, {"2-1-", "1-2-"}} {
		if rest, ok := strings.CutPrefix(layout, order[0]); ok {
			return order[1] + rest
		}
	}
	return ""
}

// findLayout looks for the layout of cells, and remembers its twin where that reads as many of them. Where they leave open which number is
// the month, those of which one is always 1 are firsts of months.
func (b *builder) findLayout(cells []string) {
	b.layout, b.twin = layoutOf(cells, layouts...), ""
	twin, present := twinOf(b.layout), presentOf(cells)
	if twin == "" || unlike(twin, present, len(present)) != unlike(b.layout, present, len(present)) {
		return
	}
	if b.twin = twin; firsts(present, twin) {
		b.layout, b.twin = twin, b.layout
	}
}

// firsts tells whether a layout reads cells as first days of three months or more.
func firsts(cells []string, layout string) bool {
	months := map[int64]bool{}
	for _, cell := range cells {
		s, ok := seconds(cell, layout)
		if t := time.Unix(s, 0).UTC(); ok && t.Day() != 1 {
			return false
		} else if ok {
			months[int64(t.Year())*12+int64(t.Month())] = true
		}
	}
	return len(months) > 2
}

// lateLayout is the twin where it reads the odd cells: in a file that is sorted by time, the first days of a month leave open which
// number is the month. "" where it does not.
func (b *builder) lateLayout() string {
	if b.store != asDate || b.told || b.twin == "" || layoutOf(b.odds, b.twin) == "" {
		return ""
	}
	return b.twin
}

// orderNote tells how dates are read of which none says which number is the month.
func (b *builder) orderNote() string {
	if b.store != asDate || b.twin == "" || b.dated == "" {
		return ""
	}
	s, _ := seconds(b.dated, b.layout)
	other, _ := seconds(b.dated, b.twin)
	return fmt.Sprintf("%q is read as %s: no cell tells whether the day or the month comes first; if it is %s, write dates like %s",
		b.dated, longDay(s), longDay(other), day(float64(other)))
}

// otherLayout reads a new file's dates as they are written there, where the training's layout reads too few of them and it is plain which
// number is the month.
func (b *builder) otherLayout(cells []string) {
	known := b.layout
	if layoutOf(cells, known) != "" {
		return
	}
	if b.findLayout(cells); b.layout == "" || b.twin != "" {
		b.layout, b.twin = known, ""
		return
	}
	for _, cell := range presentOf(cells) {
		if s, ok := seconds(cell, b.layout); ok {
			b.relaid = fmt.Sprintf("its dates are written otherwise than those of the training: %q is read as %s", cell, longDay(s))
			return
		}
	}
}

// remember keeps a cell that shows which number was taken for the month. One with a day above 12 leaves nothing open.
func (b *builder) remember(cell string, s int64) {
	if b.dated != "" && b.twin == "" {
		return
	}
	switch t := time.Unix(s, 0).UTC(); {
	case t.Day() > 12:
		b.twin = ""
	case t.Day() == int(t.Month()) && b.twin != "":
		return
	}
	if b.dated == "" {
		b.dated = strings.Clone(source.Trim(cell))
	}
}

func longDay(s int64) string { return time.Unix(s, 0).UTC().Format("2 January 2006") }
