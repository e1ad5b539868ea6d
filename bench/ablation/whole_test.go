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
	if !w.Concerns(all[0], "s~none + r~half") || w.Concerns(all[2], "r~half") || w.Concerns(all[0], "") {
		t.Error("what concerns a set is what replaces a rule that decided there")
	}
	if picks := w.Picks(); picks["c"] != "r~half" || picks["a"] != "r~half" {
		t.Errorf("a set without the rule counts as level: %v", picks)
	}
}

func TestASetIsJudgedAtTheCommitThatRanItLast(t *testing.T) {
	var all []Line
	for _, set := range []string{"a", "b", "c"} {
		all = append(all, decided(set, 0.5), measured("r~half", set, 0.4))
	}
	for _, set := range []string{"b", "c"} { // the rules changed, but not for a
		again, half := decided(set, 0.1), measured("r~half", set, 0.2)
		again.Commit, half.Commit = "new", "new"
		all = append(all, again, half)
	}
	w := Judge(all)
	if len(w.lines) != 6 || w.base[all[2].place()].Error != 0.1 || w.base[all[0].place()].Error != 0.5 {
		t.Errorf("%+v", w.lines)
	}
	if picks := w.Picks(); picks["a"] != "" {
		t.Errorf("b and c, at the new commit, are worse with half: %v", picks)
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
	for _, want := range []string{"| random | 3 | -64.5", "| -67.7", "| a | 1 | 0.1000 | 0.0900 | -9.5 % | r~half |", "Over all sets: -9.5"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
}
