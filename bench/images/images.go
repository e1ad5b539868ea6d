// Package images tells what one run reaches on images, and what a tuned ResNet-9 in PyTorch does.
package images

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/gonum/stat"

	"tuned/bench/lines"
	"tuned/bench/scores"
)

// Line is a run's result.
type Line struct {
	scores.Line
	By string `json:"by,omitempty"` // the command, where it was another than this page's
}

// Peer is a line of peers/resnet9.py: a trial, which has a validation score, or the final training, which has one on the test images.
type Peer struct {
	Set        string  `json:"set"`
	Width      int     `json:"width"`
	LR         float64 `json:"lr"`
	Batch      int     `json:"batch"`
	Validation float64 `json:"validation"`
	Test       float64 `json:"test"`
	Epochs     float64 `json:"epochs"`
	Seconds    float64 `json:"seconds"` // of the processor
	Torch      string  `json:"torch"`
}

// Write reads results and writes the page.
func Write(page, results, peers string) error {
	runs, err := lines.Read[Line](results)
	if err != nil {
		return err
	}
	others, err := lines.Read[Peer](peers)
	if err != nil {
		return err
	}
	if len(runs) == 0 {
		return fmt.Errorf("%s holds no results", results)
	}
	return os.WriteFile(page, []byte(render(runs, others)), 0o644)
}

func render(runs []Line, peers []Peer) string {
	var b strings.Builder
	b.WriteString("# One run of tuned on images\n\n")
	b.WriteString("No pins, no rule for any one set. Sets that come with test images are scored on those; a table of pixels on a fifth of its rows,\n")
	b.WriteString("over splits. Each accuracy is a mean ± the standard deviation of single runs; where there is one run, ± is what the number of\n")
	b.WriteString("test images alone leaves open (binomial). Processor time is that of all threads.\n\n")
	fmt.Fprintf(&b, "Made by `go run ./bench images` on %s.\n\n", runs[len(runs)-1].Machine)
	b.WriteString("| set | test images | n | accuracy | passes | batch | processor, one run | of it measuring (FLOPs) | commit |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, set := range names(runs) {
		b.WriteString(row(of(runs, set)))
	}
	b.WriteString(beside(peers))
	return b.String()
}

// names are the sets, in the order of their first results.
func names(runs []Line) []string {
	var all []string
	for _, l := range runs {
		if !slices.Contains(all, l.Set) {
			all = append(all, l.Set)
		}
	}
	return all
}

func of(runs []Line, set string) []Line {
	return slices.DeleteFunc(slices.Clone(runs), func(l Line) bool { return l.Set != set })
}

// row is a set's line of the table.
func row(runs []Line) string {
	var accuracy []float64
	cpu, measuring := 0.0, 0.0
	for _, l := range runs {
		if l.Result.Problem != "" {
			return fmt.Sprintf("| %s | | | failed: %s | | | | | %s |\n", l.Set, l.Result.Problem, l.Commit)
		}
		accuracy = append(accuracy, l.Result.Test.Get("accuracy"))
		cpu += l.Result.CPUSeconds / float64(len(runs))
		measuring = max(measuring, float64(l.Result.ProbeFLOPs)/float64(l.Result.FLOPs))
	}
	last := runs[len(runs)-1]
	return fmt.Sprintf("| %s | %d | %d | %s | %v | %v | %s | %.1f %% | %s |\n",
		last.Set, last.Result.TestRows, len(runs), share(accuracy, last.Result.TestRows), last.Result.Settings["epochs"],
		last.Result.Settings["batch_size"], minutes(cpu), 100*measuring, last.made())
}

// made is the commit, and the command where it was another one.
func (l Line) made() string {
	if l.By == "" {
		return l.Commit
	}
	return fmt.Sprintf("%s, `%s`", l.Commit, l.By)
}

// share writes accuracies with their spread: of the runs, or of one on so many rows.
func share(accuracy []float64, rows int) string {
	if len(accuracy) > 1 {
		return fmt.Sprintf("%.4f ± %.4f (%.4f to %.4f)", stat.Mean(accuracy, nil), stat.StdDev(accuracy, nil), slices.Min(accuracy), slices.Max(accuracy))
	}
	return fmt.Sprintf("%.4f ± %.4f", accuracy[0], math.Sqrt(accuracy[0]*(1-accuracy[0])/float64(rows)))
}

func minutes(seconds float64) string {
	return time.Duration(seconds * float64(time.Second)).Round(time.Second).String()
}

// beside is what the peer's trials and its final training reached.
func beside(peers []Peer) string {
	if len(peers) == 0 {
		return ""
	}
	var b strings.Builder
	last := peers[len(peers)-1]
	fmt.Fprintf(&b, "\n## A tuned ResNet-9 in PyTorch %s\n\n", last.Torch)
	b.WriteString("`bench/peers/resnet9.py` tries widths and rates, each judged on 2,000 training images that it kept aside; the best trains on all of them,\n")
	b.WriteString("for the processor time in its row, which the trials come on top of. One thread.\n\n")
	b.WriteString("| set | channels of the first layer | peak rate | batch | passes | processor | on kept images | on test images |\n|---|---|---|---|---|---|---|---|\n")
	for _, p := range peers {
		fmt.Fprintf(&b, "| %s | %d | %g | %d | %.1f | %s | %s | %s |\n", p.Set, p.Width, p.LR, p.Batch, p.Epochs, minutes(p.Seconds), figure(p.Validation), figure(p.Test))
	}
	return b.String()
}

// figure leaves out what was not measured.
func figure(v float64) string {
	if v == 0 {
		return ""
	}
	return fmt.Sprintf("%.4f", v)
}
