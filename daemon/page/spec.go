package page

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"tuned/daemon/store"
	"tuned/job"
)

// jobFile is a job file with its tables in the order in which people write them.
type jobFile struct {
	Name    string         `toml:"name,omitempty"`
	Data    map[string]any `toml:"data,omitempty"`
	Model   map[string]any `toml:"model,omitempty"`
	Limits  map[string]any `toml:"limits,omitempty"`
	Approve map[string]any `toml:"approve,omitempty"`
	Pin     map[string]any `toml:"pin,omitempty"`
}

// readFile reads a job file; none is an empty one.
func readFile(text string) (jobFile, error) {
	var file jobFile
	_, err := toml.Decode(text, &file)
	for _, table := range []*map[string]any{&file.Data, &file.Model, &file.Limits, &file.Approve, &file.Pin} {
		if *table == nil {
			*table = map[string]any{}
		}
	}
	return file, err
}

// tables are the job file's by name.
func (file *jobFile) tables() map[string]map[string]any {
	return map[string]map[string]any{"data": file.Data, "model": file.Model, "limits": file.Limits, "approve": file.Approve, "pin": file.Pin}
}

// put writes a value; an empty one takes the key away.
func (file *jobFile) put(key string, value any, empty bool) {
	table, name, _ := strings.Cut(key, ".")
	if t := file.tables()[table]; empty {
		delete(t, name)
	} else {
		t[name] = value
	}
}

// spec writes the job file that the form asks for. base is the one that it began as, whose table may be the same.
func (f *form) spec(base store.Job) (string, error) {
	file, err := readFile(base.Spec)
	if err != nil {
		return "", err
	}
	if file.Data["path"] == nil || !same(f.Data, base.Data) {
		file.Data["path"] = f.Table()
	}
	file.Name = f.values["name"]
	for _, q := range questions {
		if v := f.values[q.Key]; q.Key != "name" {
			file.put(q.Key, q.typed(v), v == "")
		}
	}
	file.put("data.ignore", f.ignore, len(f.ignore) == 0)
	file.put("data.slices", f.slices, len(f.slices) == 0)
	file.put("data.types", f.types, len(f.types) == 0)
	return job.FileText(file)
}

// same tells whether two are one table, whatever is known of its size.
func same(a, b store.Data) bool {
	return a.Name == b.Name && a.SHA256 == b.SHA256 && a.Rooted == b.Rooted
}

// typed is a value as the job file has it. What should be a number and is none stays text, about which the file's reader complains.
func (q question) typed(value string) any {
	if n, err := strconv.ParseInt(value, 10, 64); err == nil && q.number {
		return n
	}
	if x, err := strconv.ParseFloat(value, 64); err == nil && q.number {
		return x
	}
	return value
}

// fill answers the questions as a job did.
func (f *form) fill(j store.Job) error {
	file, err := readFile(j.Spec)
	if err != nil {
		return err
	}
	f.From, f.Data = j.ID, j.Data
	if file.Name != "" {
		f.values["name"] = file.Name
	}
	for table, values := range file.tables() {
		for name, value := range values {
			f.answer(table+"."+name, value)
		}
	}
	slices.Sort(f.Kept)
	if j.Rules != "" {
		f.Kept = append(f.Kept, "rules")
	}
	return nil
}

// answer takes a value of a job file, or notes that there is no question for it.
func (f *form) answer(key string, value any) {
	switch {
	case key == "data.path":
	case key == "data.ignore":
		f.ignore = names(value)
	case key == "data.slices":
		f.slices = names(value)
	case key == "data.types":
		for column, kind := range table(value) {
			f.setType(column, fmt.Sprint(kind))
		}
	case slices.Contains(keys(questions), key):
		f.values[key] = fmt.Sprint(value)
	default:
		f.Kept = append(f.Kept, key)
	}
}

// names is a list of a job file.
func names(value any) []string {
	list, _ := value.([]any) // the file was read before: it is one
	var all []string
	for _, item := range list {
		all = append(all, fmt.Sprint(item))
	}
	return all
}

// table is a table of a job file.
func table(value any) map[string]any {
	t, _ := value.(map[string]any) // the file was read before: it is one
	return maps.Clone(t)
}
