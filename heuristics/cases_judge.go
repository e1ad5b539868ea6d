package heuristics

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// caseJudge holds one case against a book.
type caseJudge struct {
	*ruleCase
	fired  map[string]int
	result CaseResult
}

func (j *caseJudge) fail(at place, format string, args ...any) {
	j.result.Failures = append(j.result.Failures, at.String()+": "+fmt.Sprintf(format, args...))
}

// plan judges a case about decisions and checks.
func (j *caseJudge) plan(b *Book) {
	answer, err := b.Plan(Input{Facts: j.facts, Pins: j.pins})
	if err != nil {
		j.fail(j.at, "%s", err)
		return
	}
	j.result.Answer = answer
	for _, d := range answer.Decisions {
		j.fired[d.Rule]++
	}
	for _, f := range answer.Findings {
		j.fired[f.Check]++
	}
	j.wanted(answer.Want)
	for _, e := range j.expect {
		switch e.key {
		case expectSettings:
			j.values(e, answer.Settings())
		case expectRules:
			j.values(e, rulesOf(answer))
		case expectChecks:
			j.ids(e, checksOf(answer))
		case expectWant:
		default:
			j.fail(e.at, "%s is for a case with facts of the training", e.key)
		}
	}
}

func rulesOf(a Answer) map[string]any {
	rules := map[string]any{}
	for _, d := range a.Decisions {
		rules[d.Setting] = d.Rule
	}
	return rules
}

func checksOf(a Answer) []string {
	var ids []string
	for _, f := range a.Findings {
		ids = append(ids, f.Check)
	}
	return ids
}

// wanted holds the probe that is wanted against what the case says; a case that says nothing expects a finished plan.
func (j *caseJudge) wanted(want *Want) {
	expected, at := "", j.at
	if e, ok := lookup(j.expect, expectWant); ok {
		expected, at = e.value.text, e.at
	}
	actual := ""
	if want != nil {
		actual = want.Probe
	}
	switch {
	case actual == expected:
	case expected == "":
		j.fail(at, "the plan is not finished: it wants the probe %q; give its facts", actual)
	default:
		j.fail(at, "wants the probe %q, expected %q", actual, expected)
	}
}

// values compares expected values by name.
func (j *caseJudge) values(e entry, actual map[string]any) {
	for _, want := range e.value.table {
		expected, err := want.value.parse()
		got, known := actual[want.key]
		switch {
		case err != nil:
			j.fail(want.at, "%s", err)
		case !known:
			j.fail(want.at, "%s is not decided", want.key)
		case !near(expected, got):
			j.fail(want.at, "%s is %v, expected %v", want.key, got, expected)
		}
	}
}

// ids compares lists of names.
func (j *caseJudge) ids(e entry, actual []string) {
	if e.value.kind != unstable.Array {
		j.fail(e.at, "%s should be a list: [\"…\"]", e.key)
		return
	}
	var expected []string
	for _, v := range e.value.table {
		expected = append(expected, v.value.text)
	}
	if !slices.Equal(expected, actual) {
		j.fail(e.at, "%s are [%s], expected [%s]", e.key, strings.Join(actual, ", "), strings.Join(expected, ", "))
	}
}

// watches judges a case about what happens during training.
func (j *caseJudge) watches(b *Book) {
	var ids []string
	set := map[string]any{}
	for _, w := range b.watches {
		r, err := w.Judge(j.facts, j.settings)
		if err != nil {
			j.fail(j.at, "%s", err)
		}
		if r == nil {
			continue
		}
		if len(ids) == 0 {
			set = r.Set
		}
		ids = append(ids, r.Watch)
		j.fired[r.Watch]++
		j.result.Reaction = append(j.result.Reaction, *r)
	}
	for _, e := range j.expect {
		switch e.key {
		case expectWatches:
			j.ids(e, ids)
		case expectSet:
			j.values(e, set)
		default:
			j.fail(e.at, "%s is for a case without facts of the training", e.key)
		}
	}
}
