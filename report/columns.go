package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"tuned/trainer/data"
	"tuned/trainer/metric"
	"tuned/words"
)

// fit makes the columns say what the model makes of them, where its transforms are known: the scan saw them before.
func (r *Run) fit(p *data.Preprocess) {
	uses := p.Uses()
	for i := range r.Columns.Columns {
		c := &r.Columns.Columns[i]
		use := uses[c.Name]
		c.Used, c.Filled = use.Encoding != "" && use.Encoding != data.Presence, use.Encoding == data.Presence
		c.Note = cmp.Or(use.Not, c.Note)
	}
}

// learned says what the model was trained on.
func (r *Run) learned() []string {
	var all []string
	if r.Columns.Rows > 0 {
		kind := "a number"
		if n := len(r.Columns.Classes); n > 0 {
			kind = fmt.Sprintf("one of %d classes", n)
		}
		all = append(all, fmt.Sprintf("From %s, the model learned to predict %s, %s.", r.material(), r.subject(), kind))
	}
	if held, ok := r.Facts["data.holdout_rows"].(int64); ok && held > 0 {
		all = append(all, fmt.Sprintf("%s rows were kept apart: no weight and no setting comes from them. They were used once, at the end, for the score.",
			words.Format(held, "")))
	}
	return all
}

// material is what the model learned from.
func (r *Run) material() string {
	if r.Facts["data.kind"] == "image" {
		return fmt.Sprintf("%s images of %v × %v pixels", count(r.Columns.Rows), r.Facts["image.height"], r.Facts["image.width"])
	}
	used, filled := 0, 0
	for _, c := range r.Columns.Columns {
		if c.Used {
			used++
		} else if c.Filled {
			filled++
		}
	}
	text := fmt.Sprintf("%s of %s columns of a table with %s rows", count(used), count(len(r.Columns.Columns)), count(r.Columns.Rows))
	switch filled {
	case 0:
		return text
	case 1:
		return text + ", and from whether another one is filled in"
	}
	return fmt.Sprintf("%s, and from whether %s others are filled in", text, count(filled))
}

// columnRow is a column: what it says alone, or else what is made of it.
type columnRow struct {
	Name, Type, Missing, Alone, Instead string
	Share                               float64 // of the largest bar, 0 … 100
}

// shownColumns is how many columns of each kind are shown.
const shownColumns = 12

// columnRows are the columns that say most about the target on their own, and those that are not used, or not as they are.
func (r *Run) columnRows() []columnRow {
	columns := slices.Clone(r.Columns.Columns)
	slices.SortStableFunc(columns, func(a, b data.Summary) int { return cmp.Compare(r.strength(b), r.strength(a)) })
	var rows []columnRow
	shown := map[bool]int{}
	for _, c := range columns {
		if shown[c.Used]++; shown[c.Used] <= shownColumns {
			rows = append(rows, r.columnRow(c))
		}
	}
	return rows
}

func (r *Run) columnRow(c data.Summary) columnRow {
	row := columnRow{Name: c.Name, Type: string(c.Type), Missing: share(c.Missing)}
	switch {
	case c.Used:
		row.Alone, row.Share = words.Difference(metric.R2, c.Leak), 100*r.strength(c)
	case c.Note == data.Ignored:
		row.Missing, row.Instead = "–", "left out: "+c.Note // its cells were not read
	case c.Filled:
		row.Instead = "only whether it is filled in"
	case c.Note != "":
		row.Instead = "left out: " + c.Note
	default:
		row.Instead = "left out"
	}
	return row
}

// strength is how far a column's score alone is from nothing, 0 … 1.
func (r *Run) strength(c data.Summary) float64 {
	if !c.Used {
		return -1
	}
	if len(r.Columns.Classes) > 0 {
		return math.Min(math.Max(2*c.Leak-1, 0), 1)
	}
	return math.Min(math.Max(c.Leak, 0), 1)
}

// alone says what a column's score alone means.
func (r *Run) alone() string {
	said := "The figure is R²: 0 says nothing, 1 everything."
	if len(r.Columns.Classes) > 0 {
		said = "The figure is the AUC: 0.5 says nothing, 1 everything."
	}
	if n := r.columnsUsed(); n >= manyColumns && 2*n >= r.Columns.Rows {
		said += fmt.Sprintf(" Of %s columns on %s rows, the strongest look strong by chance alone: none of them is a finding by itself.", count(n), count(r.Columns.Rows))
	}
	return said
}

// manyColumns is from how many columns on, and half as many as rows, the best of them are told to be the best by chance as well.
const manyColumns = 20

// columnsUsed are how many the model sees as they are.
func (r *Run) columnsUsed() (n int) {
	for _, c := range r.Columns.Columns {
		if c.Used {
			n++
		}
	}
	return n
}

// weighed is how much the model relies on the columns.
type weighed struct {
	Text, Head string
	Rows       []relianceRow
}

type relianceRow struct {
	Name, Moves string
	Share       float64 // of the largest bar, 0 … 100
}

// shownRelied is how many columns a person reads of.
const shownRelied = 15

// weighed shows the columns that the model relies on most; nil where they were not weighed.
func (r *Run) weighed() *weighed {
	all := r.Metrics.Columns
	if len(all) == 0 {
		return nil
	}
	w := &weighed{Text: fmt.Sprintf("Most on %s: with another row's, %s.", all[0].Column, r.Metrics.Moved(all[0])), Head: "predictions move by"}
	if len(r.Columns.Classes) > 0 {
		w.Head = "the probability moves by"
	}
	for _, c := range all[:min(len(all), shownRelied)] {
		w.Rows = append(w.Rows, relianceRow{c.Column, r.moves(c.Moves), 100 * c.Moves / max(all[0].Moves, math.SmallestNonzeroFloat64)})
	}
	return w
}

// moves is how far predictions move, or the probability of classes.
func (r *Run) moves(by float64) string {
	if len(r.Columns.Classes) > 0 {
		return share(by)
	}
	return words.Value(by)
}
