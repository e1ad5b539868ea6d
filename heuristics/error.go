package heuristics

import (
	"fmt"
	"slices"
	"strings"

	"tuned/words"
)

// Error is a mistake in a file of rules or cases, with its place.
type Error struct {
	File    string
	Line    int    // from 1
	Column  int    // from 1, in characters
	Text    string // the line
	Message string
	Hint    string // what to do instead; may be empty

	foreign bool // it only speaks of another architecture than the one that is used
}

// Error shows place, message, line, and the hint under the character that it is about.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
	fmt.Fprintf(&b, "\n | %s\n | %s^", e.Text, strings.Repeat(" ", max(e.Column-1, 0)))
	if e.Hint != "" {
		b.WriteString(" " + e.Hint)
	}
	return b.String()
}

// Errors are all the mistakes that a load found, in the order of files and lines.
type Errors []*Error

// Error shows one mistake after the other.
func (e Errors) Error() string {
	parts := make([]string, len(e))
	for i, err := range e {
		parts[i] = err.Error()
	}
	return strings.Join(parts, "\n")
}

// Unwrap returns the mistakes, for errors.As.
func (e Errors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, err := range e {
		errs[i] = err
	}
	return errs
}

// file is a text that errors point into.
type file struct {
	name string
	text string
}

// place is a byte offset in a file.
type place struct {
	file   *file
	offset int
}

// errorf makes an Error that points to the place.
func (p place) errorf(hint, format string, args ...any) *Error {
	line, column, source := words.Line(p.file.text, p.offset)
	return &Error{
		File: p.file.name, Line: line, Column: column, Text: source, Message: fmt.Sprintf(format, args...), Hint: hint,
	}
}

// String is the place as file:line.
func (p place) String() string {
	return fmt.Sprintf("%s:%d", p.file.name, strings.Count(p.file.text[:p.offset], "\n")+1)
}

// oneOf lists words: "a", "a or b", "a, b or c".
func oneOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// sorted returns the errors in the order of files, as they were given, and lines.
func (e Errors) sorted(files []string) Errors {
	slices.SortStableFunc(e, func(a, b *Error) int {
		if a.File != b.File {
			return slices.Index(files, a.File) - slices.Index(files, b.File)
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return e
}
