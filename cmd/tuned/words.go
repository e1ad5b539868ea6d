package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tuned/job"
	"tuned/trainer/metric"
	"tuned/words"
)

// scores lists metrics, the one named first.
func scores(m metric.Metrics, first string) string {
	names := slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		switch {
		case a == first:
			return -1
		case b == first:
			return 1
		}
		return strings.Compare(a, b)
	})
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = score(name, m[name])
	}
	return strings.Join(parts, ", ")
}

func score(name string, value float64) string {
	return fmt.Sprintf("%s %s", words.Metric(name), words.Score(name, value))
}

// headline is the result in one phrase.
func headline(m job.Metrics) string {
	switch {
	case m.Test != nil && m.Baseline != nil:
		return judged(m) + " on " + heldOut(m.Baseline) + ", " + without(m)
	case m.Test != nil:
		return judged(m) + " on rows that were held out"
	case m.Validation != nil:
		return score(m.Metric, m.Validation.Get(m.Metric)) + " on the validation rows that chose the model, so it flatters"
	}
	return "not measured: no rows were held out"
}

// judged is the score that the job is judged by, with the class that it is of.
func judged(m job.Metrics) string {
	if b := m.Baseline; b != nil && b.Rare != "" && m.Metric == metric.F1 {
		return fmt.Sprintf("F1 of “%s” %s", b.Rare, words.Score(m.Metric, m.Test.Get(m.Metric)))
	}
	return score(m.Metric, m.Test.Get(m.Metric))
}

// without is what the held-out rows would give without a model.
func without(m job.Metrics) string {
	text := words.Score(m.Metric, m.Baseline.Metrics.Get(m.Metric)) + " without a model (" + m.Baseline.Does(m.Metric) + ")"
	if claim := m.NoBetter(); claim != "" {
		return claim + " than " + text
	}
	return text
}

// heldOut names the rows that judge, with their number where the run noted it.
func heldOut(b *job.Baseline) string {
	switch b.Rows {
	case 0:
		return "rows that were held out"
	case 1:
		return "1 row that was held out"
	}
	return count(b.Rows) + " rows that were held out"
}

func count(n int) string { return words.Format(n, "") }

func plural(n int64, word string) string {
	if n == 1 {
		return "1 " + word
	}
	if strings.HasSuffix(word, "s") {
		word += "e"
	}
	return words.Format(n, "") + " " + word + "s"
}

// tally lists how many there are of each kind, the most first.
func tally(kinds map[string]int) string {
	names := slices.SortedFunc(maps.Keys(kinds), func(a, b string) int {
		if kinds[a] != kinds[b] {
			return kinds[b] - kinds[a]
		}
		return strings.Compare(a, b)
	})
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = count(kinds[name]) + " " + name
	}
	return strings.Join(parts, ", ")
}

func seconds(s float64) string { return words.Format(s, "seconds") }

func flops(n int64) string { return words.Format(n, "flops") }

// work is a cost behind a time, where there is one.
func work(n int64) string {
	if n == 0 {
		return ""
	}
	return ", " + flops(n)
}
