package job

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// maxFile is more than any job file needs, and keeps a wrong file from being read whole.
const maxFile = 1 << 20

// load reads a job file. Paths in it are relative to the file. Every error is an [*Error].
func load(path string) (*Job, error) {
	content, err := readText(path)
	if err != nil {
		return nil, err
	}
	j, err := Parse(path, content)
	if err != nil {
		return nil, err
	}
	return j, j.checkPaths()
}

// LoadRooted reads a job file whose table another machine has: data.path stays as it is written, and is not looked at. Every error is
// an [*Error].
func LoadRooted(path string) (*Job, error) {
	content, err := readText(path)
	if err != nil {
		return nil, err
	}
	return parseBelow("", path, content)
}

// readText reads a file that may be a job.
func readText(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", &Error{Path: path, Problem: "there is no such job file", Hint: "name a file such as examples/digits/job.toml, or a table with --target COLUMN"}
	case err != nil:
		return "", &Error{Path: path, Problem: "the job file cannot be read", Err: err}
	case info.IsDir():
		return "", &Error{Path: path, Problem: "this is a directory, not a job file", Hint: "try " + filepath.Join(path, "job.toml")}
	case info.Size() > maxFile:
		return "", &Error{Path: path, Problem: "this file is too large for a job", Hint: "a job file is a few lines of TOML that name the data; is this the data itself?"}
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", &Error{Path: path, Problem: "the job file cannot be read", Err: err}
	}
	return string(content), nil
}

// Parse reads a job from a file's text; path serves messages and relative paths. Nothing on disk is looked at.
// Every error is an [*Error] with the place of the key.
func Parse(path, content string) (*Job, error) {
	return parseBelow(filepath.Dir(path), path, content)
}

// parseBelow is Parse where relative paths are below a directory.
func parseBelow(dir, path, content string) (*Job, error) {
	if !utf8.ValidString(content) || strings.ContainsRune(content, 0) {
		return nil, &Error{Path: path, Problem: "this is not a text file", Hint: "a job file is a few lines of TOML that name the data; is this the data itself?"}
	}
	var tree map[string]any
	meta, err := toml.Decode(content, &tree)
	if err != nil {
		return nil, syntaxError(path, content, err)
	}
	j := &Job{Path: path, Text: content, Data: Data{Holdout: 0.2}}
	if err := j.readKeys(tree, meta.Keys()); err != nil {
		return nil, err
	}
	if !filepath.IsAbs(j.Data.Path) && j.Data.Path != "" {
		j.Data.Path = filepath.Join(dir, j.Data.Path)
	}
	if j.Name == "" {
		j.Name = nameFrom(j.Data.Path)
	}
	return j, j.validate()
}

// readKeys reads every key in the order of the file, so that the first mistake is the one reported.
func (j *Job) readKeys(tree map[string]any, keys []toml.Key) error {
	for _, key := range keys {
		if err := j.readKey(tree, key); err != nil {
			return err
		}
	}
	return nil
}

func (j *Job) readKey(tree map[string]any, key toml.Key) error {
	value := lookup(tree, key)
	_, isTable := value.(map[string]any)
	switch {
	case len(key) == 1 && slices.Contains(tables, key[0]):
		if !isTable {
			return j.at(key, "must be a table", "write ["+key[0]+"] on a line of its own")
		}
		return nil
	case key[0] == "pin":
		return j.readPin(key, value, isTable)
	case len(key) == 3 && key[0] == "data" && key[1] == "types":
		return nil // read with its table
	}
	f, ok := fieldOf(strings.Join(key, "."))
	if !ok {
		return j.unknown(key)
	}
	if err := f.read(j, value); err != nil {
		return j.at(key, err.Error(), hints[f.name])
	}
	return nil
}

// readPin takes a setting that a person decided. Settings of architectures are dotted, plain or quoted: mlp.width, "mlp.width".
func (j *Job) readPin(key toml.Key, value any, isTable bool) error {
	if isTable {
		return nil // its own keys follow
	}
	switch v := value.(type) {
	case int64, bool, string:
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return j.at(key, "must be a finite number", "")
		}
	default:
		return j.at(key, "must be a number, true, false or text", "")
	}
	if j.Pin == nil {
		j.Pin = map[string]any{}
	}
	j.Pin[strings.Join(key[1:], ".")] = value
	return nil
}

func (j *Job) unknown(key toml.Key) error {
	table := ""
	if len(key) > 1 {
		table = key[0]
	}
	name := key[len(key)-1]
	known := keysOf(table)
	if table != "" && !slices.Contains(tables, table) {
		name, known = table, keysOf("")
	}
	hint := didYouMean(name, known)
	if home := homeOf(name, table); home != "" {
		hint = "it belongs under [" + home + "]"
	}
	e := j.at(key, "", hint)
	e.Problem = "unknown key " + quote(strings.Join(key, "."))
	return e
}

// homeOf finds the table that does know a key, when it stands in the wrong one.
func homeOf(name, table string) string {
	for _, t := range tables {
		if t != table && slices.Contains(keysOf(t), name) {
			return t
		}
	}
	return ""
}

// at is a mistake in a key, with the key's place; of a job without a file, in what the command line calls it.
func (j *Job) at(key []string, problem, hint string) *Error {
	p, name := locate(j.Text, key), strings.Join(key, ".")
	switch {
	case j.Path == "" && name == "data.path":
		return &Error{Key: name, Problem: "DATA " + problem, Hint: hint}
	case j.Path == "":
		return &Error{Key: name, Problem: "--" + strings.Join(key[1:], " ") + " " + problem, Hint: hint}
	}
	return &Error{
		Path: j.Path, Line: p.line, Column: p.column, Source: p.source, Key: name,
		Problem: quote(name) + " " + problem, Hint: hint,
	}
}

func syntaxError(path, content string, err error) error {
	var syntax toml.ParseError
	if !errors.As(err, &syntax) {
		return &Error{Path: path, Problem: "this is not valid TOML", Err: err}
	}
	lines := strings.Split(content, "\n")
	line := min(max(syntax.Position.Line, 1), len(lines))
	source := strings.ReplaceAll(strings.TrimSuffix(lines[line-1], "\r"), "\t", " ")
	return &Error{
		Path: path, Line: line, Column: max(syntax.Position.Col, 1), Source: source,
		Problem: "not valid TOML: " + syntax.Message,
	}
}

// nameFrom makes a run's name from its data's: "data/adult.csv.gz" gives "adult"; "digits/data.csv.gz" gives "digits".
func nameFrom(path string) string {
	base, _, _ := strings.Cut(filepath.Base(path), ".")
	if base == "data" {
		base = filepath.Base(filepath.Dir(path))
	}
	clean := strings.Map(func(r rune) rune {
		if nameRune(r) {
			return r
		}
		return '-'
	}, base)
	if strings.Trim(clean, ".-") == "" {
		return "run"
	}
	return clean[:min(len(clean), 64)]
}

func lookup(tree map[string]any, key []string) any {
	var at any = tree
	for _, part := range key {
		table, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		at = table[part]
	}
	return at
}

func quote(s string) string { return `"` + s + `"` }
