package ablation

import (
	"fmt"
	"slices"
	"strings"

	"tuned/bench/stats"
	"tuned/bench/study"
	"tuned/bench/summary"
)

// The whole rulebook carries over when it does as well on each set with the rules that the other sets alone would have
// picked. A set's pick is one alternative, or none, of every rule; it is run as one book.

// Whole is the rulebook as it is and its alternatives, measured on the same places, each set at one commit.
type Whole struct {
	base  map[string]Line // by place
	lines []Line
}

// Judge takes, of each set, the lines of the commit that ran it last: a change of the rules need not run again what it leaves
// alone.
func Judge(all []Line) Whole {
	w := Whole{base: map[string]Line{}}
	last := map[string]string{}
	for _, l := range all {
		last[l.Set] = l.Commit
	}
	for _, l := range all {
		if l.Commit != last[l.Set] {
			continue
		}
		w.lines = append(w.lines, l)
		if l.Variant == "" {
			w.base[l.place()] = l
		}
	}
	return w
}

// Concerns tells whether a variant replaces a rule that decided a line's place as it is.
func (w Whole) Concerns(l Line, variant string) bool {
	return slices.ContainsFunc(Alternatives(variant), func(one string) bool {
		rule, _, _ := strings.Cut(one, "~")
		return slices.Contains(w.base[l.place()].Decided, rule)
	})
}

// joint stands between the alternatives of a variant that is several at once.
const joint = " + "

// Alternatives are those that a variant consists of, each "ID~NAME".
func Alternatives(variant string) []string { return strings.Split(variant, joint) }

// Picks are, as a variant, the alternatives that the other sets would have picked for each set; empty: the rulebook as it is.
func (w Whole) Picks() map[string]string {
	picks := map[string]string{}
	for _, c := range choices(w.filled(), summary.Shift) {
		for i, set := range c.sets {
			if a := c.picked(i); a >= 0 {
				picks[set] = join(picks[set], c.rule+"~"+c.names[a])
			}
		}
	}
	return picks
}

func join(some, more string) string {
	if some == "" {
		return more
	}
	return some + joint + more
}

// filled adds what did not have to run: an alternative to a rule that did not decide anything changes nothing. Commits are left
// out, since they differ from set to set.
func (w Whole) filled() []Line {
	var singles []Line
	have := map[string]bool{}
	for _, l := range w.lines {
		if l.Commit = ""; !strings.Contains(l.Variant, joint) {
			singles, have[l.Key()] = append(singles, l), true
		}
	}
	for _, v := range variants(singles) {
		for _, l := range w.base {
			if l.Variant, l.Commit = v.variant, ""; !have[l.Key()] {
				singles = append(singles, l)
			}
		}
	}
	return singles
}

// left is what the pick without a line's set did at its place.
func (w Whole) left(base Line, pick string) Line {
	for _, l := range w.lines {
		if l.Variant == pick && l.place() == base.place() && l.Error >= 0 {
			return l
		}
	}
	return base
}

// Render compares the rulebook as it is with what the other sets would have picked, by itself and beside a search.
func (w Whole) Render(searched []study.Line) string {
	picks := w.Picks()
	var asIs, left []Line
	for _, l := range w.lines {
		if l.Variant == "" {
			asIs, left = append(asIs, l), append(left, w.left(l, picks[l.Set]))
		}
	}
	var b strings.Builder
	b.WriteString("# The whole rulebook, one data set left out\n\nEach set is left out in turn. Of each rule that has alternatives the others pick it or the one that errs least in the mean over them (relative errors, ")
	fmt.Fprintf(&b, "%v added), and the set that was left out runs with all of their picks together. What it costs shows how much of the figures is owed to choosing the rules on the sets that they are judged on. That these rules were thought of at all, with every set in view, it does not undo: only other sets can show that.\n\n", summary.Shift)
	if len(asIs) > 0 {
		fmt.Fprintf(&b, "Made by `go run ./bench leaveout` on %s, at most %d rows: %d runs, of each set at the commit that ran it last (%s).\n\n",
			asIs[0].Machine, asIs[0].Rows, len(w.lines), strings.Join(commits(asIs), ", "))
	}
	b.WriteString(besideSearch(asIs, left, searched))
	b.WriteString(bySet(asIs, left, picks))
	return b.String()
}

func commits(all []Line) []string {
	var some []string
	for _, l := range all {
		if !slices.Contains(some, l.Commit) {
			some = append(some, l.Commit)
		}
	}
	return some
}

// besideSearch gives both the same comparison with a search.
func besideSearch(asIs, left []Line, searched []study.Line) string {
	var b strings.Builder
	b.WriteString("| against | sets | the rulebook as it is | the picks of the others | win / tie / loss, as it is | picks |\n|---|---|---|---|---|---|\n")
	ours, theirs := summary.Summarise(runs(asIs, searched)), summary.Summarise(runs(left, searched))
	for i, a := range ours.Arms {
		o := theirs.Arms[i]
		fmt.Fprintf(&b, "| %s | %d | %s | %s | %s | %s |\n", a.Arm, len(a.Sets), percent(a.Difference), percent(o.Difference), tally(a.Tally), tally(o.Tally))
	}
	return b.String() + "\n"
}

// runs are lines as those of the arm "tuned", beside a search's.
func runs(ours []Line, searched []study.Line) []study.Line {
	all := slices.Clone(searched)
	for _, l := range ours {
		all = append(all, study.Line{Arm: "tuned", Set: l.Set, Rows: l.Rows, Split: l.Split, Test: &l.Error, FLOPs: l.FLOPs, CPUSeconds: l.CPUSeconds})
	}
	return all
}

// bySet lists what the picks changed on each set, and over all of them.
func bySet(asIs, left []Line, picks map[string]string) string {
	var all []Line
	for i, l := range asIs {
		other := left[i]
		other.Variant = "left"
		all = append(all, l, other)
	}
	var b strings.Builder
	b.WriteString("| left out | splits | as it is | with the picks | change | picked by the others instead of the rule |\n|---|---|---|---|---|---|\n")
	var changes []float64
	for _, v := range variants(all) {
		for _, p := range paired(all, v) {
			changes = append(changes, relative(p, summary.Shift))
			fmt.Fprintf(&b, "| %s | %d | %.4f | %.4f | %+.1f %% | %s |\n", p.set, p.splits, p.base, p.other, 100*changes[len(changes)-1], picks[p.set])
		}
	}
	if len(changes) == 0 {
		return ""
	}
	return b.String() + fmt.Sprintf("\nOver all sets: %s.\n", percent(stats.Bootstrap(changes, stats.Mean, 4000, 0.95)))
}

func percent(in stats.Interval) string {
	return fmt.Sprintf("%+.2f %% (%+.2f … %+.2f)", 100*in.Estimate, 100*in.Low, 100*in.High)
}

func tally(t stats.Tally) string { return fmt.Sprintf("%d / %d / %d", t.Win, t.Tie, t.Loss) }
