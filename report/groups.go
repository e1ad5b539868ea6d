package report

import (
	"cmp"
	"fmt"
	"math"

	"tuned/job"
	"tuned/trainer/metric"
	"tuned/words"
)

// maxClasses is how many classes a confusion table can show.
const maxClasses = 30

type confusionTable struct {
	Classes []string
	Rows    []confusionRow
}

type confusionRow struct {
	Class string
	Cells []confusionCell
}

// confusionCell is a count with how dark it is, 0 … 100, by its share of the row.
type confusionCell struct {
	Count string
	Shade int
	Right bool
}

func (r *Run) confusion() *confusionTable {
	p := r.Predictions
	if len(p.Classes) == 0 || len(p.Classes) > maxClasses {
		return nil
	}
	t := &confusionTable{Classes: p.Classes}
	for i, counts := range metric.Confusion(len(p.Classes), p.Truth, p.Predicted) {
		total := 0
		for _, n := range counts {
			total += n
		}
		row := confusionRow{Class: p.Classes[i]}
		for j, n := range counts {
			row.Cells = append(row.Cells, confusionCell{count(n), 100 * n / max(total, 1), i == j})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// groupTable is how good the model is for parts of the rows.
type groupTable struct {
	Title, Caption string
	Heads          []string
	Rows           []groupRow
}

type groupRow struct {
	Name  string
	Cells []string
}

// groups are the classes, and the slices that the job asks for.
func (r *Run) groups() []groupTable {
	var all []groupTable
	for _, s := range r.Slices {
		all = append(all, r.sliceTable(s))
	}
	if p := r.Predictions; p != nil && len(p.Classes) > 0 && len(p.Classes) <= maxClasses {
		all = append(all, p.classTable(cmp.Or(r.Attempt.Target, "class")))
	}
	return all
}

func (r *Run) sliceTable(s job.Sliced) groupTable {
	t := groupTable{Title: "By " + s.Column, Heads: []string{s.Column, "rows"}}
	var shown []string
	for _, name := range metric.For(r.Metrics.Task) {
		if _, ok := r.Metrics.Test[name]; ok {
			shown = append(shown, name)
			t.Heads = append(t.Heads, words.Metric(name))
		}
	}
	least, most := math.Inf(1), math.Inf(-1)
	for _, slice := range s.Slices {
		row := groupRow{Name: slice.Name, Cells: []string{count(slice.N)}}
		for _, name := range shown {
			row.Cells = append(row.Cells, cell(slice.Metrics, name))
			if v, ok := slice.Metrics[name]; ok && name == r.Metrics.Metric && slice.N >= 30 {
				least, most = math.Min(least, v), math.Max(most, v)
			}
		}
		t.Rows = append(t.Rows, row)
	}
	if most > least {
		t.Caption = fmt.Sprintf("Among groups of 30 rows and more, %s lies between %s and %s.", words.Metric(r.Metrics.Metric), words.Score(r.Metrics.Metric, least), words.Score(r.Metrics.Metric, most))
	}
	return t
}

// classTable is how often rows of a class are found, and how often the class is right when it is named.
func (p *Predictions) classTable(target string) groupTable {
	t := groupTable{
		Title:   "By " + target,
		Caption: "Found: of the rows that are of the class, those that the model says are. Trust: of the rows that it says are, those that are.",
		Heads:   []string{target, "rows", "found", "trust"},
	}
	counts := metric.Confusion(len(p.Classes), p.Truth, p.Predicted)
	for i, class := range p.Classes {
		is, said := 0, 0
		for j := range p.Classes {
			is += counts[i][j]
			said += counts[j][i]
		}
		t.Rows = append(t.Rows, groupRow{class, []string{count(is), ratio(counts[i][i], is), ratio(counts[i][i], said)}})
	}
	return t
}

func ratio(part, all int) string {
	if all == 0 {
		return nothing
	}
	return share(float64(part) / float64(all))
}

// worstTable are the worst mistakes.
type worstTable struct {
	Caption string
	Heads   []string
	Rows    []groupRow
}

func (r *Run) worst() *worstTable {
	p := r.Predictions
	rows := p.worst(8)
	if len(rows) == 0 {
		return nil
	}
	t := &worstTable{
		Caption: "Where the model was surest of a wrong answer. " + r.whereRows(p.Rows[rows[0]]),
		Heads:   []string{"row", "truth", "the model said", "sure"},
	}
	if p.Actual != nil {
		t.Caption = "Where the model was furthest off. " + r.whereRows(p.Rows[rows[0]])
		t.Heads[3] = "off by"
	}
	shown := r.shownColumns()
	t.Heads = append(t.Heads, shown...)
	for _, i := range rows {
		row := groupRow{Name: fmt.Sprint(p.Rows[i])}
		if p.Actual != nil {
			row.Cells = []string{num(p.Actual[i]), num(p.Value[i]), num(math.Abs(p.Actual[i] - p.Value[i]))}
		} else {
			row.Cells = []string{p.Classes[p.Truth[i]], p.Classes[p.Predicted[i]], share(p.Probabilities[i][p.Predicted[i]])}
		}
		row.Cells = append(row.Cells, r.cells(p.Rows[i], shown)...)
		t.Rows = append(t.Rows, row)
	}
	return t
}

// whereRows says how the rows are found, by the example of one; a spreadsheet numbers them in its own way.
func (r *Run) whereRows(example int) string {
	text := "Such rows are worth a look: some are wrong in the data. Rows count from 0, below the header of the file"
	if first := r.Columns.FirstRow; first > 0 {
		text += fmt.Sprintf(": row %d is row %d of the sheet", example, first+example)
	}
	return text + "."
}
