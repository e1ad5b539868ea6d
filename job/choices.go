package job

import (
	"context"

	"tuned/trainer/data"
	"tuned/trainer/metric"
	"tuned/trainer/model"
)

// Task is a kind of answer that a job may be asked for, with the metrics that judge it, the usual one first.
type Task struct {
	Name    string
	Metrics []string
}

// Tasks are all values of data.task, each with those of data.metric that go with it.
func Tasks() []Task {
	var all []Task
	for _, t := range []model.Task{model.Classification, model.Regression} {
		all = append(all, Task{string(t), metric.For(t)})
	}
	return all
}

// Types are all that data.types may say of a column.
func Types() []string { return data.TypeNames() }

// Header gives the names of a table's columns, as a job file has to write them. What is wrong with the table is an [*Error].
func Header(ctx context.Context, path string) ([]string, error) {
	names, err := data.Header(ctx, path)
	return names, asked(err)
}
