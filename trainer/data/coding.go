package data

import (
	"cmp"
	"slices"

	"tuned/trainer/data/source"
)

// coding chooses a text column's levels and type, and returns the code of each spooled cell.
func (w *columnWriter) coding() (func(bits uint64) int32, error) {
	b, c := w.builder, w.column
	if b.closed {
		c.Type, c.Levels = b.given, b.levels
		return plainCode, nil
	}
	counts, beyond, err := w.tally()
	if err != nil {
		return nil, err
	}
	levels, recode := levelsOf(b.levels, counts)
	present := beyond
	for _, n := range counts[1:] {
		present += n
	}
	if c.Type = b.given; c.Type == "" {
		c.Type = b.textType(levels, present, len(levels)+beyond)
	}
	if c.Type == ID || c.Type == Text {
		return hashCode(b.levels, recode), nil
	}
	c.Levels = levels
	return func(bits uint64) int32 {
		if bits == gap || bits >= hashed {
			return 0
		}
		return recode[bits]
	}, nil
}

func plainCode(bits uint64) int32 {
	if bits == gap {
		return 0
	}
	return int32(bits)
}

// hashCode codes an ID or a text by its hash.
func hashCode(levels []string, recode []int32) func(bits uint64) int32 {
	return func(bits uint64) int32 {
		switch {
		case bits == gap:
			return 0
		case bits >= hashed:
			return int32(bits &^ hashed)
		case recode[bits] == 0:
			return 0
		}
		return int32(textHash(levels[bits-1]))
	}
}

// tally counts the kept cells of each code (0: missing), and those beyond the dictionary.
func (w *columnWriter) tally() (counts []int, beyond int, err error) {
	counts = make([]int, len(w.builder.levels)+1)
	err = w.each(func(cells []uint64) error {
		for _, bits := range cells {
			switch {
			case bits == gap:
				counts[0]++
			case bits >= hashed:
				beyond++
			default:
				counts[bits]++
			}
		}
		return nil
	})
	return counts, beyond, err
}

// levelsOf returns the levels that occur, in order (numbers by size), and each old code's new one. "-" is a level only
// beside "+"; otherwise it is a mark of missing values.
func levelsOf(all []string, counts []int) (levels []string, recode []int32) {
	order := make([]int, 0, len(all))
	for i, level := range all {
		if counts[i+1] > 0 && (level != "-" || slices.Contains(all, "+")) {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return compareLevels(all[a], all[b]) })
	recode = make([]int32, len(all)+1)
	for to, from := range order {
		levels = append(levels, all[from])
		recode[from+1] = int32(to) + 1
	}
	return levels, recode
}

func compareLevels(a, b string) int {
	x, _, xok := source.Number(a)
	y, _, yok := source.Number(b)
	switch {
	case xok && yok && x != y:
		return cmp.Compare(x, y)
	case xok != yok && xok:
		return -1
	case xok != yok:
		return 1
	}
	return cmp.Compare(a, b)
}
