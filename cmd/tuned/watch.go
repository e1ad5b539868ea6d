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
			if until != "" {
				if err := checkStates(until); err != nil {
					return err
				}
			}
			return newWatching(s, f, store.State(until)).follow(ctx, d, given[0])
		})
	c.Flags().StringVar(&until, "until", "", "stop watching, with success, as soon as the job is in this `STATE`, such as waiting")
	c.Flags().BoolVar(&f.json, "json", false, "print one event a line, as JSON")
	c.Flags().BoolVar(&f.quiet, "quiet", false, "print the result alone")
	apart(c, "json", "quiet")
	return c
}

// watching is a job that is shown until it is settled, or in a state that is waited for.
type watching struct {
	out   streams
	flags runFlags
	until store.State // "": until it is settled
	show  display
	last  api.Job
}

func newWatching(s streams, f runFlags, until store.State) *watching {
	return &watching{out: s, flags: f, until: until, show: newDisplay(s, f)}
}

func (w *watching) follow(ctx context.Context, d *client.Client, id string) error {
	err := d.Follow(ctx, id, w.event, w.state)
	w.show.close()
	switch {
	case err == nil && w.last.State == w.until && w.until != store.Finished:
		return nil
	case errors.Is(err, context.Canceled):
		fmt.Fprintf(w.out.err, "tuned: the job goes on; see it with: tuned watch %s\n", id)
		return &told{job.ErrInterrupted}
	case err != nil:
		return err
	case w.last.State != store.Finished:
		return fmt.Errorf("job %d is %s: %s", w.last.ID, w.last.State, w.last.Reason)
	}
	run, err := d.Run(ctx, id)
	if err != nil {
		return err
	}
	return w.show.result(run.Result)
}

func (w *watching) event(e job.Entry) {
	w.show.event(e)
	if p, ok := progressOf(e); ok && !w.flags.json {
		w.show.event(p)
	}
}

// state takes in what has become of the job, says where it waits for somebody, and tells whether that was waited for.
func (w *watching) state(j api.Job) bool {
	changed := w.last.State != j.State || w.last.Reason != j.Reason
	w.last = j
	if changed && !w.flags.quiet && !w.flags.json && (j.State == store.Waiting || j.State == store.Paused) {
		w.show.close()
		fmt.Fprintf(w.out.err, "job %d is %s: %s\n | %s\n", j.ID, j.State, j.Reason, wayOn(j))
	}
	return j.State == w.until
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
	entry.Event = job.Progress{Phase: job.PhaseTrain, Done: t.Step, Total: t.Steps}
	return entry, true
}
