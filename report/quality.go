package report

import (
	"fmt"
	"math"
	"slices"

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
		return words.Score(name, v)
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
