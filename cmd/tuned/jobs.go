package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"tuned/daemon/api"
	"tuned/daemon/client"
	"tuned/daemon/store"
	"tuned/words"
)

func newJobs(s streams) *cobra.Command {
	var states []string
	var asJSON bool
	var priority int
	c := remote("jobs [JOB]", "List the daemon's jobs, or show one", "Lists the jobs of the daemon, or shows one. With --priority it moves that one before others.",
		"  tuned jobs\n  tuned jobs --state running,waiting\n  tuned jobs 3 --priority 5", cobra.MaximumNArgs(1), nil)
	c.RunE = func(c *cobra.Command, given []string) error {
		if err := checkStates(states...); err != nil {
			return err
		}
		d, err := dial()
		if err != nil {
			return err
		}
		defer d.Close()
		if len(given) == 0 {
			return absent(listJobs(c.Context(), s, d, states, asJSON))
		}
		if c.Flags().Changed("priority") {
			if _, err := d.Prioritise(c.Context(), given[0], priority); err != nil {
				return absent(err)
			}
		}
		return absent(showJob(c.Context(), s, d, given[0], asJSON))
	}
	c.Flags().StringSliceVar(&states, "state", nil, "only jobs in this `STATE`: queued, running, waiting, paused, finished, failed or cancelled")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().IntVar(&priority, "priority", 0, "change the job's priority: the higher, the sooner")
	return c
}

func listJobs(ctx context.Context, s streams, d *client.Client, states []string, asJSON bool) error {
	jobs, err := d.Jobs(ctx, states...)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(s.out).Encode(jobs)
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "JOB\tNAME\tSTATE\tPRIORITY\tPROMISE\tSUBMITTED\tRESULT")
	for _, j := range jobs {
		fmt.Fprintf(w, "%d\t%s\t%s\t%d\t%s\t%s\t%s\n", j.ID, j.Name, j.State, j.Priority, promised(j), humanize.Time(j.Submitted), outcome(j))
	}
	return w.Flush()
}

// promised is what the plan says that training costs.
func promised(j api.Job) string {
	if j.Promise == nil {
		return "-"
	}
	return seconds(j.Promise.Seconds)
}

// outcome is a score, or why there is none.
func outcome(j api.Job) string {
	if j.Score != nil {
		return score(j.Score.Metric, j.Score.Value)
	}
	if j.State == store.Finished {
		return "not measured"
	}
	reason, _, _ := strings.Cut(j.Reason, "\n")
	return reason
}

func showJob(ctx context.Context, s streams, d *client.Client, id string, asJSON bool) error {
	j, err := d.Job(ctx, id)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(s.out).Encode(j)
	}
	say(s, j)
	if p := j.Promise; p != nil {
		fmt.Fprintf(s.out, "  its plan promises %s and %s, with %s of memory\n", seconds(p.Seconds), flops(p.FLOPs), words.Format(p.MemoryBytes, "bytes"))
	}
	if j.Score != nil {
		fmt.Fprintf(s.out, "  %s on rows that were held out\n", score(j.Score.Metric, j.Score.Value))
	}
	fmt.Fprintf(s.out, "  priority %d, submitted %s, %s\n", j.Priority, humanize.Time(j.Submitted), plural(int64(j.Attempts), "attempt"))
	return nil
}
