package ablation

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"tuned/bench/lines"
	"tuned/bench/stats"
	"tuned/bench/study"
	"tuned/bench/summary"
)

// The whole rulebook carries over when it does as well on each set with the rules that the other sets alone would have
// picked. A set's pick is one alternative, or none, of every rule; it is run as one book.

// Whole is the rulebook as it is and its alternatives, measured on the same places.
type Whole struct {
	base  map[string]Line // by place
	lines []Line          // the rulebook's and those that may stand beside them
}

// Judge takes, of each place, the rulebook's last run, and of each alternative the last one of a commit at which the rulebook's
// own run was the same: a change of the rules need not run again what it leaves alone.
func Judge(all []Line) Whole {
	w := Whole{base: map[string]Line{}}
	was := map[string]Line{} // the rulebook's runs, by place and commit
	for _, l := range all {
		if l.Variant == "" {
			w.base[l.place()], was[l.place()+l.Commit] = l, l
		}
	}
	last := map[string]Line{}
	for _, l := range all {
		if then, ok := was[l.place()+l.Commit]; ok && then.same(w.base[l.place()]) {
			last[l.place()+l.Variant] = l
		}
	}
	for _, l := range all {
		if last[l.place()+l.Variant].Commit == l.Commit {
			w.lines = append(w.lines, l)
		}
	}
	return w
}

// same tells whether two runs at a place came to the same bits, as far as a line shows. A probe that was added, or made cheaper, moves
// the FLOPs a little and no answer.
func (l Line) same(other Line) bool {
	return l.Error == other.Error && math.Abs(float64(l.FLOPs-other.FLOPs)) <= 0.01*float64(other.FLOPs)
}

// Concerning is what is left of a variant without those alternatives to rules that decided nothing at a line's place.
func (w Whole) Concerning(l Line, variant string) string {
	left := ""
	for _, one := range Alternatives(variant) {
		rule, _, _ := strings.Cut(one, "~")
		if slices.Contains(w.base[l.place()].Decided, rule) {
			left = join(left, one)
		}
	}
	return left
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
		for _, place := range slices.Sorted(maps.Keys(w.base)) { // sums of three and more hang on their order
			l := w.base[place]
			if l.Variant, l.Commit = v.variant, ""; !have[l.Key()] && w.Concerning(l, v.variant) == "" {
				singles = append(singles, l)
			}
		}
	}
	return singles
}

// Find is what a variant did at a line's place, as far as it concerns the place; not ok: that was not run.
func (w Whole) Find(at Line, variant string) (found Line, ok bool) {
	want := w.Concerning(at, variant)
	for _, l := range w.lines {
		if l.place() == at.place() && l.Error >= 0 && w.Concerning(l, l.Variant) == want {
			return l, true
		}
	}
	return Line{}, false
}

// Render compares the rulebook as it is with what the other sets would have picked, by itself and beside a search.
func (w Whole) Render(searched []study.Line) string {
	picks := w.Picks()
	asIs, left, waiting := w.beside(picks)
	var b strings.Builder
	b.WriteString("# The whole rulebook, one data set left out\n\nEach set is left out in turn. Of each rule that has alternatives the others pick it or the one that errs least in the mean over them (relative errors, ")
	fmt.Fprintf(&b, "%v added), and the set that was left out runs with all of their picks together. What it costs shows how much of the figures is owed to choosing the rules on the sets that they are judged on. That these rules were thought of at all, with every set in view, it does not undo: only other sets can show that.\n\n", summary.Shift)
	if len(asIs) > 0 {
		fmt.Fprintf(&b, "Made by `go run ./bench leaveout` on %s, at most %d rows: %d runs, the rulebook's own at %s, those of its alternatives there or at a commit where the rulebook ran to the same result.\n\n",
			asIs[0].Machine, asIs[0].Rows, len(w.lines), strings.Join(commits(asIs), ", "))
	}
	if len(waiting) > 0 {
		fmt.Fprintf(&b, "**Not complete:** what the others picked was not run on %s; left out below.\n\n", strings.Join(waiting, ", "))
	}
	b.WriteString(besideSearch(asIs, left, searched))
	b.WriteString(bySet(asIs, left, picks))
	return b.String()
}

// beside gathers, place by place, the rulebook's run and that with the picks, and names the sets where the latter is missing.
func (w Whole) beside(picks map[string]string) (asIs, left []Line, waiting []string) {
	for _, l := range w.lines {
		if l.Variant != "" {
			continue
		}
		if other, ok := w.Find(l, picks[l.Set]); ok {
			asIs, left = append(asIs, l), append(left, other)
		} else if !slices.Contains(waiting, l.Set) {
			waiting = append(waiting, l.Set)
		}
	}
	return asIs, left, waiting
}

func commits(all []Line) []string {
	return lines.Distinct(all, func(l Line) string { return l.Commit })
}

// machines are those that the lines are of, in order.
func machines(all []Line) []string {
	return lines.Distinct(all, func(l Line) string { return l.Machine })
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
		other.Variant, other.Commit, l.Commit = "left", "", ""
		all = append(all, l, other)
	}
	var b strings.Builder
	b.WriteString("| left out | splits | as it is | with the picks | change | picked by the others instead of the rule |\n|---|---|---|---|---|---|\n")
	var changes []float64
	for _, v := range variants(all) {
		for _, p := range paired(all, v) {
			changes = append(changes, relative(p, summary.Shift))
			fmt.Fprintf(&b, "| %s | %d | %.4f | %.4f | %+.1f %% | %s |\n", p.set, p.splits, p.base, p.other, 100*math.Expm1(changes[len(changes)-1]), picks[p.set])
		}
	}
	if len(changes) == 0 {
		return ""
	}
	return b.String() + fmt.Sprintf("\nOver all sets: %s.\n", grown(stats.Bootstrap(changes, stats.Mean, 4000, 0.95)))
}

func percent(in stats.Interval) string {
	return fmt.Sprintf("%+.2f %% (%+.2f … %+.2f)", 100*in.Estimate, 100*in.Low, 100*in.High)
}

func tally(t stats.Tally) string { return fmt.Sprintf("%d / %d / %d", t.Win, t.Tie, t.Loss) }
