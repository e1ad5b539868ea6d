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

func num(v float64) string { return words.Format(v, "") }

func share(v float64) string { return words.Format(v, "share") }

func count(n int) string { return words.Format(n, "") }

// interval is a range for the accuracy that holds 95 times in 100 (Wilson 1927).
func interval(right, n int) (low, high float64) {
	const z = 1.959964
	p, m := float64(right)/float64(n), float64(n)
	centre := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return centre - half, centre + half
}

type scoreRow struct {
	Name, Test, Without, Validation string
	Judged                          bool // the job is judged by it
}

// scoreRows are all scores, the one first that the job is judged by.
func (r *Run) scoreRows() []scoreRow {
	names := slices.Concat([]string{r.Metrics.Metric}, metric.For(r.Metrics.Task))
	var without metric.Metrics
	if b := r.Metrics.Baseline; b != nil {
		without = b.Metrics
	}
	var rows []scoreRow
	for i, name := range names {
		test, validation := cell(r.Metrics.Test, name), cell(r.Metrics.Validation, name)
		if !slices.Contains(names[:i], name) && (test != nothing || validation != nothing) {
			rows = append(rows, scoreRow{r.scoreName(name), test, cell(without, name), validation, i == 0})
		}
	}
	return rows
}

// nothing stands where there is no figure.
const nothing = "–"

func cell(m metric.Metrics, name string) string {
	if v, ok := m[name]; ok {
		return words.Score(v)
	}
	return nothing
}

// fewTestRows warns of a score that rests on little.
func (r *Run) fewTestRows() string {
	if r.Predictions == nil || r.Predictions.Len() == 0 || r.Predictions.Len() >= 200 {
		return ""
	}
	return fmt.Sprintf("The score rests on %s rows. With so few, another split could give a clearly different one.", count(r.Predictions.Len()))
}

// learned says what the model was trained on.
func (r *Run) learned() []string {
	var all []string
	used := 0
	for _, c := range r.Columns.Columns {
		if c.Used {
			used++
		}
	}
	if r.Columns.Rows > 0 {
		kind := "a number"
		if n := len(r.Columns.Classes); n > 0 {
			kind = fmt.Sprintf("one of %d classes", n)
		}
		all = append(all, fmt.Sprintf("From %s, the model learned to predict %s, %s.", r.material(used), r.subject(), kind))
	}
	if held, ok := r.Facts["data.holdout_rows"].(int64); ok && held > 0 {
		all = append(all, fmt.Sprintf("%s rows were set aside before anything was looked at. They were used once, at the end, for the score.",
			words.Format(held, "")))
	}
	return all
}

// material is what the model learned from, given how many columns were used.
func (r *Run) material(used int) string {
	if r.Facts["data.kind"] == "image" {
		return fmt.Sprintf("%s images of %v × %v pixels", count(r.Columns.Rows), r.Facts["image.height"], r.Facts["image.width"])
	}
	return fmt.Sprintf("%d of %d columns of a table with %s rows", used, len(r.Columns.Columns), count(r.Columns.Rows))
}

type columnRow struct {
	Name, Type, Missing, Note, Alone string
	Share                            float64 // of the largest bar, 0 … 100
}

// columnRows are the columns that say most about the target on their own, at most twelve, and those that were left out.
func (r *Run) columnRows() []columnRow {
	columns := slices.Clone(r.Columns.Columns)
	slices.SortStableFunc(columns, func(a, b data.Summary) int { return cmp.Compare(r.strength(b), r.strength(a)) })
	var rows []columnRow
	left := 0
	for _, c := range columns {
		row := columnRow{Name: c.Name, Type: string(c.Type), Missing: share(c.Missing), Note: c.Note}
		switch {
		case c.Used && len(rows)-left < 12:
			row.Alone, row.Share = num(c.Leak), 100*r.strength(c)
		case !c.Used && left < 12:
			left++
		default:
			continue
		}
		rows = append(rows, row)
	}
	return rows
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
	if len(r.Columns.Classes) > 0 {
		return "The figure is the AUC: 0.5 says nothing, 1 everything."
	}
	return "The figure is R²: 0 says nothing, 1 everything."
}
