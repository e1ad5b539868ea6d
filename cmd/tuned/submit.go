package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"tuned/daemon/api"
	"tuned/daemon/client"
	"tuned/job"
)

const submitHelp = `Hands jobs to the daemon, which answers when they are safe on its disk, and prints a line with each one's number.
The table is uploaded, unless the daemon has it, so that nothing that happens to the file later matters.

With --rooted the daemon reads the table itself: data.path is then a path below one of its --data directories.`

// submitFlags are the flags of tuned submit.
type submitFlags struct {
	wish           job.Wish
	seed           int64
	priority       int
	rules          string
	rooted, follow bool
	show           runFlags
}

func newSubmit(s streams) *cobra.Command {
	var f submitFlags
	c := remote("submit JOB|DATA...", "Hand jobs to the daemon", submitHelp,
		"  tuned submit examples/digits/job.toml\n  tuned submit adult.csv --target income\n  tuned submit job.toml --priority 1 --watch", cobra.MinimumNArgs(1),
		func(ctx context.Context, d *client.Client, paths []string) error {
			return submitAll(ctx, s, d, paths, f)
		})
	flags := c.Flags()
	wishes(flags, &f.wish)
	flags.Int64Var(&f.seed, "seed", 0, "moves the weights and the order of the rows, not the split")
	flags.IntVar(&f.priority, "priority", 0, "the higher, the sooner")
	flags.StringVar(&f.rules, "rules", "", "a `FILE` of rules that come before the built-in ones")
	flags.BoolVar(&f.rooted, "rooted", false, "the table lies in one of the daemon's data directories")
	flags.BoolVar(&f.follow, "watch", false, "watch the job as tuned watch does")
	flags.BoolVar(&f.show.json, "json", false, "with --watch, print one event a line, as JSON")
	flags.BoolVar(&f.show.quiet, "quiet", false, "with --watch, print the result alone")
	apart(c, "json", "quiet")
	apart(c, "rooted", "target", "task", "metric", "sheet", "group", "time", "ignore", "types")
	return c
}

func submitAll(ctx context.Context, s streams, d *client.Client, paths []string, f submitFlags) error {
	for _, path := range paths {
		j, err := submit(ctx, d, path, f)
		if err != nil {
			return err
		}
		if !f.show.quiet && !f.show.json {
			fmt.Fprintf(s.out, "job %d (%s) is accepted; see it with: tuned watch %d\n", j.ID, j.Name, j.ID)
		}
		if f.follow {
			if err := newWatching(s, f.show, "").follow(ctx, d, fmt.Sprint(j.ID)); err != nil {
				return err
			}
		}
	}
	return nil
}

// submit hands one job in. It reads the job file as tuned run does, so that mistakes are told with their places.
func submit(ctx context.Context, d *client.Client, path string, f submitFlags) (api.Job, error) {
	j, err := asked(ctx, path, f)
	if err != nil {
		return api.Job{}, err
	}
	s := api.Submission{Spec: j.Text, Seed: f.seed, Priority: f.priority}
	rules, err := job.ReadRules(f.rules)
	if err != nil {
		return api.Job{}, err
	}
	s.Rules = rules.Text
	if s.Data, err = tableOf(ctx, d, j, f.rooted); err != nil {
		return api.Job{}, err
	}
	return d.Submit(ctx, rand.Text(), s)
}

func asked(ctx context.Context, path string, f submitFlags) (*job.Job, error) {
	if f.rooted {
		return job.LoadRooted(path)
	}
	return job.Ask(ctx, path, f.wish)
}

func tableOf(ctx context.Context, d *client.Client, j *job.Job, rooted bool) (api.Table, error) {
	if rooted {
		return api.Table{Rooted: j.Data.Path}, nil
	}
	info, err := os.Stat(j.Data.Path)
	if err != nil {
		return api.Table{}, err
	}
	if info.IsDir() {
		return api.Table{}, &job.Error{Path: j.Data.Path, Problem: "a directory cannot be uploaded", Hint: "put it into one of the daemon's --data directories and use --rooted"}
	}
	t, err := d.Upload(ctx, j.Data.Path)
	if errors.Is(err, fs.ErrPermission) {
		return t, &job.Error{Path: j.Data.Path, Problem: "the data cannot be read", Err: err}
	}
	return t, err
}
