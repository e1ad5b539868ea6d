package page

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tuned/daemon/api"
	"tuned/daemon/queue"
	"tuned/daemon/store"
	"tuned/job"
)

// What the form for a row asks.
const (
	askedFirst = 10   // columns at first sight: those that the model relies on most
	askedAll   = 200  // columns; of wider tables the others are as usual
	selected   = 100  // categories that are chosen from a list; more are typed
	proposed   = 1000 // of those that are typed
	maxRow     = 1 << 20
)

// trial is a row that a person makes up, and what the model answers.
type trial struct {
	First, Rest []cell // Rest in the order of the table
	Others      int    // columns that are not asked for
	Answer      *answer
	Problem     string // why there is none

	inputs *job.Inputs
	row    []cell // First, Rest and the others
}

// cell is a field of the form: a column with what the row holds in it.
type cell struct {
	job.Input
	Value, Problem string
}

// newTrial is the row that is as usual as can be; nil where the model reads images.
func newTrial(dir string) *trial {
	in, err := job.ReadInputs(dir)
	if err != nil || len(in.Columns) == 0 {
		return nil // what predicts tables tells what is wrong
	}
	t := &trial{inputs: in}
	for _, c := range in.Columns {
		t.row = append(t.row, cell{Input: c, Value: c.Typical})
	}
	t.arrange()
	return t
}

// arrange divides the row into what is asked at first sight, what lies folded below, and what is not asked.
func (t *trial) arrange() {
	first, all := min(askedFirst, len(t.row)), min(askedAll, len(t.row))
	t.First, t.Rest, t.Others = t.row[:first], slices.Clone(t.row[first:all]), len(t.row)-all
	slices.SortFunc(t.Rest, func(a, b cell) int { return a.At - b.At })
}

// fill takes the row as it was sent; of columns that were not sent it stays as it is.
func (t *trial) fill(sent url.Values) {
	for i := range t.row {
		c := &t.row[i]
		if values := sent[c.Key()]; len(values) > 0 {
			c.Value = strings.ReplaceAll(values[0], "\r\n", "\n") // which a browser makes of each line's end
		}
		c.Problem = c.Fault(c.Value)
	}
	t.arrange()
}

// wrong reports a cell that the model would not see as it was meant.
func (t *trial) wrong() bool {
	return slices.ContainsFunc(t.row, func(c cell) bool { return c.Problem != "" })
}

// Open tells whether the folded part is shown: something in it is not as usual.
func (t *trial) Open() bool {
	return slices.ContainsFunc(t.Rest, func(c cell) bool { return c.Problem != "" || c.Value != c.Typical })
}

// Key is the field's name in the form. A column's own name may hold what browsers change.
func (c cell) Key() string { return fmt.Sprintf("column-%d", c.At) }

// Chosen reports a field with a list to choose from, Proposed one to type in with proposals.
func (c cell) Chosen() bool {
	return c.Kind == job.Filled || c.Kind == job.Choice && len(c.Levels) <= selected
}

// Proposals are categories of which one is typed.
func (c cell) Proposals() []string {
	if c.Kind != job.Choice || c.Chosen() {
		return nil
	}
	return c.Levels[:min(len(c.Levels), proposed)]
}

// Options are what can be chosen.
func (c cell) Options() []choice {
	if c.Kind == job.Filled {
		return []choice{{"", "empty"}, {c.Usual[0], "filled in"}}
	}
	all := []choice{{"", "– not known –"}}
	for _, level := range c.Levels {
		all = append(all, choice{level, level})
	}
	return all
}

// Hint says what is usual.
func (c cell) Hint() string {
	var all []string
	if c.Unit != "" {
		all = append(all, "in "+c.Unit)
	}
	switch {
	case c.Kind == job.Filled:
		all = append(all, "the model sees only whether it is filled in")
	case c.Proposals() != nil:
		all = append(all, fmt.Sprintf("one of %d that are known", len(c.Levels)))
	case c.Kind == job.Choice || len(c.Ends) == 0:
	case len(c.Usual) > 0 && (c.Usual[0] != c.Ends[0] || c.Usual[2] != c.Ends[1]):
		all = append(all, fmt.Sprintf("mostly %s to %s", c.Usual[0], c.Usual[2]), fmt.Sprintf("in all %s to %s", c.Ends[0], c.Ends[1]))
	default:
		all = append(all, fmt.Sprintf("%s to %s", c.Ends[0], c.Ends[1]))
	}
	return strings.Join(all, ", ")
}

// Keypad tells which keys a phone shows.
func (c cell) Keypad() string {
	if c.Kind == job.Quantity && len(c.Ends) > 0 && !strings.HasPrefix(c.Ends[0], "-") && !strings.Contains(c.Ends[0], ":") { // iPhones show no such signs with digits
		return "decimal"
	}
	return "text"
}

// try answers a row that a person filled in by hand, on the job's page.
func (s *Site) try(w http.ResponseWriter, r *http.Request) error {
	j, err := s.find(r.Context(), r)
	if err != nil {
		return err
	}
	if j.State != store.Finished {
		return fmt.Errorf("job %d is %s: %w", j.ID, j.State, queue.ErrState)
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxRow)
	if err := r.ParseForm(); err != nil {
		return err
	}
	p, err := s.page(r.Context(), j)
	if err != nil {
		return err
	}
	if p.Try == nil {
		return store.ErrNotFound
	}
	return show(w, s.answer(r.Context(), j, p.Try, r.PostForm), "job.html", p)
}

// answer has the model answer the row that was sent, and some that differ from it in one cell. It tells the status of the page.
func (s *Site) answer(ctx context.Context, j store.Job, t *trial, sent url.Values) int {
	if t.fill(sent); t.wrong() {
		return http.StatusUnprocessableEntity
	}
	others := t.variants()
	predictions, _, err := s.api.Predict(ctx, j.ID, s.api.Queue.Place.Run(j), "row.csv", bytes.NewReader(t.table(others)))
	if err == nil {
		defer predictions.Close()
		t.Answer, err = t.read(predictions, others)
	}
	if err != nil {
		t.Problem = err.Error()
		return api.StatusOf(err)
	}
	return http.StatusOK
}

// variant is the row with another value in one of its cells.
type variant struct {
	at    int // of the trial's row
	value string
}

// How many rows are asked beside the one that was sent.
const (
	changedColumns = 5
	changes        = 3
)

// variants are the row with what is usual in the columns that the model relies on most, one at a time.
func (t *trial) variants() []variant {
	var all []variant
	columns := 0
	for i, c := range t.row {
		n := len(all)
		for _, value := range c.instead() {
			all = append(all, variant{i, value})
		}
		if len(all) > n {
			columns++
		}
		if columns == changedColumns {
			break
		}
	}
	return all
}

// instead are usual values that the cell does not hold.
func (c cell) instead() []string {
	now := strings.TrimSpace(c.Value)
	usual := slices.Compact(slices.Clone(c.Usual))
	if c.Kind == job.Filled && now != "" {
		usual = []string{""}
	}
	usual = slices.DeleteFunc(usual, func(value string) bool { return value == now })
	return usual[:min(len(usual), changes)]
}

// table is the row and its variants as CSV. All is quoted: nothing in it is taken for something else.
func (t *trial) table(others []variant) []byte {
	var names, row []string
	for _, c := range t.row {
		names, row = append(names, c.Name), append(row, c.Value)
	}
	text := appendLine(appendLine(nil, names), row)
	for _, v := range others {
		changed := slices.Clone(row)
		changed[v.at] = v.value
		text = appendLine(text, changed)
	}
	return text
}

func appendLine(text []byte, cells []string) []byte {
	for i, c := range cells {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(append(append(text, '"'), strings.ReplaceAll(c, `"`, `""`)...), '"')
	}
	return append(text, '\n')
}
