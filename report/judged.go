package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"tuned/trainer/metric"
	"tuned/words"
)

// headline is the result in one sentence, by what the job is judged by.
func (r *Run) headline() string {
	p := r.Predictions
	switch {
	case !r.Finished:
		return "This run is not finished: the report shows what is known so far."
	case p == nil || p.Len() == 0:
		return "The model is trained. How good it is was not measured, since no rows were held out."
	}
	said := fmt.Sprintf("On %s rows that it had never seen, the model %s.", count(p.Len()), r.does())
	if claim := r.Metrics.NoBetter(); claim != "" {
		said += fmt.Sprintf(" That is %s than %s.", claim, r.Metrics.Baseline.Does(r.Metrics.Metric))
	}
	return said
}

// subject is what the model predicts. Images in folders or with labels beside them have no column that would name it.
func (r *Run) subject() string {
	return cmp.Or(r.Attempt.Target, "the class")
}

// rare is the class that F1 and AUC of two classes speak of; empty where there is none.
func (r *Run) rare() string {
	if b := r.Metrics.Baseline; b != nil {
		return b.Rare
	}
	return ""
}

// does says what the model does on the holdout, with what its metric means.
func (r *Run) does() string {
	v, subject := r.Metrics.Test[r.Metrics.Metric], r.subject()
	switch r.Metrics.Metric {
	case metric.F1:
		return r.doesF1(v)
	case metric.AUC:
		return fmt.Sprintf("ranks a row %s above another in %s cases: an AUC of %s", r.ofClass(), of100(v), words.Score(r.Metrics.Metric, v))
	case metric.LogLoss:
		return fmt.Sprintf("gives what %s turns out to be a probability of %s in the geometric mean: a log loss of %s", subject, share(math.Exp(-v)), words.Score(r.Metrics.Metric, v))
	case metric.MAE:
		return fmt.Sprintf("is off by %s on average in %s", num(v), subject)
	case metric.RMSE:
		return fmt.Sprintf("is off by %s on average in %s, and typically by %s where large errors count more (RMSE)", num(r.Metrics.Test[metric.MAE]), subject, num(v))
	case metric.R2:
		return fmt.Sprintf("explains %s of how %s differs: R² is %s", share(max(v, 0)), subject, words.Score(r.Metrics.Metric, v))
	}
	return fmt.Sprintf("gets %s right in %s cases", subject, of100(r.Predictions.rightShare()))
}

func (r *Run) doesF1(v float64) string {
	rare := r.rare()
	if rare == "" {
		return fmt.Sprintf("reaches an F1 of %s in the mean over the classes of %s, and gets %s cases right",
			words.Score(r.Metrics.Metric, v), r.subject(), of100(r.Predictions.rightShare()))
	}
	found, trusted := r.Predictions.foundAndTrusted(rare)
	return fmt.Sprintf("finds %s rows %s, and is right in %s cases where it says so: an F1 of %s",
		of100(found), r.ofClass(), of100(trusted), words.Score(r.Metrics.Metric, v))
}

// ofClass tells the rows apart that a score of classes is about.
func (r *Run) ofClass() string {
	if rare := r.rare(); rare != "" {
		return fmt.Sprintf("whose %s is “%s”", r.subject(), rare)
	}
	return "of a class of " + r.subject()
}

func of100(share float64) string { return num(100*share) + " of 100" }

func (p *Predictions) rightShare() float64 { return float64(p.right()) / float64(p.Len()) }

// foundAndTrusted is the share of a class's rows that the model says are of it, and of those that it says are, the share that is.
func (p *Predictions) foundAndTrusted(class string) (found, trusted float64) {
	at, is, said := slices.Index(p.Classes, class), 0, 0
	counts := metric.Confusion(len(p.Classes), p.Truth, p.Predicted)
	for c := range counts {
		is, said = is+counts[at][c], said+counts[c][at]
	}
	both := float64(counts[at][at])
	return both / float64(max(is, 1)), both / float64(max(said, 1))
}

// tiles are the figures at the top: how good the model is, and what the run took.
func (r *Run) tiles() []tile {
	all := r.scoreTiles()
	if r.Ledger.Total.WallSeconds > 0 {
		all = append(all, tile{
			words.Format(math.Max(1, r.Ledger.Total.WallSeconds), "seconds"), "in all", // a tile has no room for milliseconds
			"measuring, training and scoring",
		})
	}
	if n := len(r.Decisions); n > 0 {
		all = append(all, tile{count(n), "decisions", "each with its reason"})
	}
	return all
}

// scoreTiles show what the job is judged by, with a model and without, and for classes how many rows are right.
func (r *Run) scoreTiles() []tile {
	if !r.scored() {
		return nil
	}
	name := r.Metrics.Metric
	all := []tile{{r.figure(name, r.Metrics.Test), r.label(name), "on " + count(r.Predictions.Len()) + " unseen rows"}}
	if b := r.Metrics.Baseline; b != nil {
		all = append(all, tile{r.figure(name, b.Metrics), "without a model", b.Does(name)})
	}
	if accuracy, ok := r.Metrics.Test[metric.Accuracy]; ok && name != metric.Accuracy {
		all = append(all, tile{share(accuracy), "right", r.without(metric.Accuracy)})
	}
	return all
}

// scored tells whether there are rows that the model was judged on.
func (r *Run) scored() bool { return r.Finished && r.Predictions != nil && r.Predictions.Len() > 0 }

// figure writes a score as a person reads it: accuracy as a share.
func (r *Run) figure(name string, m metric.Metrics) string {
	if v, ok := m[name]; ok && name == metric.Accuracy {
		return share(v)
	}
	return cell(m, name)
}

// without is the score without a model in a phrase.
func (r *Run) without(name string) string {
	b := r.Metrics.Baseline
	if b == nil {
		return ""
	}
	return r.figure(name, b.Metrics) + " without a model"
}

// label names a score in a tile.
func (r *Run) label(name string) string {
	switch rare := r.rare(); {
	case name == metric.Accuracy:
		return "right"
	case name == metric.F1 && rare != "":
		return "F1 of “" + rare + "”"
	case name == metric.MAE:
		return "average error (MAE)"
	case name == metric.RMSE:
		return "typical error (RMSE)"
	}
	return words.Metric(name)
}

// quality says how good the model is, in sentences: first by what the job is judged by.
func (r *Run) quality() []string {
	if !r.scored() {
		return nil
	}
	p, all := r.Predictions, r.beside(r.Metrics.Metric)
	if p.Actual != nil {
		return append(all, r.off())
	}
	low, high := interval(p.right(), p.Len())
	all = append(all, fmt.Sprintf("%s of %s rows are right. Measured on other rows from the same source, the share would lie between %s and %s, 95 times in 100.",
		count(p.right()), count(p.Len()), share(low), share(high)))
	if r.Metrics.Metric != metric.Accuracy {
		all = append(all, r.beside(metric.Accuracy)...)
	}
	return all
}

// off says how far predictions are off, and how far they may be off elsewhere.
func (r *Run) off() string {
	p := r.Predictions
	text := fmt.Sprintf("Half of the predictions are off by less than %s", num(p.errorQuantile(0.5)))
	if within := r.Metrics.Within(); within != "" {
		return text + ". " + within + r.small() + " " + r.expected()
	}
	return text + fmt.Sprintf(", and nine in ten by less than %s.", num(p.errorQuantile(0.9)))
}

// small tells which predictions are small, and which are large, where true values lie around them differently.
func (r *Run) small() string {
	cuts := r.Metrics.Intervals.Cuts
	if len(cuts) == 0 {
		return ""
	}
	return fmt.Sprintf(" Small is at most %s, large more than %s.", num(cuts[0]), num(cuts[len(cuts)-1]))
}

// expected says when what holds for the rows held out holds for new ones.
func (r *Run) expected() string {
	if r.Facts["data.split_by_time"] == true {
		return "The same is to be expected of later rows, if they are like the latest ones here, which were held out: where values drift, fewer lie within."
	}
	return "The same is to be expected of new rows, if they are like those that were held out."
}

// beside sets a score beside what can be had without a model.
func (r *Run) beside(name string) []string {
	b := r.Metrics.Baseline
	if b == nil {
		return nil
	}
	does := b.Does(name)
	if strings.Contains(does, ", ") {
		does += "," // it ends with an apposition
	}
	text := fmt.Sprintf("%s would give %s of %s; the model's is %s", strings.ToUpper(does[:1])+does[1:],
		article(words.Metric(name)), r.figure(name, b.Metrics), r.figure(name, r.Metrics.Test))
	if without := b.Metrics[name]; !metric.HigherIsBetter(name) && without > 0 {
		text += ", " + share(r.Metrics.Test[name]/without) + " of that"
	}
	return []string{text + "."}
}

func article(noun string) string {
	if strings.ContainsRune("aeiouAEFR", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

// scoreName is a score in words, with the class that it is of.
func (r *Run) scoreName(name string) string {
	label := words.Metric(name)
	if rare := r.rare(); name == metric.F1 && rare != "" {
		label += " of “" + rare + "”, the rarer class"
	}
	return strings.ToUpper(label[:1]) + label[1:] + ": " + words.Meaning(name)
}
