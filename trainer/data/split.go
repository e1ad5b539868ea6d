package data

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"tuned/trainer/data/random"
	"tuned/trainer/model"
)

// sides are the values of a split column, and the names of folders that divide images.
var sides = map[string]string{
	"train": "train", "training": "train", "fit": "train",
	"test": "test", "testing": "test", "holdout": "test", "eval": "test",
	"validation": "validation", "valid": "validation", "val": "validation", "dev": "validation",
}

// sideOf is the side that a name stands for; "" where it is none.
func sideOf(name string) string { return sides[strings.ToLower(name)] }

// targetBins is how many ranges of a numeric target are kept in proportion.
const targetBins = 10

// split divides the rows as the Spec says: by a column, by time, by group, or at random, in proportion to the classes (or ranges of
// a numeric target), rows of equal inputs on one side (see unitKeys). Where groups or time decide, equal rows may part; groups never do.
func (d *Dataset) split() error {
	s := d.Spec
	if s.Holdout < 0 || s.Holdout >= 1 {
		return d.splitError("data.holdout", fmt.Sprintf("%g is no share of the rows", s.Holdout), "0 to below 1; 0.2 is usual")
	}
	if s.SplitColumn != "" {
		return d.splitByColumn()
	}
	var keys []uint64
	if s.Holdout > 0 {
		keys = d.unitKeys()
	}
	d.Train, d.Holdout = d.divide(d.all(), keys, s.Holdout, random.New(s.SplitSeed, random.Split, 0))
	if s.Holdout > 0 && len(d.Holdout) == 0 || len(d.Train) == 0 {
		return d.splitError("", "no rows are left on one side of the split", "there are too few rows, groups or times, or nearly all rows are equal, which stay on one side: set holdout = 0")
	}
	d.Moved = d.moved(keys)
	return nil
}

func (d *Dataset) splitError(place, why, hint string) error {
	return &Error{Op: "split", Path: d.Spec.Path, Place: place, Hint: hint, Err: errors.New(why)}
}

func (d *Dataset) all() []int32 {
	rows := make([]int32, d.Rows)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

func (d *Dataset) column(name string) int {
	return slices.IndexFunc(d.Columns, func(c Column) bool { return c.Name == name })
}

// places tells of each of some names where it stands: of all columns of a wide table, each looked for by itself, every other one would
// be looked at.
func places(n int, name func(i int) string) map[string]int {
	all := make(map[string]int, n)
	for i := n - 1; i >= 0; i-- { // the first of a name counts
		all[name(i)] = i
	}
	return all
}

func (d *Dataset) places() map[string]int {
	return places(len(d.Columns), func(i int) string { return d.Columns[i].Name })
}

func (d *Dataset) splitByColumn() error {
	at := d.column(d.Spec.SplitColumn)
	c := d.Columns[at]
	side := make([]string, len(c.Levels)+1)
	for i, level := range c.Levels {
		side[i+1] = sideOf(level)
		if side[i+1] == "" {
			return d.splitError("column "+c.Name, fmt.Sprintf("%q is no side of a split", level), "its values are train, test and validation")
		}
	}
	for i, code := range d.raw.codes(at) {
		if side[code] == "" {
			return d.splitError("column "+c.Name, "a row has no side", "write train, test or validation in each row")
		}
		d.put(int32(i), side[code])
	}
	if len(d.Train) == len(d.Validation) {
		return d.splitError("column "+c.Name, "no row is for training", "write train in some")
	}
	return nil
}

// put puts a row on its side. Rows for validation are training rows, too, until SplitValidation takes them out.
func (d *Dataset) put(row int32, side string) {
	switch side {
	case "test":
		d.Holdout = append(d.Holdout, row)
	case "validation":
		d.Validation = append(d.Validation, row)
		d.Train = append(d.Train, row)
	default:
		d.Train = append(d.Train, row)
	}
}

// SplitValidation divides Train in the way the holdout was divided off; the split column's own validation rows, if there are
// any, are taken instead. Both are ascending; validation is empty for fraction 0.
func (d *Dataset) SplitValidation(fraction float64, seed int64) (fit, validation []int32) {
	if fraction <= 0 {
		return d.Train, nil
	}
	if d.Validation == nil {
		return d.divide(d.Train, d.unitKeys(), fraction, random.New(seed, random.Validation, 0))
	}
	for _, row := range d.Train {
		if _, ok := slices.BinarySearch(d.Validation, row); !ok {
			fit = append(fit, row)
		}
	}
	return fit, d.Validation
}

// divide takes a fraction of rows away; those of equal keys stay together, or where time decides those of a group.
func (d *Dataset) divide(rows []int32, keys []uint64, fraction float64, r random.Numbers) (rest, part []int32) {
	if fraction <= 0 {
		return rows, nil
	}
	if d.Spec.Time != "" {
		return d.divideByTime(rows, fraction)
	}
	units, strata := together(rows, keys), d.strata(rows)
	taken := take(units, strata, quotas(strata, units, fraction), r)
	for u, unit := range units {
		if taken[u] {
			part = append(part, unit.rows...)
		} else {
			rest = append(rest, unit.rows...)
		}
	}
	slices.Sort(rest)
	slices.Sort(part)
	return rest, part
}

// divideByTime takes the latest units away, up to the fraction: whole groups by their latest row, or without groups all rows of one
// time. The latest is taken however large it is, the earliest stays, and so does one without a time.
func (d *Dataset) divideByTime(rows []int32, fraction float64) (rest, part []int32) {
	units := d.unitsInTime(rows)
	want := max(1, int(math.Round(fraction*float64(len(rows)))))
	cut := len(units)
	for cut > 1 && !math.IsInf(units[cut-1].latest, -1) && (cut == len(units) || len(part)+len(units[cut-1].rows) <= want) {
		cut--
		part = append(part, units[cut].rows...)
	}
	for _, u := range units[:cut] {
		rest = append(rest, u.rows...)
	}
	slices.Sort(rest)
	slices.Sort(part)
	return rest, part
}

// unitInTime is a unit with the latest of its rows' times.
type unitInTime struct {
	unit
	latest float64
}

// unitsInTime are the units that time divides, the latest last; of one time, in the order of the file.
func (d *Dataset) unitsInTime(rows []int32) []unitInTime {
	at, keys := d.times(), make([]uint64, d.Rows)
	if d.Spec.Group != "" {
		keys = d.groupKeys()
	} else {
		for row, t := range at {
			keys[row] = math.Float64bits(t)
		}
	}
	units := make([]unitInTime, 0, len(rows))
	for _, u := range together(rows, keys) {
		latest := math.Inf(-1)
		for _, row := range u.rows {
			latest = max(latest, at[row])
		}
		units = append(units, unitInTime{u, latest})
	}
	slices.SortStableFunc(units, func(a, b unitInTime) int { return cmp.Compare(a.latest, b.latest) })
	return units
}

// times are the rows' times as numbers; without one, before all others.
func (d *Dataset) times() []float64 {
	at := d.column(d.Spec.Time)
	out := make([]float64, d.Rows)
	if d.Columns[at].Type == Date {
		for i, s := range d.raw.seconds(at) {
			if out[i] = float64(s); s == noTime {
				out[i] = math.Inf(-1)
			}
		}
		return out
	}
	for i, v := range d.raw.numbers(at) {
		if out[i] = float64(v); v != v {
			out[i] = math.Inf(-1)
		}
	}
	return out
}

// unit is rows that stay together.
type unit struct{ rows []int32 }

// together groups the rows of equal keys; in order of their first row.
func together(rows []int32, key []uint64) []unit {
	index := make(map[uint64]int, len(rows))
	units := make([]unit, 0, len(rows))
	for i, row := range rows {
		u, ok := index[key[row]]
		if !ok {
			u = len(units)
			index[key[row]] = u
			units = append(units, unit{rows[i:i:i]})
		}
		units[u].rows = append(units[u].rows, row)
	}
	return units
}

// coarse is the share of rows that are equal to others in all but the target beyond which columns are too coarse to tell rows apart.
const coarse = 0.5

// unitKeys are equal for rows that must stay together: those of one group, or those of equal inputs, whatever their targets; nil where
// time decides (see unitsInTime). If rows that differ in nothing but the target parted by it, training would teach one answer, and the holdout ask for
// the other. Where columns are coarse, as in a survey of few questions, equal inputs are no copies: each row is a draw of its own.
func (d *Dataset) unitKeys() []uint64 {
	switch {
	case d.Spec.Time != "":
		return nil
	case d.Spec.Group != "":
		return d.groupKeys()
	}
	keys := d.rowKeys(false)
	if conflicts(keys, d.rowKeys(true)) > coarse {
		for row := range keys {
			keys[row] = uint64(row)
		}
	}
	return keys
}

func (d *Dataset) groupKeys() []uint64 {
	out := make([]uint64, d.Rows)
	for i, code := range d.raw.codes(d.column(d.Spec.Group)) {
		if out[i] = uint64(code); code == 0 {
			out[i] = 1<<40 + uint64(i) // a row without a group is one of its own
		}
	}
	return out
}

// strata are the classes, or ranges of the target, that a split keeps in proportion; by row of the data set.
func (d *Dataset) strata(rows []int32) []int32 {
	if d.Task == model.Classification {
		return d.Labels()
	}
	values := d.raw.numbers(len(d.Columns))
	order := slices.Clone(rows)
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(values[a], values[b]) })
	out := make([]int32, d.Rows)
	bins := max(1, min(targetBins, len(rows)/10))
	for rank, row := range order {
		out[row] = int32(rank * bins / len(order))
	}
	return out
}

// moved counts rows that their own draw would have put on the other side than their first equal row.
func (d *Dataset) moved(keys []uint64) int {
	if d.Spec.Group != "" || d.Spec.Time != "" || len(d.Holdout) == 0 {
		return 0
	}
	r, n := random.New(d.Spec.SplitSeed, random.Split, 0), 0
	held := make([]bool, d.Rows)
	for _, row := range d.Holdout {
		held[row] = true
	}
	seen := make(map[uint64]bool, d.Rows)
	for row, key := range keys {
		if seen[key] && (r.Uniform(uint64(row)) < d.Spec.Holdout) != held[row] {
			n++
		}
		seen[key] = true
	}
	return n
}
