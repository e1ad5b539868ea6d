// Package spread compares how much the final score depends on the seed: of one run of tuned, and of the settings that a
// search picked.
package spread

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"tuned/bench/arms"
	"tuned/bench/lines"
	"tuned/bench/stats"
	"tuned/bench/study"
	"tuned/bench/trial"
	"tuned/job"
)

// Line is one seed's run.
type Line struct {
	Winner   bool       `json:"winner"` // of the search; otherwise tuned itself
	Set      string     `json:"set"`
	Rows     int        `json:"rows"`
	Split    int        `json:"split"`
	Seed     int64      `json:"seed"`
	Settings job.Values `json:"settings,omitempty"` // of the winner
	Test     float64    `json:"test"`               // error
	Machine  string     `json:"machine"`
	Commit   string     `json:"commit"`
}

// Key names what was measured.
func (l Line) Key() string {
	return fmt.Sprintf("%t/%s/%d/%d/%d", l.Winner, l.Set, l.Rows, l.Split, l.Seed)
}

// Request is the run of a line. The winner trains as it was judged: a fifth of the rows choose its best moment.
func (l Line) Request(data string) trial.Request {
	r := trial.Request{Data: data, Set: l.Set, Split: l.Split, Rows: l.Rows, Seed: l.Seed}
	if l.Winner {
		r.Architecture, r.Pins = "mlp", arms.All["random"].Pins(l.Settings)
	}
	return r
}

// Winners are the best trials, by validation, of each set's first split.
func Winners(searched []study.Line) map[string]study.Line {
	best := map[string]study.Line{}
	for _, l := range searched {
		b, ok := best[l.Set]
		if l.Refit || l.Validation == nil || l.Split != 0 || ok && *b.Validation <= *l.Validation {
			continue
		}
		best[l.Set] = l
	}
	return best
}

// Write reads the lines of a file and writes a table.
func Write(table, results string) error {
	all, err := lines.Read[Line](results)
	if err != nil {
		return err
	}
	return os.WriteFile(table, []byte(render(all)), 0o644)
}

// render is the table: spreads beside each other, and the mean of their ratios.
func render(all []Line) string {
	var b strings.Builder
	b.WriteString("# How much the seed decides\n\nThe same split, several seeds: standard deviation of the test error (1 - accuracy, or RMSE over the target's standard deviation) of one run of tuned, and of the settings that the random search of `results/random.jsonl` picked by validation.\n\n")
	if len(all) > 0 {
		last := all[len(all)-1]
		commits := lines.Distinct(all, func(l Line) string { return l.Commit })
		fmt.Fprintf(&b, "Made by `go run ./bench spread` on %s; commit %s; at most %d rows.\n\n", last.Machine, strings.Join(commits, ", "), last.Rows)
	}
	b.WriteString("| set | seeds | tuned: error | spread | search's pick: error | spread | ratio of spreads |\n|---|---|---|---|---|---|---|\n")
	var ratios []float64
	var smaller, larger int
	for _, set := range names(all) {
		ours, theirs := of(all, set, false), of(all, set, true)
		ratio := stat.StdDev(ours, nil) / stat.StdDev(theirs, nil)
		ratios = append(ratios, ratio)
		switch c := chance(ours, theirs); {
		case c < 0.025:
			smaller++
		case c > 0.975:
			larger++
		}
		fmt.Fprintf(&b, "| %s | %d, %d | %.4f | %.4f | %.4f | %.4f | %.2f |\n", set, len(ours), len(theirs),
			stat.Mean(ours, nil), stat.StdDev(ours, nil), stat.Mean(theirs, nil), stat.StdDev(theirs, nil), ratio)
	}
	if len(ratios) > 0 {
		fmt.Fprintf(&b, "\nMedian ratio: %.2f; below 1 on %d of %d sets. By more than so few seeds differ by chance (F test, 5 %%), it is smaller on %d and larger on %d.\n",
			stats.Median(ratios), below(ratios, 1), len(ratios), smaller, larger)
	}
	return b.String()
}

// chance is how likely a ratio of two spreads would be smaller if they were the same (Fisher's F test); NaN where neither has any.
func chance(ours, theirs []float64) float64 {
	f := stat.Variance(ours, nil) / stat.Variance(theirs, nil)
	if math.IsInf(f, 1) {
		return 1
	}
	return distuv.F{D1: float64(len(ours) - 1), D2: float64(len(theirs) - 1)}.CDF(f)
}

func below(values []float64, bound float64) (n int) {
	for _, v := range values {
		if v < bound {
			n++
		}
	}
	return n
}

func names(all []Line) []string {
	return slices.Sorted(slices.Values(lines.Distinct(all, func(l Line) string { return l.Set })))
}

func of(all []Line, set string, winner bool) (errors []float64) {
	for _, l := range all {
		if l.Set == set && l.Winner == winner {
			errors = append(errors, l.Test)
		}
	}
	return errors
}
