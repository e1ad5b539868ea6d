package data

import (
	"slices"
	"strings"
)

// census is what a table's columns are, all together.
type census struct {
	ids, filled, silent           []string
	features, numbers, categories int64   // that are used
	texts                         int64   // among the numbers: each becomes some
	gaps                          int64   // columns with missing values
	missing                       float64 // sum of the columns' shares
	constants                     []string
	levels                        []int // different values of each column of numbers
	widest, onehot                int64 // of the categories
}

func (n *census) count(c Summary) {
	switch {
	case c.Filled:
		n.filled = append(n.filled, c.Name)
	case c.Type == ID:
		n.ids = append(n.ids, c.Name)
	case c.Note == silence:
		n.silent = append(n.silent, c.Name)
	}
	if c.Used {
		n.countUsed(c)
	}
}

func (n *census) countUsed(c Summary) {
	n.features++
	n.missing += c.Missing
	if c.Missing > 0 {
		n.gaps++
	}
	if c.alike() {
		n.constants = append(n.constants, c.Name)
	}
	if c.Type == Text {
		n.texts++
	}
	if c.Type == Numeric || c.Type == Date || c.Type == Text {
		n.numbers++
		n.levels = append(n.levels, c.Distinct)
		return
	}
	n.categories++
	n.widest = max(n.widest, int64(c.Distinct))
	n.onehot += width(c)
}

func (n *census) state(facts map[string]any) {
	facts["data.features"], facts["data.numeric"], facts["data.categorical"] = n.features, n.numbers, n.categories
	facts["data.max_cardinality"], facts["data.total_onehot"], facts["data.texts"] = n.widest, n.onehot, n.texts
	facts["data.levels"] = middle(n.levels)
	facts["data.missing_fraction"], facts["data.columns_missing"] = n.missing/float64(max(1, n.features)), n.gaps
	facts["data.constants"], facts["data.constant_names"] = int64(len(n.constants)), strings.Join(n.constants, ", ")
	facts["data.id_like"], facts["data.id_names"] = int64(len(n.ids)), strings.Join(n.ids, ", ")
	facts["data.filled_names"], facts["data.silent_names"] = strings.Join(n.filled, ", "), strings.Join(n.silent, ", ")
}

// alike tells whether a column has one value only, which says nothing.
func (c Summary) alike() bool { return c.Distinct == 0 || c.Distinct == 1 && c.Missing == 0 }

// saysNothing is why a column that is alike in all rows is left out.
func (c Summary) saysNothing() string {
	if c.Distinct == 0 {
		return empty
	}
	return constant
}

// middle is the middle of some counts, the larger one of two; 0 of none.
func middle(counts []int) int64 {
	if len(counts) == 0 {
		return 0
	}
	slices.Sort(counts)
	return int64(counts[len(counts)/2])
}

// width is how many columns a categorical column takes one-hot.
func width(c Summary) int64 {
	if c.Distinct == 2 && c.Missing == 0 {
		return 1
	}
	return int64(c.Distinct)
}
