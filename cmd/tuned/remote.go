package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"tuned/daemon/api"
	"tuned/daemon/client"
	"tuned/daemon/store"
	"tuned/job"
	"tuned/words"
)

// remoteHelp is the part of the help that all commands share which speak to a daemon.
const remoteHelp = `

It speaks to the daemon of this user on this machine. For another one, set TUNED_SERVER to its address, such as
https://lab.example.org:8731, and TUNED_TOKEN to its token.`

// dial finds the way to the daemon.
func dial() (*client.Client, error) {
	if server := os.Getenv("TUNED_SERVER"); server != "" {
		return client.TCP(server, api.TokenOf(os.Getenv("TUNED_TOKEN"))), nil
	}
	state, err := stateDir("")
	if err != nil {
		return nil, err
	}
	return client.Unix(socketPath(state)), nil
}

// remote makes a command that speaks to the daemon about jobs.
func remote(use, short, long, example string, check cobra.PositionalArgs, do func(context.Context, *client.Client, []string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Long: long + remoteHelp, Example: example, Args: args(check),
		RunE: func(c *cobra.Command, given []string) error {
			d, err := dial()
			if err != nil {
				return err
			}
			defer d.Close()
			return absent(do(c.Context(), d, given))
		},
	}
}

// absent says what to do where no daemon answers.
func absent(err error) error {
	if errors.Is(err, client.ErrAbsent) {
		return &job.Error{Problem: err.Error(), Hint: "start one with: tuned serve"}
	}
	return err
}

// isJob tells whether an argument means a job of the daemon's, and not a directory.
func isJob(arg string) bool {
	if _, err := strconv.ParseUint(arg, 10, 63); err != nil {
		return false
	}
	_, err := os.Stat(arg)
	return err != nil
}

// acting makes a command that does one thing to jobs, and says how they are then.
func acting(s streams, verb, short, long string) *cobra.Command {
	return remote(verb+" JOB...", short, long, "  tuned "+verb+" 3", cobra.MinimumNArgs(1), func(ctx context.Context, d *client.Client, ids []string) error {
		for _, id := range ids {
			j, err := d.Act(ctx, id, verb)
			if err != nil {
				return err
			}
			say(s, j)
		}
		return nil
	})
}

// say shows a job's state in a line.
func say(s streams, j api.Job) {
	reason := ""
	if j.Reason != "" {
		reason = ": " + j.Reason
	}
	fmt.Fprintf(s.out, "job %d (%s) is %s%s\n", j.ID, j.Name, j.State, reason)
}

// checkStates refuses what is no state of a job.
func checkStates(names ...string) error {
	var known []string
	for _, state := range store.States {
		known = append(known, string(state))
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			hint := cmp.Or(words.DidYouMean(name, known), "there are "+strings.Join(known, ", "))
			return &job.Error{Problem: fmt.Sprintf("%q is no state of a job", name), Hint: hint}
		}
	}
	return nil
}
