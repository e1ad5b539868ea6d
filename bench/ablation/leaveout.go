package ablation

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"tuned/bench/stats"
)

// A rule's choice carries over when the sets without one would have made it for that one: each set is left out in turn,
// the others pick among the rule and its alternatives, and the pick is judged on the set that was left out.

// choice is a rule with its alternatives as measured at a commit on equal terms, on the sets that ran them all.
type choice struct {
	rule, commit string
	Terms
	names []string    // alternatives
	sets  []string    // those that ran all
	worse [][]float64 // by set, by alternative: see relative
	shift float64     // that the errors are compared with
}

// picked is what the other sets would have picked for set i: an alternative, or -1 for the rule as it is.
func (c choice) picked(i int) int {
	best, at := 0.0, -1
	for a := range c.names {
		sum := 0.0
		for j := range c.sets {
			if j != i {
				sum += c.worse[j][a]
			}
		}
		if sum < best {
			best, at = sum, a
		}
	}
	return at
}

// render is the choice's line: how often the rule as it is was picked, and what the picks changed on the sets left out.
func (c choice) render() string {
	kept := 0
	changes := make([]float64, len(c.sets))
	for i := range c.sets {
		if a := c.picked(i); a < 0 {
			kept++
		} else {
			changes[i] = c.worse[i][a]
		}
	}
	in := stats.Bootstrap(changes, stats.Mean, 4000, 0.95)
	return fmt.Sprintf("| %s | %s | %s | %d | %d | %s | %s |\n",
		c.rule, strings.Join(c.names, ", "), c.Terms, len(c.sets), kept, grown(in), c.commit)
}

// choices groups the alternatives by rule, commit and size; those on fewer than three common sets say nothing.
func choices(all []Line, shift float64) []choice {
	var found []choice
	for _, v := range variants(all) {
		rule, name, _ := strings.Cut(v.variant, "~")
		at := slices.IndexFunc(found, func(c choice) bool {
			return c.rule == rule && c.commit == v.commit && c.Terms == v.Terms
		})
		if at < 0 {
			at, found = len(found), append(found, choice{rule: rule, commit: v.commit, Terms: v.Terms, shift: shift})
		}
		found[at].names = append(found[at].names, name)
	}
	for i := range found {
		found[i].measure(all)
	}
	return slices.DeleteFunc(found, func(c choice) bool { return len(c.sets) < 3 })
}

// measure fills in the sets that ran the rule and every alternative.
func (c *choice) measure(all []Line) {
	worse := map[string][]float64{}
	var order []string
	for _, name := range c.names {
		for _, p := range paired(all, version{c.rule + "~" + name, c.commit, c.Terms}) {
			if worse[p.set] == nil {
				order = append(order, p.set)
			}
			worse[p.set] = append(worse[p.set], relative(p, c.shift))
		}
	}
	for _, set := range order {
		if len(worse[set]) == len(c.names) {
			c.sets, c.worse = append(c.sets, set), append(c.worse, worse[set])
		}
	}
}

// relative is the logarithm of how much larger the alternative's error is, so that twice and half as large cancel out; the shift keeps an error of zero from counting without bound.
func relative(p pair, shift float64) float64 { return math.Log((p.other + shift) / (p.base + shift)) }

const errorShift = 0.002

// grown is an interval of logarithms, as the growth that it stands for.
func grown(in stats.Interval) string {
	return fmt.Sprintf("%+.2f %% (%+.2f … %+.2f)", 100*math.Expm1(in.Estimate), 100*math.Expm1(in.Low), 100*math.Expm1(in.High))
}
