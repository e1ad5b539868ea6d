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

// metricNames are the metrics as people call them.
var metricNames = map[string]string{
	metric.Accuracy: "accuracy", metric.LogLoss: "log loss", metric.AUC: "AUC", metric.F1: "F1",
	metric.RMSE: "RMSE", metric.MAE: "MAE", metric.R2: "R²",
}

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
	label, ok := metricNames[name]
	if !ok {
		label = name
	}
	return fmt.Sprintf("%s %s", label, words.Score(value))
}

// headline is the result in one phrase.
func headline(r *job.Result) string {
	m := r.Metrics
	switch {
	case m.Test != nil:
		return score(m.Metric, m.Test.Get(m.Metric)) + " on rows that were held out"
	case m.Validation != nil:
		return score(m.Metric, m.Validation.Get(m.Metric)) + " on the validation rows that chose the model, so it flatters"
	}
	return "not measured: no rows were held out"
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
		parts[i] = fmt.Sprintf("%d %s", kinds[name], name)
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
