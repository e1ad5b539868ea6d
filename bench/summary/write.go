package summary

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Write leaves RESULTS.md, results.json and the plots in a folder.
func Write(folder string, s Summary) error {
	text, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(folder, "RESULTS.md"), []byte(markdown(s)), 0o644),
		os.WriteFile(filepath.Join(folder, "results.json"), append(text, '\n'), 0o644),
		plots(folder, s),
	)
}

// markdown is the page that a sceptic reads first.
func markdown(s Summary) string {
	var b strings.Builder
	b.WriteString("# What search would have cost\n\n")
	fmt.Fprintf(&b, "One run of tuned, probes included, against the best of %d trials by validation (of all, where fewer ran to their end, as with ASHA), on the same splits of %s. %d result lines; %s; commits %s.\n\n",
		Headline, s.rows(), s.Lines, strings.Join(s.Machines, "; "), strings.Join(s.Commits, ", "))
	fmt.Fprintf(&b, "Errors are 1 - accuracy, or RMSE over the target's standard deviation. **Difference**: ours minus theirs, relative, with %v added to both; negative where one run is better.\n", Shift)
	fmt.Fprintf(&b, "**N_eq**: the number of trials whose expected test error equals ours (> M: more than were run). **Cost**: our FLOPs, probes included, in median trials and, in brackets, in mean ones, N of which cost what a search of N does; without the probes of trials, since a search measures once. Processor seconds, where both are of one machine, are in mean trials, which hold theirs. Ties are within %.1f %%.\n\n", 100*Tolerance)
	if s.Failed > 0 {
		fmt.Fprintf(&b, "**Runs of tuned that failed: %d.** Their splits are left out of every comparison.\n\n", s.Failed)
	}
	b.WriteString("| against | sets | mean difference (95 %) | median N_eq | win / tie / loss | Wilcoxon p | our cost (FLOPs, CPU) | of the whole study | error, shifted geometric mean: ours, theirs |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, a := range s.Arms {
		fmt.Fprintf(&b, "| %s | %d | %+.2f %% (%+.2f … %+.2f) | %s%.0f | %d / %d / %d | %.3f | %s (%s), %s | %s | %.4f, %.4f |\n",
			a.Arm, len(a.Sets), 100*a.Difference.Estimate, 100*a.Difference.Low, 100*a.Difference.High, more(a.Censored), a.Median,
			a.Tally.Win, a.Tally.Tie, a.Tally.Loss, a.P, times(a.Cost), times(a.MeanCost), times(a.CPU), share(a.Share), a.Ours, a.Theirs)
	}
	b.WriteString("\n![error against compute](compute.svg)\n")
	for _, a := range s.Arms {
		armTable(&b, a)
	}
	return b.String()
}

// rows says how much of a set was used.
func (s Summary) rows() string {
	switch parts := s.usual(); {
	case parts == 0:
		return "whole sets"
	case len(s.Rows) == 1:
		return fmt.Sprintf("at most %d rows", parts)
	default:
		return fmt.Sprintf("at most %d rows, or of as many as the arm's name says", parts)
	}
}

// armTable lists the sets, those first on which the arm wins.
func armTable(b *strings.Builder, a Arm) {
	fmt.Fprintf(b, "\n## Against %s\n\nWhere search wins comes first.\n\n", a.Arm)
	b.WriteString("| set | splits × trials | ours | theirs | difference | N_eq | cost |\n|---|---|---|---|---|---|---|\n")
	for _, s := range a.Sets {
		fmt.Fprintf(b, "| %s | %d × %d | %.4f | %.4f | %+.1f %% | %s%.0f | %s (%s) |\n", s.Set, s.Splits, s.Trials, s.Ours, s.Theirs, 100*s.Difference, more(s.Censored), s.Equal, times(s.Cost), times(s.Mean))
	}
}

// more marks a number that is larger than what was run.
func more(censored bool) string {
	if censored {
		return "> "
	}
	return ""
}

// times and share show what was measured.
func times(v float64) string {
	if v == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", v)
}

func share(v float64) string {
	if v == 0 {
		return "-"
	}
	return fmt.Sprintf("1/%.0f", 1/v)
}
