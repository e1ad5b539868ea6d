package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"tuned/daemon/api"
	"tuned/daemon/client"
	"tuned/daemon/store"
	"tuned/job"
	"tuned/trainer"
)

const watchHelp = `Shows a job as tuned run would: from its beginning, live, until it is done. Stopping to watch does not stop the job. The
exit code is the job's: 0 finished, 1 failed or cancelled.`

func newWatch(s streams) *cobra.Command {
	var f runFlags
	var until string
	c := remote("watch JOB", "Show a job of the daemon as it goes on", watchHelp, "  tuned watch 3\n  tuned watch 3 --json\n  tuned watch 3 --quiet --until waiting", cobra.ExactArgs(1),
		func(ctx context.Context, d *client.Client, given []string) error {
			return watch(ctx, s, d, given[0], store.State(until), f)
		})
	c.Flags().StringVar(&until, "until", "", "stop watching, with success, as soon as the job is in this `STATE`, such as waiting")
	c.Flags().BoolVar(&f.json, "json", false, "print one event a line, as JSON")
	c.Flags().BoolVar(&f.quiet, "quiet", false, "print the result alone")
	apart(c, "json", "quiet")
	return c
}

// watch shows a job until it is settled, or in a state that is waited for.
func watch(ctx context.Context, s streams, d *client.Client, id string, until store.State, f runFlags) error {
	if until != "" {
		if err := checkStates(string(until)); err != nil {
			return err
		}
	}
	show := newDisplay(s, f)
	var last api.Job
	err := d.Follow(ctx, id, func(e job.Entry) {
		show.event(e)
		if p, ok := progressOf(e); ok && !f.json {
			show.event(p)
		}
	}, func(j api.Job) bool {
		told := last.State == j.State && last.Reason == j.Reason
		last = j
		if !told && !f.quiet && !f.json && (j.State == store.Waiting || j.State == store.Paused) {
			show.close()
			fmt.Fprintf(s.err, "job %d is %s: %s\n | %s\n", j.ID, j.State, j.Reason, wayOn(j))
		}
		return j.State == until
	})
	show.close()
	switch {
	case err == nil && last.State == until && until != store.Finished:
		return nil
	case errors.Is(err, context.Canceled):
		fmt.Fprintf(s.err, "tuned: the job goes on; see it with: tuned watch %s\n", id)
		return &told{job.ErrInterrupted}
	case err != nil:
		return err
	case last.State != store.Finished:
		return fmt.Errorf("job %d is %s: %s", last.ID, last.State, last.Reason)
	}
	run, err := d.Run(ctx, id)
	if err != nil {
		return err
	}
	return show.result(run.Result)
}

// wayOn is the command that lets a job go on.
func wayOn(j api.Job) string {
	if j.State == store.Waiting {
		return fmt.Sprintf("tuned approve %d", j.ID)
	}
	return fmt.Sprintf("tuned resume %d", j.ID)
}

// progressOf is the training's progress, which the journal keeps as one of the trainer's events.
func progressOf(entry job.Entry) (job.Entry, bool) {
	t, ok := entry.Event.(job.Trained)
	if !ok || t.Event.Kind != trainer.Progress {
		return entry, false
	}
	entry.Event = job.Progress{Phase: "train", Done: t.Step, Total: t.Steps}
	return entry, true
}
