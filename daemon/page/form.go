package page

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tuned/daemon/store"
	"tuned/job"
)

// form is the form for a new job, as a person left it or as another job's file fills it.
type form struct {
	Frame
	From     int64             // the job that it began as; 0: none
	Kept     []string          // what stays as that job has it, since no field asks for it
	Data     store.Data        // the table that is there already; there may be none
	Header   []string          // the table's columns; nil: not known
	Problem  string            // what is wrong, where no field is to blame
	Problems map[string]string // by key of the job file

	values         map[string]string // by key of the job file
	ignore, slices []string
	types          map[string]string
	column         string // that the next type is for
	looking        bool   // the person wants to see the columns, and no job yet
	unread         error  // why the table's columns are not known
}

func newForm(frame Frame) *form {
	return &form{Frame: frame, Problems: map[string]string{}, values: map[string]string{}, types: map[string]string{}}
}

// Table is what the table that is there is called; empty: there is none.
func (f *form) Table() string { return cmp.Or(f.Data.Name, f.Data.Rooted) }

// set takes a field as it was sent. A column's type follows its name.
func (f *form) set(name, value string) {
	value = strings.ReplaceAll(value, "\r\n", "\n") // which a browser makes of each line's end
	switch name {
	case "ignore":
		f.ignore = append(f.ignore, value)
	case "slice":
		f.slices = append(f.slices, value)
	case "ignore-lines":
		f.ignore = append(f.ignore, lines(value)...)
	case "slice-lines":
		f.slices = append(f.slices, lines(value)...)
	case "column":
		f.column = value
	case "type":
		f.setType(f.column, value)
	case "type-lines":
		for _, line := range lines(value) {
			at := max(strings.LastIndex(line, "="), 0)
			f.setType(strings.TrimSpace(line[:at]), strings.TrimSpace(strings.TrimPrefix(line[at:], "=")))
		}
	default:
		f.setHidden(name, strings.TrimSpace(value))
	}
}

// setHidden takes what the form remembers of where it comes from, and all fields of one value.
func (f *form) setHidden(name, value string) {
	switch name {
	case "from":
		f.From, _ = strconv.ParseInt(value, 10, 64) // what is no number is no job
	case "file":
		f.Data.Name = value
	case "sha256":
		f.Data.SHA256 = value
	case "rooted":
		f.Data.Rooted = value
	case "look":
		f.looking = true
	default:
		f.values[name] = value
	}
}

func (f *form) setType(column, kind string) {
	if kind != "" {
		f.types[column] = kind
	}
}

// lines are a text's lines that are not empty.
func lines(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// blame puts an error beside the field that it is about, or above them all.
func (f *form) blame(err error) {
	var e *job.Error
	if !errors.As(err, &e) {
		f.Problem = err.Error()
		return
	}
	for _, key := range append(keys(questions), append(lists, "data.path")...) {
		if e.Key == key || strings.HasPrefix(e.Key, key+".") {
			f.Problems[key] = sentence(e)
			return
		}
	}
	f.Problem = err.Error()
}

// sentence is a mistake without its place in a file that the person never saw.
func sentence(e *job.Error) string {
	problem := strings.TrimPrefix(e.Problem, strconv.Quote(e.Key)+" ")
	if e.Hint != "" {
		problem += ": " + e.Hint
	}
	return problem
}

func keys(questions []question) []string {
	var all []string
	for _, q := range questions {
		all = append(all, q.Key)
	}
	return all
}

// field is a question with its answer.
type field struct {
	question
	Help, Value, Problem string
	Open                 string // what no choice means
	Choices              []choices
	Required             bool
}

// fields are questions with their answers. What is asked at first sight explains itself.
func (f *form) fields(questions []question, explain bool) []field {
	var all []field
	for _, q := range questions {
		one := field{question: q, Value: f.values[q.Key], Problem: f.Problems[q.Key]}
		if one.Choices, one.Open = choicesOf(q.Key); explain {
			one.Help = helpOf(q.Key)
		}
		one.Required = q.Key == "data.target" && f.From == 0 // images need none
		all = append(all, one)
	}
	return all
}

// First are the fields at first sight.
func (f *form) First() []field { return f.fields(first, false) }

// OfColumns are the fields about columns.
func (f *form) OfColumns() []field { return f.fields(columns, true) }

// Rest are the other fields.
func (f *form) Rest() []field { return f.fields(rest, true) }

// ColumnsOpen tells whether the part about columns is unfolded: something in it was said, or is likely to be.
func (f *form) ColumnsOpen() bool {
	return f.looking || f.From > 0 || len(f.ignore)+len(f.slices)+len(f.types) > 0 || f.said(columns, lists...)
}

// RestOpen tells whether the other part is unfolded.
func (f *form) RestOpen() bool { return f.said(rest) }

// said tells whether one of the questions, or of the other keys, has an answer or a problem.
func (f *form) said(questions []question, others ...string) bool {
	return slices.ContainsFunc(append(keys(questions), others...), func(key string) bool { return f.values[key] != "" || f.Problems[key] != "" })
}

// mostRows is how many columns have a row each; of more, those that are meant are named.
const mostRows = 300

// columnRow is what is said of a column.
type columnRow struct {
	Name, Type     string
	Ignore, Sliced bool
}

// Rows are the columns, each with what is said of it; nil where they are not known, or too many.
func (f *form) Rows() []columnRow {
	if len(f.Header) > mostRows {
		return nil
	}
	var all []columnRow
	for _, name := range f.Header {
		all = append(all, columnRow{name, f.types[name], slices.Contains(f.ignore, name), slices.Contains(f.slices, name)})
	}
	return all
}

// IgnoreLines, SliceLines and TypeLines say the same in text.
func (f *form) IgnoreLines() string { return strings.Join(f.ignore, "\n") }

// SliceLines are the columns by whose values the score is broken down.
func (f *form) SliceLines() string { return strings.Join(f.slices, "\n") }

// TypeLines are the columns' types.
func (f *form) TypeLines() string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(f.types)) {
		all = append(all, name+" = "+f.types[name])
	}
	return strings.Join(all, "\n")
}
