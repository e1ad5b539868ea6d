package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"tuned/job"
	"tuned/trainer/metric"
	"tuned/words"
)

// effects are what the strongest columns do to what the model predicts.
type effects struct {
	Text, Note string
	Figures    []figure
}

// effects shows them with one vertical axis, so that they can be compared; nil where they were not measured.
func (r *Run) effects() *effects {
	all := slices.DeleteFunc(slices.Clone(r.Metrics.Effects), func(e job.Effect) bool { return !whole(e) })
	if len(all) == 0 {
		return nil
	}
	what := fmt.Sprintf("the %s where its column", r.noun(all[0]))
	if len(r.Columns.Classes) > 2 {
		what = "the probability of a class, the one that its column moves most, where this column"
	}
	out := &effects{
		Text: fmt.Sprintf("Each picture shows %s holds one value after another and all else is as it is: the mean over %s of the held-out rows.", what, count(all[0].Rows)),
		Note: "Shown are the columns that the model relies on most. The dashed line is the mean of the same rows as " +
			"they are. The larger a dot, the more rows hold about its value. Where columns go together, some of the rows that are made so could not exist; and how the model " +
			"answers does not say what causes what.",
	}
	low, high := bounds(all)
	for _, e := range all {
		c := r.effectChart(e)
		c.lowY, c.highY = &low, &high
		out.Figures = append(out.Figures, figureOf(c, r.tell(e)))
	}
	return out
}

// whole tells whether an effect has all that a picture of it needs.
func whole(e job.Effect) bool {
	n := len(e.Means)
	return n > 1 && len(e.Shares) == n && len(e.Numbers)+len(e.Levels) == n && (len(e.Numbers) == 0) != (len(e.Levels) == 0)
}

// noun is what is predicted.
func (r *Run) noun(e job.Effect) string {
	if e.Class != "" {
		return fmt.Sprintf("probability that %s is “%s”", r.subject(), e.Class)
	}
	return "predicted " + r.subject()
}

// bounds are the ends of an axis that all effects fit on.
func bounds(all []job.Effect) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	probabilities := false
	for _, e := range all {
		low, high = min(low, e.Usual, slices.Min(e.Means)), max(high, e.Usual, slices.Max(e.Means))
		probabilities = probabilities || e.Class != ""
	}
	margin := 0.06 * (high - low)
	low, high = low-margin, high+margin
	if probabilities {
		low, high = max(low, 0), min(high, 1)
	}
	return low, high
}

// effectChart draws numbers as a line, and categories side by side, from where most is predicted to where least is.
func (r *Run) effectChart(e job.Effect) chart {
	e = highestFirst(e)
	c := chart{title: e.Column, xLabel: e.Column, yLabel: "predicted", level: &e.Usual, dates: e.Kind == job.Moment}
	c.whole = !slices.ContainsFunc(e.Numbers, func(v float64) bool { return v != math.Trunc(v) })
	if e.Class != "" {
		c.yLabel, c.formatY = shortLabel("probability of “"+e.Class+"”"), share
	}
	dots := series{x: e.Numbers, y: e.Means, sizes: sizes(e.Shares), dots: true, colour: 1}
	categories, apart := len(e.Levels) > 0, crowded(e.Numbers)
	if categories || apart {
		c.levels = names(e)
		dots.x = places(len(c.levels))
	}
	if categories {
		c.xLabel, dots.stems = "", &e.Usual
		c.series = []series{dots}
		return c
	}
	if apart {
		c.xLabel += " (not to scale)"
	}
	c.series = []series{{x: dots.x, y: dots.y, colour: 1}, dots}
	return c
}

// sizes are radii of dots whose areas are as shares are, but for the smallest.
func sizes(shares []float64) []float64 {
	radii := make([]float64, len(shares))
	for i, s := range shares {
		radii[i] = max(3, 13*math.Sqrt(s))
	}
	return radii
}

// crowded tells whether half of the numbers lie within a tenth of their range, where no one could tell them apart: they are drawn at equal
// distances instead.
func crowded(numbers []float64) bool {
	n := len(numbers)
	for i := range (n + 1) / 2 {
		if numbers[i+n/2]-numbers[i] < (numbers[n-1]-numbers[0])/10 {
			return true
		}
	}
	return false
}

// names are the values as they stand below an axis.
func names(e job.Effect) (all []string) {
	for _, v := range e.Numbers {
		all = append(all, valueText(v, e.Kind == job.Moment))
	}
	for _, level := range e.Levels {
		all = append(all, cmp.Or(level, emptyLevel))
	}
	return all
}

// places are the numbers below n.
func places(n int) []float64 {
	all := make([]float64, n)
	for i := range all {
		all[i] = float64(i)
	}
	return all
}

// emptyLevel is what a level is called that is none.
const emptyLevel = "empty"

// highestFirst orders levels, if there are any, by what is predicted.
func highestFirst(e job.Effect) job.Effect {
	if len(e.Levels) == 0 {
		return e
	}
	order := make([]int, len(e.Levels))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(e.Means[b], e.Means[a]) })
	levels, shares, means := e.Levels, e.Shares, e.Means
	e.Levels, e.Shares, e.Means = nil, nil, nil
	for _, i := range order {
		e.Levels, e.Shares, e.Means = append(e.Levels, levels[i]), append(e.Shares, shares[i]), append(e.Means, means[i])
	}
	return e
}

// shortLabel fits beside an axis.
func shortLabel(text string) string {
	if letters := []rune(text); len(letters) > 36 {
		return string(letters[:35]) + "…"
	}
	return text
}

// tell says in words what a picture shows.
func (r *Run) tell(e job.Effect) string {
	t := trend{column: e.Column, noun: r.noun(e), means: e.Means, dates: e.Kind == job.Moment, spread: r.spread(e)}
	for _, v := range e.Numbers {
		t.values = append(t.values, valueText(v, t.dates))
	}
	if len(e.Levels) == 0 {
		return t.ofNumbers()
	}
	for _, level := range e.Levels {
		t.values = append(t.values, levelText(level, e.Kind))
	}
	text, shown := t.ofLevels(), sum(e.Shares)
	if shown < 0.995 {
		text += fmt.Sprintf(" These are the commonest of its values, which %s of the rows have.", share(shown))
	}
	return text
}

func valueText(v float64, date bool) string {
	if date {
		return time.Unix(int64(v), 0).UTC().Format(time.DateOnly)
	}
	return words.Value(v)
}

func levelText(level string, kind job.InputKind) string {
	switch {
	case level == "":
		return emptyLevel
	case kind == job.Filled:
		return level
	}
	return "“" + level + "”"
}

// spread is how much what is predicted differs between rows: the standard deviation of the target, or of being of a class.
func (r *Run) spread(e job.Effect) float64 {
	if e.Class != "" {
		return math.Sqrt(e.Usual * (1 - e.Usual))
	}
	if b := r.Metrics.Baseline; b != nil {
		return b.Metrics[metric.RMSE]
	}
	return 0
}

func sum(values []float64) (total float64) {
	for _, v := range values {
		total += v
	}
	return total
}
