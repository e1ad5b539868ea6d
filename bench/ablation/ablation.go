// Package ablation compares the rulebook with alternatives to single rules, paired over data sets and splits.
package ablation

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"tuned/bench/lines"
	"tuned/bench/stats"
	"tuned/bench/trial"
)

// Terms are what a run was held to, beside its rules: only runs on equal ones are compared.
type Terms struct {
	Rows         int    `json:"rows"`                   // of a set at most; 0: all
	Metric       string `json:"metric,omitempty"`       // that the job named; empty: accuracy or RMSE
	Architecture string `json:"architecture,omitempty"` // that the job named; empty: a rule picked it
	By           string `json:"by,omitempty"`           // metric of the error, where it is not the job's
}

// String says how many rows a set had at most, and what the job named.
func (t Terms) String() string {
	said := []string{"all"}
	if t.Rows > 0 {
		said[0] = strconv.Itoa(t.Rows)
	}
	for _, named := range []string{t.Metric, t.Architecture} {
		if named != "" {
			said = append(said, named)
		}
	}
	if t.By != "" {
		said = append(said, "by "+t.By)
	}
	return strings.Join(said, ", ")
}

// Line is one run under the rulebook, or under an alternative.
type Line struct {
	Variant string `json:"variant"` // "ID~NAME", several joined by " + "; empty: the rulebook as it is
	Set     string `json:"set"`
	Terms
	Split      int      `json:"split"`
	Error      float64  `json:"error"` // 1 - accuracy, or RMSE over the target's standard deviation, or as trial.Error says; -1: the run failed
	FLOPs      int64    `json:"flops"`
	CPUSeconds float64  `json:"cpu_s"`
	Problem    string   `json:"problem,omitempty"`
	Decided    []string `json:"decided,omitempty"` // ids of the rules that decided; of the rulebook as it is alone
	Machine    string   `json:"machine"`
	Commit     string   `json:"commit"`
	Seed       int64    `json:"-"`
	Rules      string   `json:"-"` // the alternative's file
}

// Key names what was measured.
func (l Line) Key() string {
	return fmt.Sprintf("%s/%s/%d/%s/%s", l.Variant, l.Set, l.Split, l.Commit, l.Terms)
}

// String is a line for a person who watches.
func (l Line) String() string {
	return fmt.Sprintf("%s split %d %s: error %.5f, %.1f s CPU %s", l.Set, l.Split, cmp.Or(l.Variant, "as it is"), l.Error, l.CPUSeconds, l.Problem)
}

// Fill takes a trial's result.
func (l *Line) Fill(r trial.Result) {
	l.FLOPs, l.CPUSeconds, l.Problem = r.FLOPs, r.CPUSeconds, r.Problem
	if l.Variant == "" {
		l.Decided = r.Rules
	}
	l.Error = trial.Error(r.Test, cmp.Or(l.By, r.Metric))
	if math.IsNaN(l.Error) {
		l.Error = -1
	}
}

// pair is a data set's mean error as it is and under an alternative, over the splits that both ran.
type pair struct {
	set          string
	base, other  float64
	flops, flopo float64
	splits       int
}

// Write reads the lines of a file and writes a table of all alternatives.
func Write(table, results string) error {
	all, err := lines.Read[Line](results)
	if err != nil {
		return err
	}
	return os.WriteFile(table, []byte(render(all)), 0o644)
}

// render compares every alternative with the rulebook of its own commit.
func render(all []Line) string {
	var b strings.Builder
	b.WriteString("# What each rule is worth\n\nEach alternative replaces one rule and is compared with the rulebook of the same commit, pair by pair over data sets, splits and seeds shared.\n")
	b.WriteString("Worse by: how much larger the alternative's error is, in the geometric mean, with its 95 % bootstrap interval over data sets; positive means that the rule is worth keeping. Its FLOPs: over those with the rule, in the mean over data sets.\n\n")
	if len(all) > 0 {
		fmt.Fprintf(&b, "Made by `go run ./bench ablate` on %s.\n\n", strings.Join(machines(all), "; "))
	}
	b.WriteString("| rule ~ alternative | rows at most | sets × splits | worse by | alternative wins / ties / loses | Wilcoxon p | its FLOPs | commit |\n|---|---|---|---|---|---|---|---|\n")
	for _, v := range variants(all) {
		b.WriteString(renderVariant(all, v))
	}
	b.WriteString("\n## Leave one set out\n\nEach set is left out in turn; the others pick among the rule and its alternatives. Kept: how often they picked the rule as it is. Change: what their picks did to the error of the sets left out, against the rule.\n\n")
	b.WriteString("| rule | alternatives | rows at most | sets | kept | change | commit |\n|---|---|---|---|---|---|---|\n")
	for _, c := range choices(all, errorShift) {
		b.WriteString(c.render())
	}
	return b.String()
}

// version is an alternative as it was measured at a commit, on equal terms.
type version struct {
	variant, commit string
	Terms
}

func variants(all []Line) []version {
	seen := map[version]bool{}
	var names []version
	for _, l := range all {
		v := version{l.Variant, l.Commit, l.Terms}
		if l.Variant != "" && !seen[v] {
			seen[v] = true
			names = append(names, v)
		}
	}
	slices.SortFunc(names, func(a, b version) int {
		return cmp.Or(cmp.Compare(a.variant, b.variant), cmp.Compare(a.commit, b.commit), cmp.Compare(a.Rows, b.Rows), cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Architecture, b.Architecture), cmp.Compare(a.By, b.By))
	})
	return names
}

func renderVariant(all []Line, v version) string {
	pairs := paired(all, v)
	if len(pairs) == 0 {
		return ""
	}
	var worse, ours, theirs []float64
	flops, splits := 0.0, 0
	for _, p := range pairs {
		worse = append(worse, relative(p, errorShift))
		ours, theirs = append(ours, p.other), append(theirs, p.base)
		flops += p.flopo / p.flops / float64(len(pairs))
		splits = max(splits, p.splits)
	}
	in := stats.Bootstrap(worse, stats.Mean, 4000, 0.95)
	t := stats.Tallied(ours, theirs, 0.005)
	return fmt.Sprintf("| %s | %s | %d × %d | %s | %d / %d / %d | %.3f | %.2f × | %s |\n",
		v.variant, v.Terms, len(pairs), splits, grown(in), t.Win, t.Tie, t.Loss, stats.Wilcoxon(worse), flops, v.commit)
}

// paired gathers, set by set, the splits that ran under both.
func paired(all []Line, v version) []pair {
	base := map[string]Line{}
	for _, l := range all {
		if l.Variant == "" && l.Commit == v.commit && l.Terms == v.Terms && l.Error >= 0 {
			base[l.place()] = l
		}
	}
	sums := map[string]*pair{}
	for _, l := range all {
		b, ok := base[l.place()]
		if l.Variant != v.variant || l.Commit != v.commit || l.Terms != v.Terms || l.Error < 0 || !ok {
			continue
		}
		p := sums[l.Set]
		if p == nil {
			p = &pair{set: l.Set}
			sums[l.Set] = p
		}
		p.base, p.other, p.splits = p.base+b.Error, p.other+l.Error, p.splits+1
		p.flops, p.flopo = p.flops+float64(b.FLOPs), p.flopo+float64(l.FLOPs)
	}
	var pairs []pair
	for _, p := range sums {
		p.base, p.other = p.base/float64(p.splits), p.other/float64(p.splits)
		pairs = append(pairs, *p)
	}
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.set, b.set) })
	return pairs
}

func (l Line) place() string { return fmt.Sprintf("%s/%d/%s", l.Set, l.Split, l.Terms) }
