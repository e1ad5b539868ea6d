package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/BurntSushi/toml"

	"tuned/trainer/data/pixels"
	"tuned/trainer/data/source"
	"tuned/words"
)

// Wish is what a command line says of data that it names in the place of a job file. Its fields are keys of one, under [data].
type Wish struct {
	Sheet  string            `toml:"sheet,omitempty"`
	Target string            `toml:"target,omitempty"`
	Task   string            `toml:"task,omitempty"`
	Metric string            `toml:"metric,omitempty"`
	Group  string            `toml:"group,omitempty"`
	Time   string            `toml:"time,omitempty"`
	Ignore []string          `toml:"ignore,omitempty"`
	Types  map[string]string `toml:"types,omitempty"`
}

func (w Wish) empty() bool { return reflect.ValueOf(w).IsZero() }

// Ask reads the job that a command line asks for: a job file, or a table with a wish, or images in a folder or in IDX form, which
// need none. All that a wish does not say is as in a job file that does not say it. Every error is an [*Error].
func Ask(ctx context.Context, path string, w Wish) (*Job, error) {
	isFile := strings.EqualFold(filepath.Ext(path), ".toml")
	switch {
	case isFile && !w.empty():
		return nil, &Error{Path: path, Problem: "a job file says what it is about itself", Hint: "write there what --target and the like say, or name the table in the place of the job file"}
	case !w.empty() || holdsImagesAlone(path):
		return forData(path, w)
	}
	j, err := load(path)
	if err == nil || isFile {
		return j, err
	}
	return nil, cmp.Or(tableItself(ctx, path), err)
}

// forData is the job of data that need no file. Its text is a job file that says the same from any directory.
func forData(path string, w Wish) (*Job, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, &Error{Path: path, Problem: "the data cannot be found", Err: err}
	}
	text, err := w.text(full)
	if err != nil {
		return nil, &Error{Path: path, Problem: "the job cannot be written", Err: err}
	}
	j, err := Parse("", text)
	if err != nil {
		return nil, err
	}
	j.Data.Path = path
	return j, j.checkPaths()
}

// text is the job file that says what is wished of the data.
func (w Wish) text(path string) (string, error) {
	var file struct {
		Data struct {
			Path string `toml:"path"`
			Wish
		} `toml:"data"`
	}
	file.Data.Path, file.Data.Wish = path, w
	return FileText(file)
}

// FileText writes the text of a job file from values whose tags name its tables and keys.
func FileText(file any) (string, error) {
	var b strings.Builder
	e := toml.NewEncoder(&b)
	e.Indent = ""
	if err := e.Encode(file); err != nil {
		return "", fmt.Errorf("write the job's file: %w", err)
	}
	return b.String(), nil
}

// holdsImagesAlone tells of a directory, or of a file of images, that there is no job file in it which may be meant.
func holdsImagesAlone(path string) bool {
	_, err := os.Stat(filepath.Join(path, "job.toml"))
	return pixels.Holds(path) && errors.Is(err, fs.ErrNotExist)
}

// tableItself is what to say where a path should name a job file and names a table; nil where it names none.
func tableItself(ctx context.Context, path string) error {
	names, err := source.Header(ctx, path, "")
	if err != nil || len(names) < 2 {
		return nil
	}
	return &Error{
		Path: path, Problem: "this is a table: which of its columns is to be predicted?",
		Hint: fmt.Sprintf("name it, for instance --target %q; the columns are %s", names[len(names)-1], words.Names(names)),
	}
}
