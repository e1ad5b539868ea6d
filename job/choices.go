package job

import (
	"context"
	"errors"
	"strings"

	"tuned/trainer/data"
	"tuned/trainer/data/pixels"
	"tuned/trainer/data/source"
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

// Header gives the names of a table's columns, as a job file has to write them; of images there are none. What is wrong with the table
// is an [*Error] of the key data.path, or data.sheet. sheet is one of a workbook's, "" the first with a table.
func Header(ctx context.Context, path, sheet string) ([]string, error) {
	if pixels.Holds(path) {
		return nil, nil
	}
	names, err := source.Header(ctx, path, sheet)
	err = asked(err)
	var e *Error
	if errors.As(err, &e) {
		e.Key = "data.path"
		if problem, ok := strings.CutPrefix(e.Problem, "data.sheet: "); ok {
			e.Key, e.Problem = "data.sheet", problem
		}
	}
	return names, err
}
