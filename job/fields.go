package job

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"tuned/trainer/model"
)

// field is one key of a job file: its name with its table's, and how a value is read into the job.
type field struct {
	name string
	read func(j *Job, value any) error
}

// fields are all keys that a job file may hold, in the order in which the documentation lists them.
var fields = []field{
	{"name", text(func(j *Job) *string { return &j.Name })},
	{"data.path", text(func(j *Job) *string { return &j.Data.Path })},
	{"data.target", text(func(j *Job) *string { return &j.Data.Target })},
	{"data.task", func(j *Job, v any) error {
		return text(func(j *Job) *string { return (*string)(&j.Data.Task) })(j, v)
	}},
	{"data.metric", text(func(j *Job) *string { return &j.Data.Metric })},
	{"data.holdout", share(func(j *Job) *float64 { return &j.Data.Holdout })},
	{"data.split_seed", whole(func(j *Job) *int64 { return &j.Data.SplitSeed })},
	{"data.split", text(func(j *Job) *string { return &j.Data.Split })},
	{"data.group", text(func(j *Job) *string { return &j.Data.Group })},
	{"data.time", text(func(j *Job) *string { return &j.Data.Time })},
	{"data.ignore", texts(func(j *Job) *[]string { return &j.Data.Ignore })},
	{"data.slices", texts(func(j *Job) *[]string { return &j.Data.Slices })},
	{"data.types", textMap(func(j *Job) *map[string]string { return &j.Data.Types })},
	{"data.image_column", text(func(j *Job) *string { return &j.Data.ImageColumn })},
	{"data.image_size", readImageSize},
	{"data.max_rows", whole(func(j *Job) *int64 { return &j.Data.MaxRows })},
	{"model.architecture", text(func(j *Job) *string { return &j.Model.Architecture })},
	{"limits.memory", readMemory},
	{"limits.time", readTime},
	{"limits.threads", whole(func(j *Job) *int64 { return &j.Limits.Threads })},
	{"approve.above", readApproval},
}

// tables are the tables of a job file, in the order in which the documentation lists them.
var tables = []string{"data", "model", "limits", "approve", "pin"}

// keysOf gives the names of the keys under a table; "" is the top, whose keys and tables are both named.
func keysOf(table string) []string {
	var names []string
	for _, f := range fields {
		owner, name, nested := strings.Cut(f.name, ".")
		switch {
		case table == "" && !nested:
			names = append(names, owner)
		case nested && owner == table:
			names = append(names, name)
		}
	}
	if table == "" {
		return append(names, tables...)
	}
	return names
}

func fieldOf(name string) (field, bool) {
	for _, f := range fields {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}

func text(at func(*Job) *string) func(*Job, any) error {
	return func(j *Job, v any) error {
		s, ok := v.(string)
		if !ok {
			return fmt.Errorf("must be text in quotes")
		}
		if strings.TrimSpace(s) == "" {
			return fmt.Errorf("is empty")
		}
		*at(j) = s
		return nil
	}
}

func whole(at func(*Job) *int64) func(*Job, any) error {
	return func(j *Job, v any) error {
		n, ok := v.(int64)
		if !ok {
			return fmt.Errorf("must be a whole number")
		}
		*at(j) = n
		return nil
	}
}

func share(at func(*Job) *float64) func(*Job, any) error {
	return func(j *Job, v any) error {
		switch n := v.(type) {
		case float64:
			*at(j) = n
		case int64:
			*at(j) = float64(n)
		default:
			return fmt.Errorf("must be a number")
		}
		return nil
	}
}

func texts(at func(*Job) *[]string) func(*Job, any) error {
	return func(j *Job, v any) error {
		list, ok := v.([]any)
		if !ok {
			return fmt.Errorf("must be a list of column names")
		}
		for _, item := range list {
			s, ok := item.(string)
			if !ok {
				return fmt.Errorf("must hold column names in quotes")
			}
			*at(j) = append(*at(j), s)
		}
		return nil
	}
}

func textMap(at func(*Job) *map[string]string) func(*Job, any) error {
	return func(j *Job, v any) error {
		table, ok := v.(map[string]any)
		if !ok {
			return fmt.Errorf("must be a table such as { zip = \"categorical\" }")
		}
		*at(j) = make(map[string]string, len(table))
		for name, item := range table {
			s, ok := item.(string)
			if !ok {
				return fmt.Errorf("must give column %q a type in quotes", name)
			}
			(*at(j))[name] = s
		}
		return nil
	}
}

func readImageSize(j *Job, v any) error {
	list, ok := v.([]any)
	if !ok {
		return fmt.Errorf("must be a list")
	}
	for _, item := range list {
		n, ok := item.(int64)
		if !ok {
			return fmt.Errorf("must hold whole numbers")
		}
		j.Data.ImageSize = append(j.Data.ImageSize, int(n))
	}
	return nil
}

func readMemory(j *Job, v any) error {
	switch n := v.(type) {
	case int64:
		j.Limits.Memory = Bytes(n)
		return nil
	case string:
		size, err := humanize.ParseBytes(n)
		if err != nil || size > math.MaxInt64 {
			return fmt.Errorf("is not a size")
		}
		j.Limits.Memory = Bytes(size)
		return nil
	}
	return fmt.Errorf("must be a size")
}

func readTime(j *Job, v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("must be a duration in quotes")
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("is not a duration")
	}
	j.Limits.Time = d
	return nil
}

// hints say what a key's value looks like, for those where a wrong one is not explained by its problem alone.
var hints = map[string]string{
	"data.task":       fmt.Sprintf("%q or %q", model.Classification, model.Regression),
	"data.metric":     "accuracy, log_loss, auc or f1 for classes; rmse, mae or r2 for numbers",
	"data.holdout":    "a share of the rows such as 0.2; 0 trains on all rows and measures nothing",
	"data.types":      "numeric, boolean, categorical, date, id or text",
	"data.image_size": "[height, width] in pixels such as [32, 32], or [height, width, 3] for colour",
	"data.max_rows":   "a number of rows such as 5000; without it all are used",
	"limits.memory":   `a size such as "4GiB" or "512MiB", of 128MiB at least`,
	"limits.time":     `a duration such as "10m" or "1h30m", of a second at least`,
	"limits.threads":  "a number of threads such as 2; without it every core works",
	"approve.above":   `a duration such as "5m", or an amount of work such as "3 PFLOP"; above it a person is asked before training`,
	"data.split_seed": "a whole number such as 0",
	"name":            "letters, digits, dots, dashes and underscores, at most 64",
}
