package page

import (
	"fmt"
	"slices"
	"strings"

	"tuned/job"
	"tuned/words"
)

// question is a field of the form for a new job: a key of a job file, in a person's words.
type question struct {
	Key, Label string
	Example    string
	Column     bool // it names a column of the table
	number     bool // its value is written without quotes
}

// The form's questions, in their order: what each job is asked for, and what lies folded below.
var (
	first   = []question{{Key: "data.target", Label: "Column to predict", Column: true}, {Key: "data.metric", Label: "Judged by"}}
	columns = []question{
		{Key: "data.sheet", Label: "Sheet"},
		{Key: "data.time", Label: "Column of times", Column: true},
		{Key: "data.group", Label: "Column of groups", Column: true},
		{Key: "data.split", Label: "Column that divides the rows", Column: true},
	}
	rest = []question{
		{Key: "name", Label: "Name"},
		{Key: "approve.above", Label: "Ask me before training that takes more than", Example: "5m"},
		{Key: "limits.time", Label: "Time that it may take", Example: "1h"},
		{Key: "limits.memory", Label: "Memory that it may take", Example: "2GiB"},
		{Key: "limits.threads", Label: "Threads that it may take", number: true},
		{Key: "data.task", Label: "What is predicted"},
		{Key: "data.holdout", Label: "Share of the rows for the score", Example: "0.2", number: true},
		{Key: "data.max_rows", Label: "Rows that are used at most", number: true},
	}
)

// questions are all that are asked in one field each.
var questions = slices.Concat(first, columns, rest)

// lists are the keys that speak of columns one by one.
var lists = []string{"data.ignore", "data.slices", "data.types"}

// choice is a value that a field may have.
type choice struct{ Value, Text string }

// choices are those under one heading.
type choices struct {
	Task, Title string
	All         []choice
}

// taskWords say what a task predicts.
var taskWords = map[string]string{"classification": "Classes", "regression": "Numbers"}

// typeWords say what a column of a type holds.
var typeWords = map[string]string{
	"numeric": "numbers", "boolean": "yes or no", "categorical": "categories", "date": "dates", "id": "names of rows", "text": "text",
}

// choicesOf are a key's values, where it has few, and what leaving it open means.
func choicesOf(key string) (all []choices, open string) {
	switch key {
	case "data.metric":
		return metrics()
	case "data.task":
		return tasks(), "what the column holds tells"
	}
	return nil, ""
}

func metrics() (all []choices, open string) {
	for _, t := range job.Tasks() {
		c := choices{Task: t.Name, Title: taskWords[t.Name]}
		for _, m := range t.Metrics {
			c.All = append(c.All, choice{m, words.Metric(m) + ": " + words.Meaning(m)})
		}
		open += fmt.Sprintf(", %s for %s", words.Metric(t.Metrics[0]), strings.ToLower(c.Title))
		all = append(all, c)
	}
	return all, "as usual: " + strings.TrimPrefix(open, ", ")
}

func tasks() []choices {
	c := choices{Title: "Always"}
	for _, t := range job.Tasks() {
		c.All = append(c.All, choice{t.Name, taskWords[t.Name]})
	}
	return []choices{c}
}

func types() []choice {
	var all []choice
	for _, t := range job.Types() {
		all = append(all, choice{t, typeWords[t]})
	}
	return all
}

// helpOf is what the documentation says that a key is for, without the quotes that a job file has around values.
func helpOf(key string) string {
	for _, f := range job.Fields() {
		if f.Name == key {
			return strings.ReplaceAll(strings.TrimPrefix(f.Help, "for the daemon: "), `"`, "")
		}
	}
	return ""
}
