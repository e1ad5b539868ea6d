package page

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"tuned/job"
	"tuned/words"
)

// answer is what the model says of a row, for people.
type answer struct {
	Target, Said string
	Sure         string // classes: how probable the answer is
	Likelier     *odds  // a class that is more probable than the answer
	Odds         []odds // classes: the most probable ones, first
	Rest         string // how probable the others are together; "": there are none
	Low, High    string // numbers: between these in nine of ten cases; "" where that is not known
	Cautions     []string
	Changes      []changed // what would change it
}

// odds are how probable a class is.
type odds struct {
	Class, Text string
	Share       float64 // 0 … 100
}

// changed are the answers to a row with other values in one of its columns.
type changed struct {
	Column string
	Now    string
	To     []alternative
}

// alternative is the answer to a row with another value.
type alternative struct {
	Value string
	Said  string // numbers, and classes where it is another one
	By    string // numbers: how far it is from the row's own
	Odds  *odds  // classes: of the row's own answer
}

// mostOdds is how many classes are shown.
const mostOdds = 8

// said is a row of predictions.
type said struct {
	answer        string
	probabilities []float64 // by class
	low, high     string
}

// readPredictions reads what was predicted for some rows.
func readPredictions(text io.Reader, classes []string) ([]said, error) {
	lines, err := csv.NewReader(text).ReadAll()
	if err != nil || len(lines) < 2 {
		return nil, fmt.Errorf("the predictions cannot be read: %d lines: %w", len(lines), err)
	}
	cell := func(line []string, name string) string {
		if i := slices.Index(lines[0], name); i >= 0 {
			return line[i]
		}
		return ""
	}
	var all []said
	for _, line := range lines[1:] {
		one := said{answer: cell(line, "prediction")}
		for _, class := range classes {
			p, err := strconv.ParseFloat(cell(line, "p_"+class), 64)
			if err != nil {
				return nil, fmt.Errorf("the predictions cannot be read: %w", err)
			}
			one.probabilities = append(one.probabilities, p)
		}
		if classes == nil {
			one.low, one.high = cell(line, "low"), cell(line, "high")
		} else if !slices.Contains(classes, one.answer) {
			return nil, fmt.Errorf("the predictions cannot be read: %q is no class", one.answer)
		}
		all = append(all, one)
	}
	return all, nil
}

// read says in words what was predicted for the row and its variants.
func (t *trial) read(text io.Reader, others []variant) (*answer, error) {
	all, err := readPredictions(text, t.inputs.Classes)
	if err != nil {
		return nil, err
	}
	if len(all) != 1+len(others) {
		return nil, fmt.Errorf("%d rows were predicted, not %d", len(all), 1+len(others))
	}
	a := &answer{Target: t.inputs.Target, Said: all[0].answer, Cautions: t.cautions()}
	if t.inputs.Classes == nil {
		a.Said, a.Low, a.High = t.number(all[0].answer), t.number(all[0].low), t.number(all[0].high)
	} else {
		a.weigh(t.inputs.Classes, all[0].probabilities)
	}
	for i, v := range others {
		a.change(t.row[v.at], t.alternative(v, all[0], all[1+i]))
	}
	return a, nil
}

// number is a predicted number with its unit.
func (t *trial) number(text string) string {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return strings.TrimSpace(words.Value(v) + " " + t.inputs.Unit)
}

// weigh says how probable each class is.
func (a *answer) weigh(classes []string, probabilities []float64) {
	for i, class := range classes {
		a.Odds = append(a.Odds, oddsOf(class, probabilities[i]))
	}
	slices.SortStableFunc(a.Odds, func(x, y odds) int { return cmp.Compare(y.Share, x.Share) })
	own := a.Odds[slices.IndexFunc(a.Odds, func(o odds) bool { return o.Class == a.Said })]
	if a.Sure = own.Text; a.Odds[0].Share > own.Share {
		a.Likelier = &a.Odds[0]
	}
	rest := 0.0
	for _, o := range a.Odds[min(mostOdds, len(a.Odds)):] {
		rest += o.Share / 100
	}
	if n := len(a.Odds) - mostOdds; n > 0 {
		a.Odds, a.Rest = a.Odds[:mostOdds], fmt.Sprintf("%d others together: %s.", n, probability(rest))
	}
}

func oddsOf(class string, p float64) odds { return odds{class, probability(p), 100 * p} }

// probability writes a probability as per cent. None is quite certain.
func probability(p float64) string {
	switch {
	case p > 0.999:
		return "over 99.9 %"
	case p < 0.001:
		return "under 0.1 %"
	}
	return words.Format(math.Round(1000*p)/1000, "share")
}

// cautions are what makes the row unlike all that the model learned from.
func (t *trial) cautions() []string {
	var all []string
	for _, c := range t.row {
		switch {
		case c.Always && strings.TrimSpace(c.Value) == "":
			all = append(all, fmt.Sprintf("%s is empty here, and in none of the rows that the model learned from.", c.Name))
		case c.Beyond(c.Value):
			all = append(all, fmt.Sprintf("%s is beyond the values that the model learned from: %s to %s.", c.Name, c.Ends[0], c.Ends[1]))
		}
	}
	return all
}

// change adds the answer to a variant of a cell.
func (a *answer) change(c cell, to alternative) {
	if n := len(a.Changes); n == 0 || a.Changes[n-1].Column != c.Name {
		a.Changes = append(a.Changes, changed{Column: c.Name, Now: shown(c.Input, c.Value)})
	}
	last := &a.Changes[len(a.Changes)-1]
	last.To = append(last.To, to)
}

func (t *trial) alternative(v variant, own, other said) alternative {
	to := alternative{Value: shown(t.row[v.at].Input, v.value)}
	if t.inputs.Classes == nil {
		to.Said, to.By = t.number(other.answer), difference(own.answer, other.answer)
		return to
	}
	class := slices.Index(t.inputs.Classes, own.answer)
	o := oddsOf(own.answer, other.probabilities[class])
	if to.Odds = &o; other.answer != own.answer {
		to.Said = other.answer
	}
	return to
}

// difference says how far another number is from one.
func difference(from, to string) string {
	a, _ := strconv.ParseFloat(from, 64)
	b, _ := strconv.ParseFloat(to, 64) // both were written by this program
	switch d := b - a; {
	case d > 0:
		return "+" + words.Format(d, "")
	case d < 0:
		return "−" + words.Format(-d, "")
	}
	return "the same"
}

// shown is a cell as a person reads it.
func shown(in job.Input, value string) string {
	switch {
	case strings.TrimSpace(value) == "":
		return "empty"
	case in.Kind == job.Filled:
		return "filled in"
	}
	return value
}
