// Package summary says, from the lines of all studies, what search would have cost for the result of one run.
//
// Splits are averaged first; the data set is the unit of every comparison. Errors are 1 - accuracy, or RMSE over the
// target's standard deviation.
package summary

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"tuned/bench/stats"
	"tuned/bench/study"
)

// Headline is the number of trials that one run is compared with.
const Headline = 100

// Shift is added to both errors before they are compared, so that a data set without errors does not count without bound.
const Shift = 0.01

// Tolerance is the relative difference of errors that counts as a tie.
const Tolerance = 0.005

// Set compares one run with one arm on one data set.
type Set struct {
	Set    string  `json:"set"`
	Splits int     `json:"splits"`
	Trials int     `json:"trials"` // a split
	Ours   float64 `json:"ours"`   // mean test error of one run
	Theirs float64 `json:"theirs"` // expected test error of the arm's best of Headline trials, by validation
	// Difference is ours minus theirs, over theirs, both shifted: negative where one run is better.
	Difference float64 `json:"difference"`
	// Equal is the number of trials whose expected test error equals ours; Censored: more than were run.
	Equal    float64 `json:"equal"`
	Censored bool    `json:"censored,omitempty"`
	// Cost is our FLOPs, probes included, in median trials, theirs left out: a search measures once. Mean is the same in mean trials, N of which cost what
	// a search of N does: where many trials are of narrow networks, the median one is dearer. CPU is in mean trials as well, in CPU seconds with the
	// probes of both, where both are of one machine; Share our FLOPs over the whole study's, what was trained once more included. 0: theirs were not measured.
	Cost  float64     `json:"cost"`
	Mean  float64     `json:"mean_cost"`
	CPU   float64     `json:"cpu"`
	Share float64     `json:"share"`
	Curve stats.Curve `json:"curve"` // expected error of the best of 1, 2, … trials
}

// Arm compares one run with one arm over all data sets.
type Arm struct {
	Arm        string         `json:"arm"`
	Rows       int            `json:"rows"` // of a set at most; 0: all
	Sets       []Set          `json:"sets"` // where the arm wins first
	Difference stats.Interval `json:"difference"`
	Median     float64        `json:"median_equal"`
	Censored   bool           `json:"median_censored,omitempty"` // of half of the sets and more, no trials were enough
	Cost       float64        `json:"median_cost"`
	MeanCost   float64        `json:"median_mean_cost"`
	CPU        float64        `json:"median_cpu"`
	Share      float64        `json:"median_share"`
	Tally      stats.Tally    `json:"tally"`
	P          float64        `json:"wilcoxon_p"`
	Ours       float64        `json:"ours"`   // shifted geometric mean of errors
	Theirs     float64        `json:"theirs"` // of the best of Headline
}

// Summary is all comparisons, with where they were made.
type Summary struct {
	Arms     []Arm    `json:"arms"`
	Machines []string `json:"machines"`
	Commits  []string `json:"commits"`
	Lines    int      `json:"lines"`
	Rows     []int    `json:"rows"`             // of a set at most, ascending; 0: all
	Failed   int      `json:"failed,omitempty"` // runs of tuned without a score: their splits are in no comparison
}

// Summarise compares the lines of the arm "tuned" with those of every other arm, where both ran a set's split. Parts of
// different sizes are compared apart, whole sets too: an arm's name says so unless its parts are the smallest.
func Summarise(all []study.Line) Summary {
	s := Summary{Lines: len(all)}
	for _, l := range all {
		s.Machines, s.Commits, s.Rows = include(s.Machines, l.Machine), include(s.Commits, l.Commit), include(s.Rows, l.Rows)
	}
	slices.Sort(s.Rows)
	byArm, refits := map[string][]study.Line{}, map[string]bool{}
	var ours []study.Line
	for _, l := range all {
		if l.Arm == "tuned" {
			if l.Test == nil {
				s.Failed++
			}
			ours = append(ours, l)
			continue
		}
		name := l.Arm + s.size(l.Rows)
		byArm[name] = append(byArm[name], l)
		refits[name] = refits[name] || l.Refit
	}
	for name, theirs := range byArm {
		s.include(name, ours, study.Trials(theirs), study.Trials(theirs))
		if refits[name] {
			s.include(name+RefitSuffix, ours, refitted(theirs), theirs)
		}
	}
	slices.SortFunc(s.Arms, func(a, b Arm) int { return cmp.Compare(a.Arm, b.Arm) })
	return s
}

// RefitSuffix marks an arm whose best trials are judged after training once more on all training rows.
const RefitSuffix = ", refitted"

// usual is the size of the smallest parts of sets that were run; 0 where only whole ones were.
func (s Summary) usual() int {
	for _, rows := range s.Rows {
		if rows > 0 {
			return rows
		}
	}
	return 0
}

// size is what an arm's name says of the rows that it ran.
func (s Summary) size(rows int) string {
	switch rows {
	case s.usual():
		return ""
	case 0:
		return ", all rows"
	}
	return fmt.Sprintf(", %d rows", rows)
}

func (s *Summary) include(name string, ours, theirs, paid []study.Line) {
	if a, ok := compare(name, ours, theirs, paid); ok {
		s.Arms = append(s.Arms, a)
	}
}

// refitted are the trials, judged by their refits where there are any.
func refitted(all []study.Line) []study.Line {
	type key struct {
		place
		trial int
	}
	test := map[key]*float64{}
	for _, l := range all {
		if l.Refit && l.Test != nil {
			test[key{at(l), l.Trial}] = l.Test
		}
	}
	judged := study.Trials(all)
	for i, l := range judged {
		if t, ok := test[key{at(l), l.Trial}]; ok {
			judged[i].Test = t
		}
	}
	return judged
}

func include[T comparable](all []T, one T) []T {
	if slices.Contains(all, one) {
		return all
	}
	return append(all, one)
}

// place is a split of a data set.
type place struct {
	set         string
	rows, split int
}

func at(l study.Line) place { return place{l.Set, l.Rows, l.Split} }

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.set, q.set), cmp.Compare(p.rows, q.rows), cmp.Compare(p.split, q.split))
}

// compare compares on the places that both have; paid are all lines that theirs cost.
func compare(name string, ours, theirs, paid []study.Line) (Arm, bool) {
	run := map[place]study.Line{}
	for _, l := range ours {
		if l.Test != nil {
			run[at(l)] = l
		}
	}
	studies := map[place][]study.Line{}
	for _, l := range theirs {
		if _, ok := run[at(l)]; ok {
			studies[at(l)] = append(studies[at(l)], l)
		}
	}
	spent := map[place]float64{}
	for _, l := range paid {
		spent[at(l)] += float64(l.FLOPs)
	}
	a := Arm{Arm: name, Rows: theirs[0].Rows, Sets: setsOf(run, studies, spent)}
	if len(a.Sets) == 0 {
		return a, false
	}
	a.overall()
	return a, true
}

func setsOf(run map[place]study.Line, studies map[place][]study.Line, spent map[place]float64) []Set {
	gathered := map[string]*gathering{}
	for _, p := range slices.SortedFunc(maps.Keys(studies), place.compare) { // sums of three and more hang on their order
		g := gathered[p.set]
		if g == nil {
			g = &gathering{}
			gathered[p.set] = g
		}
		g.add(run[p], studies[p], spent[p])
	}
	var all []Set
	for name, g := range gathered {
		if s, ok := g.set(name); ok {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b Set) int {
		return cmp.Or(cmp.Compare(b.Difference, a.Difference), cmp.Compare(a.Set, b.Set))
	})
	return all
}

// gathering collects a set's splits.
type gathering struct {
	ours                   []float64
	curves                 []stats.Curve
	cost, mean, cpu, share []float64
}

func (g *gathering) add(run study.Line, trials []study.Line, total float64) {
	var judged []stats.Trial
	var flops, cpu []float64
	for _, t := range trials {
		if t.Test == nil || t.Validation == nil && len(trials) > 1 {
			continue
		}
		judged = append(judged, stats.Trial{Validation: value(t.Validation), Test: *t.Test})
		flops = append(flops, float64(t.FLOPs-t.ProbeFLOPs))
		if t.Machine == run.Machine { // seconds of another machine are others
			cpu = append(cpu, t.CPUSeconds)
		}
	}
	if len(judged) == 0 {
		return
	}
	g.ours = append(g.ours, *run.Test)
	g.curves = append(g.curves, stats.ExpectedBest(judged))
	g.cost = append(g.cost, ratio(float64(run.FLOPs), stats.Median(flops)))
	g.mean = append(g.mean, ratio(float64(run.FLOPs), stats.Mean(flops)))
	if len(cpu) > 0 {
		g.cpu = append(g.cpu, ratio(run.CPUSeconds, stats.Mean(cpu)))
	}
	g.share = append(g.share, ratio(float64(run.FLOPs), total))
}

// ratio is 0 where the other side was not measured: what is not our code counts no FLOPs.
func ratio(ours, theirs float64) float64 {
	if theirs == 0 {
		return 0
	}
	return ours / theirs
}

func value(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

// set averages the splits.
func (g *gathering) set(name string) (Set, bool) {
	if len(g.ours) == 0 {
		return Set{}, false
	}
	curve := averaged(g.curves)
	ours := stat.Mean(g.ours, nil)
	theirs := curve.At(Headline)
	equal := curve.Equal(ours)
	return Set{
		Set: name, Splits: len(g.ours), Trials: len(curve), Ours: ours, Theirs: theirs,
		Difference: (ours - theirs) / (theirs + Shift), Equal: equal.N, Censored: equal.Censored,
		Cost: stat.Mean(g.cost, nil), Mean: stat.Mean(g.mean, nil), CPU: mean(g.cpu), Share: stat.Mean(g.share, nil), Curve: curve,
	}, true
}

// mean is 0 where nothing was measured.
func mean(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return stat.Mean(values, nil)
}

// averaged is the mean of the curves over the trials that all of them have.
func averaged(curves []stats.Curve) stats.Curve {
	shortest := len(curves[0])
	for _, c := range curves {
		shortest = min(shortest, len(c))
	}
	mean := make(stats.Curve, shortest)
	for _, c := range curves {
		for i := range mean {
			mean[i] += c[i] / float64(len(curves))
		}
	}
	return mean
}

// medianEqual is the median number of trials that are worth as much as one run; censored where it is larger than was run.
func medianEqual(sets []Set) (median float64, censored bool) {
	var equal []float64
	beyond := 0
	for _, s := range sets {
		equal = append(equal, s.Equal)
		if s.Censored {
			beyond++
		}
	}
	return stats.Median(equal), 2*beyond >= len(sets)
}

// overall fills in what is said over all sets.
func (a *Arm) overall() {
	column := func(of func(Set) float64) []float64 {
		var values []float64
		for _, s := range a.Sets {
			values = append(values, of(s))
		}
		return values
	}
	ours, theirs := column(func(s Set) float64 { return s.Ours }), column(func(s Set) float64 { return s.Theirs })
	differences := column(func(s Set) float64 { return s.Difference })
	a.Difference = stats.Bootstrap(differences, stats.Mean, 10000, 0.95)
	a.Median, a.Censored = medianEqual(a.Sets)
	a.Cost = stats.Median(column(func(s Set) float64 { return s.Cost }))
	a.MeanCost = stats.Median(column(func(s Set) float64 { return s.Mean }))
	if cpu := slices.DeleteFunc(column(func(s Set) float64 { return s.CPU }), func(v float64) bool { return v == 0 }); len(cpu) > 0 {
		a.CPU = stats.Median(cpu)
	}
	a.Share = stats.Median(column(func(s Set) float64 { return s.Share }))
	a.Tally = stats.Tallied(ours, theirs, Tolerance)
	a.P = stats.Wilcoxon(differences)
	a.Ours, a.Theirs = stats.ShiftedGeometricMean(ours, Shift), stats.ShiftedGeometricMean(theirs, Shift)
}
