package main

import (
	"path/filepath"

	"tuned/job"
	"tuned/report"
	"tuned/words"
)

// result shows what came out, what it cost, and what a search would have cost.
func (n *narrator) result(r *job.Result) error {
	n.line("")
	colour := green
	if r.Metrics.Doubt() != "" {
		colour = yellow
	}
	n.line("%s %s", n.paint(bold, "Result:"), n.paint(colour, headline(r.Metrics)))
	if r.Metrics.Test != nil {
		n.line("  %s", scores(r.Metrics.Test, r.Metrics.Metric))
	}
	if within := r.Metrics.Within(); within != "" {
		n.line("  %s", within)
	}
	if c := r.Metrics.Columns; len(c) > 0 && c[0].Moves > 0 && r.Metrics.Learned() {
		n.line("  It relies most on %s: with another row's, %s.", c[0].Column, r.Metrics.Moved(c[0]))
	}
	n.costs(r.Ledger)
	dir := words.Argument(r.Dir)
	n.line("  The report: %s", whereReport(r.Dir))
	n.line("  %s", "Next: tuned explain "+dir+"   ·   tuned predict "+dir+" DATA")
	return nil
}

// whereReport says how the report is had: the file that a run left, or the command that fetches a job's.
func whereReport(dir string) string {
	if isJob(dir) {
		return "tuned report " + dir + " --out report.html"
	}
	return filepath.Join(dir, job.ReportFile) + ", for any browser"
}

// costs are the ledger in two sentences.
func (n *narrator) costs(l job.Ledger) {
	n.line("  It took %s of wall time, %s of processor time and %s, %.0f %% of it for measuring; at most %s of memory.",
		seconds(l.Total.WallSeconds), seconds(l.Total.CPUSeconds), flops(l.Total.FLOPs), 100*l.ProbeShare,
		job.Bytes(l.Total.PeakBytes))
	if l.Total.Joules != nil {
		n.line("  The processor used %.0f joules.", *l.Total.Joules)
	}
	for _, p := range l.Phases {
		search := report.SearchTrials * p.FLOPs
		if p.Phase != job.PhaseTrain || search <= l.Total.FLOPs { // where a solution is worked out, there is nothing to search
			continue
		}
		n.line("  A search of %d trials, each as long as this training, would have cost %s of processor time and %s.", report.SearchTrials,
			seconds(report.SearchTrials*p.CPUSeconds), flops(search))
	}
}
