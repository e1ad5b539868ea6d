package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"tuned/job"
	"tuned/trainer/metric"
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
	return fmt.Sprintf("%s %s", label, figures(value))
}

// figures writes four significant ones.
func figures(v float64) string {
	if size := math.Abs(v); size >= 1e4 && size < 1e15 {
		return humanize.Comma(int64(math.Round(v)))
	}
	return fmt.Sprintf("%.4g", v)
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

func count(n int) string { return humanize.Comma(int64(n)) }

func plural(n int64, word string) string {
	if n == 1 {
		return "1 " + word
	}
	if strings.HasSuffix(word, "s") {
		word += "e"
	}
	return humanize.Comma(n) + " " + word + "s"
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

// seconds writes a duration in the unit that suits it.
func seconds(s float64) string {
	switch {
	case s < 1:
		return fmt.Sprintf("%.0f ms", 1000*s)
	case s < 60:
		return fmt.Sprintf("%.1f s", s)
	}
	return time.Duration(s * float64(time.Second)).Round(time.Second).String()
}

func work(flops int64) string {
	if flops == 0 {
		return ""
	}
	return ", " + flopCount(float64(flops))
}

func flopCount(flops float64) string { return humanize.SIWithDigits(flops, 1, "FLOP") }

// wrap breaks text into lines of a comfortable width; those behind the first are indented.
func wrap(text string, indent int) string {
	const width = 100
	var b strings.Builder
	at := indent
	for i, word := range strings.Fields(text) {
		size := len([]rune(word))
		switch {
		case i == 0:
		case at+1+size > width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent
		default:
			b.WriteString(" ")
			at++
		}
		b.WriteString(word)
		at += size
	}
	return b.String()
}
