package job

import (
	"fmt"

	"tuned/heuristics"
	"tuned/trainer/metric"
	"tuned/words"
)

// Does says how the baseline answers where a metric judges.
func (b *Baseline) Does(name string) string {
	switch name {
	case metric.AUC:
		return "guessing"
	case metric.LogLoss:
		return "giving each class its share of the rows learned from"
	case metric.RMSE, metric.R2:
		return "always saying " + words.Value(b.Mean) + ", the average of the rows learned from"
	case metric.MAE:
		return "always saying " + words.Value(b.Median) + ", the middle of the rows learned from"
	case metric.F1:
		if b.Rare != "" {
			return "always saying “" + b.Rare + "”, the rarer class"
		}
	}
	return "always saying “" + b.Common + "”, the most frequent class"
}

// NoBetter is what the model is, no better or not clearly better than answering without one, by what it is judged by and as far as the
// holdout can tell. Empty where it is better, or nothing was measured.
func (m Metrics) NoBetter() string {
	if m.Baseline == nil {
		return ""
	}
	switch gain := metric.Gain(m.Metric, m.Test, m.Baseline.Metrics); {
	case gain > 0 && gain <= m.Baseline.Chance:
		return "not clearly better"
	case gain <= 0:
		return "no better"
	}
	return "" // also where it is undefined
}

// Doubt says in sentences that the model is no better, and what that means. Empty where it is better, or nothing was measured.
func (m Metrics) Doubt() string {
	b, claim := m.Baseline, m.NoBetter()
	if claim == "" {
		return ""
	}
	why := "It learned nothing that holds for rows which it has not seen."
	if metric.Gain(m.Metric, m.Test, b.Metrics) > 0 {
		why = "Chance alone can make such a difference on " + b.heldRows() + "."
	}
	if m.tellsApart() {
		why = fmt.Sprintf("But its probabilities tell rows apart: AUC is %s, %s by guessing. Sort rows by them, or have another metric judge: %s, or metric in a job file.",
			words.Score(metric.AUC, m.Test[metric.AUC]), words.Score(metric.AUC, b.Metrics[metric.AUC]), m.suits())
	}
	return fmt.Sprintf("The model is %s than %s: %s is %s with it and %s without. %s",
		claim, b.Does(m.Metric), words.Metric(m.Metric), words.Score(m.Metric, m.Test[m.Metric]), words.Score(m.Metric, b.Metrics[m.Metric]), why)
}

// fewestApart is how many held-out rows must say that probabilities tell rows apart: in fewer, the standard error is itself uncertain.
const fewestApart = 50

// tellsApart tells whether the probabilities put rows in order for sure, whatever the answers are.
func (m Metrics) tellsApart() bool {
	b := m.Baseline
	return b != nil && b.Rows >= fewestApart && b.Order > 0 && metric.Gain(metric.AUC, m.Test, b.Metrics) > 3*b.Order
}

// suits are the flags for metrics that do not need the commonest class to be beaten.
func (m Metrics) suits() string {
	if m.Metric == metric.F1 {
		return "--metric auc"
	}
	return "--metric auc or --metric f1"
}

// Learned tells whether the model is worth asking: better than answering without one, or at least good at putting rows in order.
func (m Metrics) Learned() bool { return m.Doubt() == "" || m.tellsApart() }

// heldRows are the rows of the holdout, with their number where the run noted it.
func (b *Baseline) heldRows() string {
	switch b.Rows {
	case 0:
		return "these rows"
	case 1:
		return "a single row"
	}
	return words.Format(b.Rows, "") + " rows"
}

// elsewhere says it where R² is below 0 although the model is better than nothing.
func (m Metrics) elsewhere() string {
	r2, ok := m.Test[metric.R2]
	if m.Baseline == nil || !ok || r2 >= 0 || m.Doubt() != "" {
		return ""
	}
	return fmt.Sprintf("The rows held out lie elsewhere than those learned from, at %s on average instead of %s. The model follows only in part, so that R² is %s.",
		words.Value(m.Baseline.Held), words.Value(m.Baseline.Mean), words.Score(metric.R2, r2))
}

// Within says how far from their predictions nine in ten of the true values lie that were held out. Empty where that is not known.
func (m Metrics) Within() string {
	if !m.Intervals.Known() {
		return ""
	}
	groups := m.Intervals.Groups
	if last := len(groups) - 1; last > 0 {
		return fmt.Sprintf("Nine of ten true values lie %s a small prediction, and %s a large one.", around(groups[0]), around(groups[last]))
	}
	return fmt.Sprintf("Nine of ten true values lie %s what is predicted.", around(groups[0]))
}

func around(s metric.Spread) string {
	if s.Below == s.Above {
		return "within " + words.Format(s.Above, "") + " of"
	}
	return fmt.Sprintf("from %s below to %s above", words.Format(s.Below, ""), words.Format(s.Above, ""))
}

// warn tells what a person should know before trusting the score.
func (r *run) warn() {
	for _, found := range []heuristics.Finding{
		{Check: "score.no-better", Do: heuristics.DoWarn, Why: r.metrics.Doubt()},
		{Check: "score.elsewhere", Do: heuristics.DoWarn, Why: r.metrics.elsewhere()},
	} {
		if found.Why != "" {
			r.tell(Found{found})
		}
	}
}
