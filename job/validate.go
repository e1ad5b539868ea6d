package job

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tuned/trainer/data"
	"tuned/trainer/data/pixels"
	"tuned/trainer/metric"
	"tuned/trainer/model"
	"tuned/words"
)

// validate checks what the parsed keys say together; the first mistake is reported.
func (j *Job) validate() error {
	for _, check := range []func() error{j.checkName, j.checkData, j.checkModel, j.checkCommonPins, j.checkTask, j.checkSplit, j.checkColumns} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (j *Job) checkName() error {
	bad := strings.IndexFunc(j.Name, func(r rune) bool { return !nameRune(r) }) >= 0
	if bad || len(j.Name) > 64 || strings.Trim(j.Name, ".") == "" {
		return j.at([]string{"name"}, "cannot name a directory", hints["name"])
	}
	return nil
}

func nameRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.'
}

func (j *Job) checkData() error {
	switch {
	case j.Data.Path == "":
		return j.at([]string{"data", "path"}, "is missing", `name the table: path = "table.csv"`)
	case j.Data.MaxRows < 0:
		return j.at([]string{"data", "max_rows"}, "is negative", hints["data.max_rows"])
	case j.Data.ImageSize != nil && !pixels.IsSize(j.Data.ImageSize):
		return j.at([]string{"data", "image_size"}, "is no size of an image", hints["data.image_size"])
	}
	return nil
}

func (j *Job) checkModel() error {
	if _, pinned := j.Pin["architecture"]; pinned {
		return j.at([]string{"pin", "architecture"}, "belongs elsewhere", "name it under [model]: architecture = \"mlp\"")
	}
	return nil
}

func (j *Job) checkTask() error {
	d := j.Data
	if d.Task != "" && d.Task != model.Classification && d.Task != model.Regression {
		return j.at([]string{"data", "task"}, fmt.Sprintf("cannot be %q", d.Task), hints["data.task"])
	}
	task, known := taskOf(d.Metric)
	switch {
	case d.Metric != "" && !known:
		return j.at([]string{"data", "metric"}, fmt.Sprintf("cannot be %q", d.Metric), hints["data.metric"])
	case d.Metric != "" && d.Task != "" && task != d.Task:
		return j.at([]string{"data", "metric"}, fmt.Sprintf("%q does not measure %s", d.Metric, d.Task), hints["data.metric"])
	}
	return nil
}

// taskOf finds the task that a metric measures.
func taskOf(name string) (model.Task, bool) {
	for _, task := range []model.Task{model.Classification, model.Regression} {
		if slices.Contains(metric.For(task), name) {
			return task, true
		}
	}
	return "", false
}

func (j *Job) checkSplit() error {
	d := j.Data
	switch {
	case !(d.Holdout >= 0 && d.Holdout <= 0.9):
		return j.at([]string{"data", "holdout"}, "must lie between 0 and 0.9", hints["data.holdout"])
	case d.Split != "" && d.Group != "":
		return j.at([]string{"data", "group"}, "contradicts \"data.split\"", "a split column already says which rows are held out; leave one of them out")
	case d.Split != "" && d.Time != "":
		return j.at([]string{"data", "time"}, "contradicts \"data.split\"", "a split column already says which rows are held out; leave one of them out")
	}
	return nil
}

func (j *Job) checkColumns() error {
	d := j.Data
	for _, c := range []struct{ key, column string }{{"split", d.Split}, {"group", d.Group}, {"time", d.Time}} {
		if c.column != "" && c.column == d.Target {
			return j.at([]string{"data", c.key}, "is the target", "name another column")
		}
	}
	if slices.Contains(d.Ignore, d.Target) {
		return j.at([]string{"data", "ignore"}, "names the target", "the target cannot be ignored")
	}
	return j.checkTypes()
}

func (j *Job) checkTypes() error {
	for _, name := range slices.Sorted(maps.Keys(j.Data.Types)) {
		if t, known := j.Data.Types[name], data.TypeNames(); !slices.Contains(known, t) {
			return j.at([]string{"data", "types", name}, fmt.Sprintf("cannot be %q", t), didYouMean(t, known))
		}
	}
	return nil
}

// checkPaths looks at what the job names on disk.
func (j *Job) checkPaths() error {
	key := []string{"data", "path"}
	info, err := os.Stat(j.Data.Path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return j.at(key, "names a file that does not exist: "+j.Data.Path, j.nearFiles(j.Data.Path))
	case err != nil:
		e := j.at(key, "cannot be read", "")
		e.Err = err
		return e
	case !info.Mode().IsRegular() && !info.IsDir():
		return j.at(key, "is neither a file nor a directory: "+j.Data.Path, "tables are read more than once: write it to a file first")
	}
	return j.CheckTarget(j.Data.Path)
}

// CheckTarget refuses a job that names no column to predict, where what lies at path is a table: images need none. The error is an
// [*Error].
func (j *Job) CheckTarget(path string) error {
	if j.Data.Target != "" || pixels.Holds(path) {
		return nil
	}
	return j.at([]string{"data", "target"}, "is missing", `name the column to predict: target = "price"`)
}

// nearFiles suggests a file of nearly that name beside it, or says what relative paths are relative to, or that addresses are none.
func (j *Job) nearFiles(path string) string {
	if strings.Contains(j.Data.Path, "://") {
		return "this is an address on the web: fetch the file first, and name the copy"
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err == nil {
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		if hint := words.DidYouMean(filepath.Base(path), names); hint != "" {
			return hint
		}
	}
	if j.Path == "" {
		return "a relative path begins where the command runs"
	}
	return "a path is relative to the job file"
}
