package job

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"tuned/trainer/model"
)

// field is one key of a job file: its name with its table's, what it is for, and how a value is read into the job.
type field struct {
	name, help string
	read       func(j *Job, value any) error
}

// fields are all keys that a job file may hold, in the order in which docs/jobs.md lists them. Under [pin] a job names settings.
var fields = []field{
	{"name", "what the run's directory is called; without it the data's name", text(func(j *Job) *string { return &j.Name })},
	{"data.path", "the table (an Excel workbook, CSV with , ; | or tabs between cells or JSON, the two also as .gz or .zst, or Parquet), or a folder or file of images; relative to the job file", text(func(j *Job) *string { return &j.Data.Path })},
	{"data.sheet", "the sheet of an Excel workbook; without it the first with two columns or more", text(func(j *Job) *string { return &j.Data.Sheet })},
	{"data.target", "the column to predict; a folder of images needs none, since its folders are the classes", text(func(j *Job) *string { return &j.Data.Target })},
	{"data.task", "classification or regression; without it, by what the target holds: texts are classes, and so are numbers if there are two, or up to twenty different integers of ten rows each", func(j *Job, v any) error {
		return text(func(j *Job) *string { return (*string)(&j.Data.Task) })(j, v)
	}},
	{"data.metric", "what the job is judged by: accuracy, log_loss, auc or f1 for classes, rmse, mae or r2 for numbers; without it accuracy or rmse. Rules read it: mae trains another loss, f1 answers with rarer classes more readily, log_loss probabilities that mean what they say", text(func(j *Job) *string { return &j.Data.Metric })},
	{"data.holdout", "share of the rows that are kept for the final score, 0.2 without it: no weight and no setting comes from them; 0 trains on all rows and measures nothing", share(func(j *Job) *float64 { return &j.Data.Holdout })},
	{"data.split_seed", "another number holds other rows out; 0 without it", whole(func(j *Job) *int64 { return &j.Data.SplitSeed })},
	{"data.split", "a column that says for each row where it belongs: train, test or validation", text(func(j *Job) *string { return &j.Data.Split })},
	{"data.group", "a column whose groups stay on one side, such as a patient's number; beside time, whole groups are held out, first those whose latest row is the latest", text(func(j *Job) *string { return &j.Data.Group })},
	{"data.time", "a column of dates or numbers: the latest rows are held out", text(func(j *Job) *string { return &j.Data.Time })},
	{"data.ignore", "columns that are not learned from", texts(func(j *Job) *[]string { return &j.Data.Ignore })},
	{"data.slices", "columns by whose values the report breaks the score down", texts(func(j *Job) *[]string { return &j.Data.Slices })},
	{"data.types", `what columns hold, where tuned takes them for something else: { zip = "categorical" }; numeric, boolean, categorical, date, id or text`, textMap(func(j *Job) *map[string]string { return &j.Data.Types })},
	{"data.image_column", "a table's column of image files, relative to the table", text(func(j *Job) *string { return &j.Data.ImageColumn })},
	{"data.image_size", "[height, width], or with a third number the channels: the size to which images are brought, or that of pixels in columns", readImageSize},
	{"data.max_rows", "a random part of so many rows is used; without it all are", whole(func(j *Job) *int64 { return &j.Data.MaxRows })},
	{"model.architecture", "mlp, trees, linear, convnet or an installed one; without it a rule chooses", text(func(j *Job) *string { return &j.Model.Architecture })},
	{"limits.memory", `a size such as "4GiB" that everything the job runs has to do with`, readMemory},
	{"limits.time", `a duration such as "10m": fewer passes where more would not fit`, readTime},
	{"limits.threads", "threads that work; without it one for each core", readThreads},
	{"approve.above", `for the daemon: a duration or an amount of work such as "5m" or "3 PFLOP", above which a person is asked before training`, readApproval},
}

// Field is a key of a job file, for documentation: its name with its table's, and what it is for.
type Field struct{ Name, Help string }

// Fields are all keys that a job file may hold, but for the settings under [pin].
func Fields() []Field {
	all := make([]Field, len(fields))
	for i, f := range fields {
		all[i] = Field{f.name, f.help}
	}
	return all
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

// Bounds of the limits. Below them nothing useful runs; above them a unit was mistaken.
const (
	minMemory  = Bytes(128 << 20)
	maxMemory  = Bytes(64 << 40)
	minTime    = time.Second
	maxTime    = 365 * 24 * time.Hour
	maxThreads = 1024
)

func readMemory(j *Job, v any) error {
	n, ok := v.(int64)
	if text, isText := v.(string); isText {
		size, err := humanize.ParseBytes(text)
		if err != nil || size > math.MaxInt64 {
			return fmt.Errorf("is not a size")
		}
		n, ok = int64(size), true
	}
	j.Limits.Memory = Bytes(n)
	switch {
	case !ok:
		return fmt.Errorf("must be a size")
	case j.Limits.Memory < minMemory:
		return fmt.Errorf("is too little for any run")
	case j.Limits.Memory > maxMemory:
		return fmt.Errorf("is more than any machine has")
	}
	return nil
}

func readTime(j *Job, v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("must be a duration in quotes")
	}
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		return fmt.Errorf("is not a duration")
	case d < minTime:
		return fmt.Errorf("is too short for any run")
	case d > maxTime:
		return fmt.Errorf("is longer than a year")
	}
	j.Limits.Time = d
	return nil
}

func readThreads(j *Job, v any) error {
	if err := whole(func(j *Job) *int64 { return &j.Limits.Threads })(j, v); err != nil {
		return err
	}
	if n := j.Limits.Threads; n < 1 || n > maxThreads {
		return fmt.Errorf("must lie between 1 and %d", maxThreads)
	}
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
