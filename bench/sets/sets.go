// Package sets knows the data sets that the bench measures on: folders with a source.toml and a table.
package sets

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"tuned/job"
	"tuned/trainer/model"
)

// Set is a data set as its source.toml describes it.
type Set struct {
	Name       string     `toml:"name"`
	Modality   string     `toml:"modality"`
	Task       model.Task `toml:"task"`
	Target     string     `toml:"target"`
	Rows       int        `toml:"n_rows"`
	Features   int        `toml:"n_features"`
	Classes    int        `toml:"n_classes"`
	Categories []string   `toml:"categorical_columns"`
	Folder     string     `toml:"-"`
}

// Load reads one set's description from its folder below dir. NAME:COLUMN is the set NAME with another of its columns as the
// target: one more table to learn from, of classes where the description calls the column a category, else of values.
func Load(dir, name string) (Set, error) {
	base, column, other := strings.Cut(name, ":")
	folder := filepath.Join(dir, base)
	s := Set{Folder: folder}
	if _, err := toml.DecodeFile(filepath.Join(folder, "source.toml"), &s); err != nil {
		return Set{}, fmt.Errorf("data set %s: %w", base, err)
	}
	if other {
		s.Name, s.Target, s.Task, s.Classes = name, column, model.Regression, 0
		if i := slices.Index(s.Categories, column); i >= 0 {
			s.Task, s.Categories = model.Classification, slices.Delete(s.Categories, i, i+1)
		}
	}
	return s, nil
}

// Named loads the sets of a comma-separated list; empty: every table below dir, by name.
func Named(dir, list string) ([]Set, error) {
	if list == "" {
		return tables(dir)
	}
	var all []Set
	for _, name := range strings.Split(list, ",") {
		s, err := Load(dir, strings.TrimSpace(name))
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

func tables(dir string) ([]Set, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []Set
	for _, e := range entries {
		s, err := Load(dir, e.Name())
		if err != nil || s.Modality != "tabular" {
			continue
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b Set) int { return cmp.Compare(a.Name, b.Name) })
	if len(all) == 0 {
		return nil, fmt.Errorf("no tables below %s: want folders with a source.toml and a data.csv.gz", dir)
	}
	return all, nil
}

// Job is the job on a set: a fifth of the rows held out by split, at most rows rows (0: all), and what is pinned.
// Categories are named only where the set's description names some that look like numbers. Images have labels beside them, and
// their own division, if they come with one, instead of split.
func (s Set) Job(split, rows int, pins map[string]any) *job.Job {
	types := map[string]string{}
	for _, c := range s.Categories {
		types[c] = "categorical"
	}
	path, target := filepath.Join(s.Folder, "data.csv.gz"), s.Target
	if s.Modality == "image" {
		path, target = s.Folder, ""
	}
	return &job.Job{
		Name: fmt.Sprintf("%s-%d", s.Name, split),
		Data: job.Data{
			Path: path, Target: target, Task: s.Task, Holdout: 0.2,
			SplitSeed: int64(split), Types: types, MaxRows: int64(rows),
		},
		Limits: job.Limits{Threads: 1},
		Pin:    pins,
	}
}
