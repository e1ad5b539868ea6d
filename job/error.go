package job

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"tuned/heuristics"
	"tuned/trainer/data"
	"tuned/words"
)

// Error is bad input that a person can put right: one problem, where it is, and what to do about it.
type Error struct {
	Path    string // file or directory; empty when the problem has none
	Line    int    // 1-based; 0: no line
	Column  int    // 1-based, in characters
	Source  string // the line's text, shown with a caret
	Key     string // of the job file, dotted from the top, whose value is at fault; empty when it is none
	Problem string
	Hint    string
	Err     error
}

// Error gives the place, the problem, and the hint below a caret or on a line of its own.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.place())
	b.WriteString(e.Problem)
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.reason())
	}
	switch {
	case e.Source != "":
		fmt.Fprintf(&b, "\n | %s\n | %s^ %s", e.Source, strings.Repeat(" ", max(e.Column-1, 0)), e.Hint)
	case e.Hint != "":
		b.WriteString("\n | " + e.Hint)
	}
	return strings.TrimRight(b.String(), " ")
}

// reason is the cause, without the name of a file that stands in front already, and without the system's word for opening it.
func (e *Error) reason() error {
	if of, ok := e.Err.(*fs.PathError); ok && of.Path == e.Path {
		return of.Err
	}
	return e.Err
}

// Unwrap gives the cause, if there is one.
func (e *Error) Unwrap() error { return e.Err }

// BadInput marks the error as the asker's to put right.
func (e *Error) BadInput() bool { return true }

func (e *Error) place() string {
	switch {
	case e.Path == "":
		return ""
	case e.Line == 0:
		return e.Path + ": "
	}
	return fmt.Sprintf("%s:%d:%d: ", e.Path, e.Line, e.Column)
}

// BadInput tells whether an error is the asker's to put right: the job, the data, the rules or the directory named.
func BadInput(err error) bool {
	var marked interface{ BadInput() bool }
	var table *data.Error
	var rules *heuristics.Error
	if errors.As(err, &table) || errors.As(err, &rules) || DiskFull(err) {
		return true
	}
	return errors.As(err, &marked) && marked.BadInput()
}

// asked gives a fault in a table the form that all bad input has; other errors stay as they are.
func asked(err error) error {
	var table *data.Error
	if !errors.As(err, &table) {
		return err
	}
	problem := table.Err.Error()
	if table.Place != "" {
		problem = table.Place + ": " + problem
	}
	return &Error{Path: table.Path, Problem: problem, Hint: table.Hint}
}

// blame gives a fault that the job's own words led to (a column that there is not) the place of those words.
func (j *Job) blame(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	key, problem, ok := strings.Cut(e.Problem, ": ")
	if _, known := fieldOf(key); !ok || !known {
		return err
	}
	return j.at(strings.Split(key, "."), "does not fit "+e.Path+": "+problem, e.Hint)
}

// didYouMean suggests the known name nearest to one that is unknown, or lists all that are known.
func didYouMean(name string, known []string) string {
	return cmp.Or(words.DidYouMean(name, known), "known here: "+strings.Join(known, ", "))
}
