// Package peers fits what users would pick instead of tuned, XGBoost and scikit-learn's MLP, on the rows that our own trials see.
package peers

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"

	"tuned/bench/python"
	"tuned/bench/sets"
	"tuned/job"
	"tuned/trainer/data"
	"tuned/trainer/model"
)

//go:embed fit.py
var script string

// Request is one model to fit.
type Request struct {
	Model    string     `json:"model"`    // "xgboost" or "sklearn"
	Settings job.Values `json:"settings"` // none: the model's own defaults, on all training rows
	Seed     int64      `json:"seed"`
	Refit    bool       `json:"refit"` // judge the same model trained once more, on the validation rows too
}

// Result holds errors: 1 - accuracy, or RMSE over the target's spread.
type Result struct {
	Validation *float64 `json:"validation"`
	Test       *float64 `json:"test"`
	CPUSeconds float64  `json:"cpu_s"`
}

// Split is a split of a data set, with a process that fits models to it.
type Split struct {
	process *python.Conversation
	dir     string
}

// Open reads the split that trial.Request names by the same three: a set, a split and at most so many rows.
func Open(ctx context.Context, set sets.Set, split, rows int) (*Split, error) {
	dir, err := os.MkdirTemp("", "tuned-bench-peers-")
	if err != nil {
		return nil, err
	}
	s := &Split{dir: dir}
	if err := s.open(ctx, set.Job(split, rows, nil)); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

func (s *Split) open(ctx context.Context, j *job.Job) error {
	table, err := data.Read(ctx, j.Spec(), s.dir, nil)
	if err != nil {
		return err
	}
	defer table.Close()
	if s.process, err = python.Start(ctx, "peers", script); err != nil {
		return err
	}
	return s.process.Say(describe(table))
}

// Run fits one model.
func (s *Split) Run(r Request) (Result, error) {
	var result Result
	if err := s.process.Say(r); err != nil {
		return result, err
	}
	if err := s.process.Hear(&result); err != nil {
		return result, fmt.Errorf("%s: %w", r.Model, err)
	}
	return result, nil
}

// Close ends the process and removes what it read.
func (s *Split) Close() error { return errors.Join(s.process.Close(nil), os.RemoveAll(s.dir)) }

// table is what fit.py expects first.
type table struct {
	Folder     string     `json:"folder"`
	Columns    []column   `json:"columns"`
	Task       model.Task `json:"task"`
	Target     any        `json:"target"` // labels, or values
	Fit        []int32    `json:"fit"`
	Validation []int32    `json:"validation"`
	Test       []int32    `json:"test"`
}

type column struct {
	File   string `json:"file"`
	Levels int    `json:"levels"` // of categories; 0: numbers
}

func describe(d *data.Dataset) table {
	t := table{Folder: d.Dir, Task: d.Task, Test: d.Holdout}
	for _, c := range d.Columns {
		if c.Used {
			t.Columns = append(t.Columns, column{File: c.File, Levels: len(c.Levels)})
		}
	}
	if t.Target = d.Values(); d.Task == model.Classification {
		t.Target = d.Labels()
	}
	t.Fit, t.Validation = d.SplitValidation(0.2, d.Spec.SplitSeed)
	return t
}
