package ablation

import (
	"strings"
	"testing"

	"tuned/bench/study"
)

// decided is the rulebook's own run on a set, by the rule r.
func decided(set string, err float64) Line {
	l := measured("", set, err)
	l.Decided = []string{"r", "s"}
	return l
}

func TestPicksJoinTheRulesOfTheOtherSets(t *testing.T) {
	var all []Line
	for _, set := range []string{"a", "b", "c", "d"} {
		all = append(all, decided(set, 0.1), measured("r~half", set, 0.08), measured("s~none", set, 0.12))
	}
	all[1].Error = 0.3 // half is bad on a: whoever leaves out another set sees that
	w := Judge(all)
	picks := w.Picks()
	if picks["a"] != "r~half" || picks["b"] != "" {
		t.Errorf("%v", picks)
	}
	for i := range all {
		if all[i].Variant == "s~none" {
			all[i].Error = 0.05
		}
	}
	if picks = Judge(all).Picks(); picks["a"] != "r~half + s~none" || picks["b"] != "s~none" {
		t.Errorf("%v", picks)
	}
}

func TestARuleThatDidNotDecideChangesNothing(t *testing.T) {
	all := []Line{decided("a", 0.1), decided("b", 0.1), measured("", "c", 0.1), measured("r~half", "a", 0.08), measured("r~half", "b", 0.08)}
	w := Judge(all)
	if w.Concerning(all[0], "q~none + r~half") != "r~half" || w.Concerning(all[2], "r~half") != "" || w.Concerning(all[0], "") != "" {
		t.Error("what concerns a set is what replaces a rule that decided there")
	}
	if l, ok := w.Find(all[2], "r~half"); !ok || l.Variant != "" {
		t.Errorf("what does not concern a set is the rulebook as it is: %+v", l)
	}
	if picks := w.Picks(); picks["c"] != "r~half" || picks["a"] != "r~half" {
		t.Errorf("a set without the rule counts as level: %v", picks)
	}
}

// TestWhatDidNotRunIsFilledInOrder: a mean over splits is a sum, whose last digits hang on it.
func TestWhatDidNotRunIsFilledInOrder(t *testing.T) {
	all := []Line{decided("a", 0.1), measured("r~half", "a", 0.08)}
	for _, set := range strings.Split("bcdefghij", "") {
		all = append(all, measured("", set, 0.1))
	}
	sets := ""
	for _, l := range Judge(all).filled()[len(all):] {
		sets += l.Set
	}
	if sets != "bcdefghij" {
		t.Errorf("the sets are filled in the order %s", sets)
	}
}

func TestWhatAChangeOfTheRulesLeftAloneStillCounts(t *testing.T) {
	var all []Line
	for _, set := range []string{"a", "b", "c"} {
		all = append(all, decided(set, 0.5), measured("r~half", set, 0.4))
	}
	for _, again := range []Line{decided("a", 0.5), decided("b", 0.1), decided("c", 0.1)} {
		again.Commit = "new"
		all = append(all, again)
	}
	w := Judge(all)
	if l, ok := w.Find(all[0], "r~half"); !ok || l.Error != 0.4 {
		t.Errorf("a runs as before, so that what was measured beside it stands: %+v", w.lines)
	}
	if _, ok := w.Find(all[2], "r~half"); ok || len(w.lines) != 4 {
		t.Errorf("b changed, so that its alternative has to run again: %+v", w.lines)
	}
}

func TestWhatDidNotRunIsLeftOutAndNamed(t *testing.T) {
	var all []Line
	for _, set := range []string{"a", "b", "c"} {
		all = append(all, decided(set, 0.1), measured("r~half", set, 0.09), measured("s~none", set, 0.09))
		if set != "c" {
			all = append(all, measured("r~half + s~none", set, 0.08))
		}
	}
	page := Judge(all).Render(nil)
	for _, want := range []string{"**Not complete:** what the others picked was not run on c;", "| a | 1 | 0.1000 | 0.0800"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if strings.Contains(page, "| c |") {
		t.Errorf("c counts as level:\n%s", page)
	}
}

func TestTheWholeBesideASearch(t *testing.T) {
	var all []Line
	var searched []study.Line
	third := 0.3
	for _, set := range []string{"a", "b", "c"} {
		all = append(all, decided(set, 0.1), measured("r~half", set, 0.09))
		searched = append(searched, study.Line{Arm: "random", Set: set, Validation: &third, Test: &third, FLOPs: 10})
	}
	page := Judge(all).Render(searched)
	for _, want := range []string{"| random | 3 | -64.5", "| -67.7", "| a | 1 | 0.1000 | 0.0900 | -9.1 % | r~half |", "Over all sets: -9.09"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
}
