package main

import (
	"context"

	"github.com/spf13/cobra"

	"tuned/daemon/client"
)

func newLogs(s streams) *cobra.Command {
	var follow bool
	c := remote("logs JOB", "Print the log of a job of the daemon",
		"Prints what a job's attempts and its architecture logged, one JSON object a line.", "  tuned logs 3\n  tuned logs 3 --follow", cobra.ExactArgs(1),
		func(ctx context.Context, d *client.Client, given []string) error {
			path := client.JobPath(given[0], "log")
			if follow {
				path += "?follow=true"
			}
			return d.Copy(ctx, path, s.out)
		})
	c.Flags().BoolVarP(&follow, "follow", "f", false, "go on until the job is done")
	return c
}
