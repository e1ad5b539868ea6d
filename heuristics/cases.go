package heuristics

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"tuned/words"
)

// Cases is a file of rule cases: facts in, plan out. See docs/rules.md for its form.
type Cases struct {
	cases []*ruleCase
}

// ruleCase is one [[case]], with all that it takes over from the case that it is like.
type ruleCase struct {
	name         string
	at           place
	architecture string
	base         bool // only there for others to be like it
	facts, pins  map[string]any
	settings     map[string]any // for watches: the settings as they are now
	expect       []entry
}

// tolerance is how far a number may be from what a case expects, as a share of it: cases are written with rounded numbers.
const tolerance = 0.005

// keys of a case's expectations.
const (
	expectSettings = "expect"  // setting = value
	expectRules    = "rules"   // setting = id of the rule that decides it
	expectChecks   = "checks"  // ids of all checks that fire
	expectWant     = "want"    // the probe that is wanted
	expectWatches  = "watches" // ids of all watches that fire
	expectSet      = "set"     // setting = value that the first of these watches gives it
)

var caseKeys = []string{
	"name", "like", "base", "architecture", "facts", "pin", "settings",
	expectSettings, expectRules, expectChecks, expectWant, expectWatches, expectSet,
}

// ReadCases reads a file of cases. The error is an Errors.
func ReadCases(name, text string) (*Cases, error) {
	blocks, errs := parseBlocks(&file{name, text})
	r := &caseReader{errors: errs, byName: map[string]*ruleCase{}}
	for _, b := range blocks {
		r.read(b)
	}
	if len(r.errors) > 0 {
		return nil, r.errors
	}
	return &Cases{r.cases}, nil
}

type caseReader struct {
	cases  []*ruleCase
	byName map[string]*ruleCase
	errors Errors
}

func (r *caseReader) fail(err *Error) { r.errors = append(r.errors, err) }

func (r *caseReader) read(b *block) {
	if b.kind != "case" {
		r.fail(b.at.errorf(words.DidYouMean(b.kind, []string{"case"}), "unknown block [[%s]]", b.kind))
		return
	}
	c := &ruleCase{at: b.at, facts: map[string]any{}, pins: map[string]any{}, settings: map[string]any{}}
	for _, e := range b.entries {
		if e.key == "like" {
			r.inherit(c, e)
		}
	}
	for _, e := range b.entries {
		r.field(c, e)
	}
	if c.name == "" {
		r.fail(b.at.errorf("add name = …", "this case has no name"))
	} else if _, twice := r.byName[c.name]; twice {
		r.fail(b.at.errorf("", "there is another case %q", c.name))
	}
	r.byName[c.name] = c
	r.cases = append(r.cases, c)
}

func (r *caseReader) inherit(c *ruleCase, e entry) {
	from, ok := r.byName[e.value.text]
	if !ok {
		r.fail(e.value.place(0).errorf(cmp.Or(words.DidYouMean(e.value.text, sortedKeys(r.byName)), "it must stand before this one"), "unknown case %q", e.value.text))
		return
	}
	c.architecture = from.architecture
	c.facts, c.pins, c.settings = maps.Clone(from.facts), maps.Clone(from.pins), maps.Clone(from.settings)
}

func (r *caseReader) field(c *ruleCase, e entry) {
	switch e.key {
	case "name":
		c.name = e.value.text
	case "architecture":
		c.architecture = e.value.text
	case "base":
		c.base = e.value.text == "true"
	case "facts":
		r.values(c.facts, e)
	case "pin":
		r.values(c.pins, e)
	case "settings":
		r.values(c.settings, e)
	case "like":
	default:
		if !slices.Contains(caseKeys, e.key) {
			r.fail(e.at.errorf(words.DidYouMean(e.key, caseKeys), "unknown key %q", e.key))
			return
		}
		c.expect = append(c.expect, e)
	}
}

func (r *caseReader) values(into map[string]any, e entry) {
	if e.value.kind != unstable.InlineTable {
		r.fail(e.at.errorf("", "%s should be a table: [case.%s]", e.key, e.key))
	}
	for _, v := range e.value.table {
		parsed, err := v.value.parse()
		if err != nil {
			r.fail(v.value.at.errorf("", "%s", err))
			continue
		}
		into[v.key] = parsed
	}
}

// parse is the Go value of a TOML one.
func (v value) parse() (any, error) {
	plain := strings.ReplaceAll(v.text, "_", "")
	switch v.kind {
	case unstable.String:
		return v.text, nil
	case unstable.Bool:
		return v.text == "true", nil
	case unstable.Integer:
		return strconv.ParseInt(plain, 10, 64)
	case unstable.Float:
		return strconv.ParseFloat(plain, 64)
	}
	return nil, fmt.Errorf("a number, a text, or true or false is expected here")
}

// Books gives the book for an architecture's name; "" is the architecture of cases that name none.
type Books func(architecture string) (*Book, error)

// CaseResult is how one case went.
type CaseResult struct {
	Name     string
	Place    string // file:line
	Failures []string
	Answer   Answer     // the plan, for a case about one
	Reaction []Reaction // of the watches, for a case about them
}

// Unfired is a rule, check or watch that no case fired.
type Unfired struct {
	Kind, ID, Layer, Place string
}

// TestReport is how all cases went.
type TestReport struct {
	Results []CaseResult
	Fired   map[string]int // by id: in how many cases
	Never   []Unfired
}

// Passed tells whether every case is as expected. Unfired rules are for the caller to judge: those of a layer that the
// cases are not about don't matter.
func (r TestReport) Passed() bool {
	return !slices.ContainsFunc(r.Results, func(c CaseResult) bool { return len(c.Failures) > 0 })
}

// Test runs cases against the books. The error is one of loading a book.
func Test(books Books, files ...*Cases) (TestReport, error) {
	t := &tester{books: books, loaded: map[string]*Book{}, report: TestReport{Fired: map[string]int{}}}
	for _, f := range files {
		for _, c := range f.cases {
			if c.base {
				continue
			}
			if err := t.run(c); err != nil {
				return TestReport{}, fmt.Errorf("case %q: %w", c.name, err)
			}
		}
	}
	t.never()
	return t.report, nil
}

type tester struct {
	books  Books
	loaded map[string]*Book
	report TestReport
}

func (t *tester) book(architecture string) (*Book, error) {
	if b, ok := t.loaded[architecture]; ok {
		return b, nil
	}
	b, err := t.books(architecture)
	if err == nil {
		t.loaded[architecture] = b
	}
	return b, err
}

func (t *tester) run(c *ruleCase) error {
	b, err := t.book(c.architecture)
	if err != nil {
		return err
	}
	j := &caseJudge{ruleCase: c, fired: t.report.Fired, result: CaseResult{Name: c.name, Place: c.at.String()}}
	if slices.ContainsFunc(sortedKeys(c.facts), func(name string) bool { return b.catalogue.fact[name].Probe == DuringTraining }) {
		j.watches(b)
	} else {
		j.plan(b)
	}
	t.report.Results = append(t.report.Results, j.result)
	return nil
}

// never lists what no case fired, in the order of the books.
func (t *tester) never() {
	seen := map[string]bool{}
	for _, name := range sortedKeys(t.loaded) {
		for _, it := range t.loaded[name].items {
			if t.report.Fired[it.id] == 0 && !seen[it.id] {
				seen[it.id] = true
				t.report.Never = append(t.report.Never, Unfired{it.kind, it.id, it.from.Name, it.at.String()})
			}
		}
	}
}

// near tells whether a value is what a case expects.
func near(expected, actual any) bool {
	e, err := convert(Float, expected)
	a, err2 := convert(Float, actual)
	if err != nil || err2 != nil {
		return expected == actual
	}
	x, y := e.(float64), a.(float64)
	return x == y || math.Abs(x-y) <= tolerance*math.Abs(x)
}
