package job

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/dustin/go-humanize"

	"tuned/durable"
	"tuned/trainer/model"
)

// Bytes is an amount of memory, written "4GiB" in a job.
type Bytes int64

// String gives the amount as a person writes it.
func (b Bytes) String() string { return humanize.IBytes(uint64(max(b, 0))) }

// Job is what a person asks for. It is parsed once, by [Parse] or [Ask], validated, and not changed afterwards.
type Job struct {
	Path    string         `json:"-"` // of the file, empty when there is none
	Text    string         `json:"-"` // the file's text, kept in the run directory
	Name    string         `json:"name"`
	Data    Data           `json:"data"`
	Model   Model          `json:"model"`
	Limits  Limits         `json:"limits"`
	Approve Approval       `json:"-"`
	Pin     map[string]any `json:"pin,omitempty"` // settings that a person decided: int64, float64, bool or string
}

// Data says which table, what to predict, and how the holdout is taken.
type Data struct {
	Path      string            `json:"-"`               // absolute, or relative to the working directory
	Sheet     string            `json:"sheet,omitempty"` // of a workbook; empty: the first with a table
	Target    string            `json:"target"`
	Task      model.Task        `json:"task,omitempty"` // empty: inferred from the target
	Metric    string            `json:"metric"`         // empty: accuracy or rmse, by the task
	Holdout   float64           `json:"holdout"`        // share of the rows that only the final score reads; 0: none
	SplitSeed int64             `json:"split_seed"`
	Split     string            `json:"split,omitempty"` // a column that says which rows are held out
	Group     string            `json:"group,omitempty"` // a column whose groups stay on one side
	Time      string            `json:"time,omitempty"`  // a column by which the latest rows are held out
	Ignore    []string          `json:"ignore,omitempty"`
	Slices    []string          `json:"slices,omitempty"`
	Types     map[string]string `json:"types,omitempty"`
	// Images: a directory of them or an IDX file needs neither. A table has a column of paths, or as many columns of numbers
	// as an image has pixels.
	ImageColumn string `json:"image_column,omitempty"` // the column that names an image's file, relative to the table
	ImageSize   []int  `json:"image_size,omitempty"`   // height, width and perhaps channels: of pixels in columns, or to bring files to
	MaxRows     int64  `json:"max_rows,omitempty"`     // 0: all; otherwise a random part of so many rows
}

// Model names the architecture, or leaves it to the rules.
type Model struct {
	Architecture string `json:"architecture,omitempty"`
}

// Limits are budgets, never hyperparameters.
type Limits struct {
	Memory  Bytes         `json:"memory,omitempty"`  // of everything that the job runs; 0: none
	Time    time.Duration `json:"time,omitempty"`    // 0: none
	Threads int64         `json:"threads,omitempty"` // 0: every core
}

// fingerprint is a hash of all that the job asks for, whatever its formatting, comments or the place of its data.
func (j *Job) fingerprint() (string, error) {
	canonical, err := json.Marshal(j)
	if err != nil {
		return "", fmt.Errorf("fingerprint of the job: %w", err)
	}
	return durable.Hash(canonical), nil
}
