package report

import (
	"fmt"
	"strings"

	"tuned/job"
	"tuned/words"
)

// SearchTrials is how many trials the usual search is compared with.
const SearchTrials = 100

func flops(v int64) string { return words.Format(v, "flops") }

func seconds(v float64) string { return words.Format(v, "seconds") }

type ledgerRow struct {
	Phase, Wall, CPU, FLOPs, Peak, Joules string
	Share                                 float64 // of the processor time, 0 … 100
	ShareText                             string
	Total                                 bool
}

func (r *Run) ledgerRows() []ledgerRow {
	var rows []ledgerRow
	for _, p := range r.Ledger.Phases {
		rows = append(rows, r.ledgerRow(job.PhaseName(p.Phase), p.Cost))
	}
	if len(rows) > 0 {
		total := r.ledgerRow("In all", r.Ledger.Total)
		total.Total = true
		rows = append(rows, total)
	}
	return rows
}

func (r *Run) ledgerRow(name string, c job.Cost) ledgerRow {
	row := ledgerRow{
		Phase: name, Wall: seconds(c.WallSeconds), CPU: seconds(c.CPUSeconds), FLOPs: flops(c.FLOPs),
		Peak: words.Format(c.PeakBytes, "bytes"),
	}
	if total := r.Ledger.Total.CPUSeconds; total > 0 {
		row.Share = 100 * c.CPUSeconds / total
		row.ShareText = share(c.CPUSeconds / total)
	}
	if c.Joules != nil {
		row.Joules = num(*c.Joules) + " J"
	}
	return row
}

// cost says what the run took.
func (r *Run) cost() []string {
	l := r.Ledger
	if len(l.Phases) == 0 {
		return nil
	}
	all := []string{fmt.Sprintf("The run took %s, %s of processor time, and at most %s of memory. Measuring took %s of the arithmetic.",
		seconds(l.Total.WallSeconds), seconds(l.Total.CPUSeconds), words.Format(l.Total.PeakBytes, "bytes"), share(l.ProbeShare))}
	if l.Total.Joules != nil {
		all = append(all, fmt.Sprintf("The processor used %s joules.", num(*l.Total.Joules)))
	}
	return all
}

// comparison is the run beside a search.
type comparison struct {
	Text      string
	Own       float64 // width of the run's bar, where the search's is 100
	OwnText   string
	TheirText string
}

// search is what a search would have cost: as many trainings as trials, each like this one.
func (r *Run) search() *comparison {
	for _, p := range r.Ledger.Phases {
		if p.Phase != job.PhaseTrain || p.FLOPs == 0 {
			continue
		}
		theirs := SearchTrials * p.FLOPs
		if theirs <= r.Ledger.Total.FLOPs {
			return nil // there is nothing to train: the solution is worked out
		}
		return &comparison{
			Text: fmt.Sprintf("The usual way is to train with many settings and keep the best. A search of %d trials, each as long as this training, would have cost %s of processor time, %s times what this run did, measuring included.",
				SearchTrials, seconds(SearchTrials*p.CPUSeconds), num(float64(theirs)/float64(r.Ledger.Total.FLOPs))),
			Own: max(100*float64(r.Ledger.Total.FLOPs)/float64(theirs), 0.5), OwnText: flops(r.Ledger.Total.FLOPs), TheirText: flops(theirs),
		}
	}
	return nil
}

// story says how the training went.
func (r *Run) story() []string {
	t := r.Training
	var all []string
	if t.Steps > 0 {
		all = append(all, fmt.Sprintf("The weights were updated %s times.", words.Format(t.Steps, "")))
	}
	if n := len(t.Members); n > 1 {
		all = append(all, fmt.Sprintf("%d sets of weights predict together; their outputs are averaged.", n))
	}
	if t.Temperature != 0 {
		sure := "too sure of itself"
		if t.Temperature < 1 {
			sure = "not sure enough of itself"
		}
		all = append(all, fmt.Sprintf("On the validation rows the model was %s; a temperature of %s corrects its probabilities.", sure, num(t.Temperature)))
	}
	return all
}

func (r *Run) footer() string {
	a := r.Attempt
	parts := []string{"tuned " + a.Version}
	if a.Machine != "" {
		parts = append(parts, a.Machine, fmt.Sprintf("%d threads", a.Threads))
	}
	return strings.Join(append(parts, fmt.Sprintf("seed %d", a.Seed)), " · ")
}
