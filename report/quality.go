package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"tuned/trainer/data"
	"tuned/words"
)

func num(v float64) string { return words.Format(v, "") }

func score(v float64) string { return words.Score(v) }

func share(v float64) string { return words.Format(v, "share") }

func count(n int) string { return words.Format(n, "") }

// baseline is what a model without inputs would reach on the holdout: the most frequent class of the training rows, the average
// of the values, or the middle one.
type baseline struct {
	class    string
	accuracy float64 // share of the holdout in that class
	rmse     float64 // of always predicting the average
	mae      float64 // of always predicting the middle
}

func (r *Run) baseline() (baseline, bool) {
	p := r.Predictions
	if p == nil || p.Len() == 0 {
		return baseline{}, false
	}
	n := float64(p.Len())
	if p.Actual != nil {
		return baselineOf(p.Actual), true
	}
	top := 0
	for i, c := range r.Columns.Counts {
		if c > r.Columns.Counts[top] {
			top = i
		}
	}
	b := baseline{class: p.Classes[top]}
	for _, t := range p.Truth {
		if int(t) == top {
			b.accuracy += 1 / n
		}
	}
	return b, true
}

func baselineOf(values []float64) baseline {
	sorted, n := slices.Sorted(slices.Values(values)), float64(len(values))
	mean, middle := 0.0, sorted[len(sorted)/2]
	for _, v := range values {
		mean += v / n
	}
	squares, sizes := 0.0, 0.0
	for _, v := range values {
		squares += (v - mean) * (v - mean) / n
		sizes += math.Abs(v-middle) / n
	}
	return baseline{rmse: math.Sqrt(squares), mae: sizes}
}

// interval is a range for the accuracy that holds 95 times in 100 (Wilson 1927).
func interval(right, n int) (low, high float64) {
	const z = 1.959964
	p, m := float64(right)/float64(n), float64(n)
	centre := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return centre - half, centre + half
}

// headline is the result in one sentence.
func (r *Run) headline() string {
	p := r.Predictions
	switch {
	case !r.Finished:
		return "This run is not finished: the report shows what is known so far."
	case p == nil || p.Len() == 0:
		return "The model is trained. How good it is was not measured, since no rows were held out."
	case p.Actual != nil:
		return fmt.Sprintf("On %s rows that it had never seen, the model's predictions of %s are off by %s on average.",
			count(p.Len()), r.subject(), num(r.Metrics.Test["mae"]))
	}
	return fmt.Sprintf("On %s rows that it had never seen, the model gets %s right in %s of 100 cases.",
		count(p.Len()), r.subject(), num(100*float64(p.right())/float64(p.Len())))
}

// subject is what the model predicts. Images in folders or with labels beside them have no column that would name it.
func (r *Run) subject() string {
	return cmp.Or(r.Attempt.Target, "the class")
}

func (r *Run) tiles() []tile {
	var all []tile
	b, ok := r.baseline()
	switch p := r.Predictions; {
	case ok && p.Actual == nil:
		all = append(all,
			tile{share(float64(p.right()) / float64(p.Len())), "right", "on " + count(p.Len()) + " unseen rows"},
			tile{share(b.accuracy), "without a model", "always saying “" + b.class + "”"})
	case ok && r.Metrics.Metric == "mae":
		all = append(all,
			tile{num(r.Metrics.Test["mae"]), "average error (MAE)", "on " + count(p.Len()) + " unseen rows"},
			tile{num(b.mae), "without a model", "always saying the middle value"})
	case ok:
		all = append(all,
			tile{num(r.Metrics.Test["rmse"]), "typical error (RMSE)", "on " + count(p.Len()) + " unseen rows"},
			tile{num(b.rmse), "without a model", "always saying the average"})
	}
	if r.Ledger.Total.WallSeconds > 0 {
		all = append(all, tile{
			words.Format(r.Ledger.Total.WallSeconds, "seconds"), "in all",
			"measuring, training and scoring",
		})
	}
	if n := len(r.Decisions); n > 0 {
		all = append(all, tile{count(n), "decisions", "each with its reason"})
	}
	return all
}

// metricNames are the scores in words, in the order in which they are shown.
var metricNames = []struct{ name, words string }{
	{"accuracy", "Accuracy: share of rows that are right"},
	{"auc", "AUC: how well the classes are told apart; 0.5 is chance, 1 is perfect"},
	{"f1", "F1: balance between missing cases and false alarms"},
	{"log_loss", "Log loss: how good the probabilities are; 0 is perfect"},
	{"rmse", "RMSE: typical error, large ones count more"},
	{"mae", "MAE: average error"},
	{"r2", "R²: share of the differences that is explained"},
}

type scoreRow struct {
	Name, Test, Validation string
	Judged                 bool // the job is judged by it
}

func (r *Run) scoreRows() []scoreRow {
	var rows []scoreRow
	for _, m := range metricNames {
		test, tested := r.Metrics.Test[m.name]
		validation, validated := r.Metrics.Validation[m.name]
		if !tested && !validated {
			continue
		}
		row := scoreRow{Name: m.words, Test: "–", Validation: "–", Judged: m.name == r.Metrics.Metric}
		if tested {
			row.Test = score(test)
		}
		if validated {
			row.Validation = score(validation)
		}
		rows = append(rows, row)
	}
	return rows
}

// quality says how good the model is, in sentences.
func (r *Run) quality() []string {
	b, ok := r.baseline()
	if !ok {
		return nil
	}
	p := r.Predictions
	if p.Actual != nil {
		constant := fmt.Sprintf("Always predicting the average would give a typical error of %s; the model's is %s, %s of that.",
			num(b.rmse), num(r.Metrics.Test["rmse"]), share(r.Metrics.Test["rmse"]/b.rmse))
		if r.Metrics.Metric == "mae" {
			constant = fmt.Sprintf("Always predicting the middle value would be off by %s on average; the model is by %s, %s of that.",
				num(b.mae), num(r.Metrics.Test["mae"]), share(r.Metrics.Test["mae"]/b.mae))
		}
		return []string{
			fmt.Sprintf("Half of the predictions are off by less than %s, and nine in ten by less than %s.",
				num(p.errorQuantile(0.5)), num(p.errorQuantile(0.9))),
			constant,
		}
	}
	low, high := interval(p.right(), p.Len())
	return []string{
		fmt.Sprintf("%s of %s rows are right. Measured on other rows from the same source, the share would lie between %s and %s, 95 times in 100.",
			count(p.right()), count(p.Len()), share(low), share(high)),
		fmt.Sprintf("Always answering “%s”, the most frequent class, would be right for %s.", b.class, share(b.accuracy)),
	}
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
