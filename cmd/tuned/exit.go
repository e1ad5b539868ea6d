package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"tuned/job"
)

// The exit codes, listed in the help.
const (
	exitOK          = 0
	exitFailed      = 1
	exitBadInput    = 2
	exitInterrupted = 130
)

var errOnlyItself = errors.New("tuned starts this command itself")

// usageError is a command line that cannot be meant.
type usageError struct {
	command string
	err     error
}

func usage(c *cobra.Command, err error) error { return &usageError{c.CommandPath(), err} }

// Error says what is wrong and where to read on.
func (u *usageError) Error() string {
	return fmt.Sprintf("%v\n | see: %s --help", u.err, u.command)
}

// Unwrap gives the cause.
func (u *usageError) Unwrap() error { return u.err }

// args has cobra's checks of arguments end as usage errors.
func args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, given []string) error {
		if err := check(c, given); err != nil {
			return usage(c, err)
		}
		return nil
	}
}

// apart refuses a flag together with any of the others. (Completion knows of it by cobra, whose own message comes later.)
func apart(c *cobra.Command, flag string, others ...string) {
	before := c.PreRunE
	c.PreRunE = func(c *cobra.Command, given []string) error {
		for _, other := range others {
			if c.Flags().Changed(flag) && c.Flags().Changed(other) {
				return usage(c, fmt.Errorf("--%s and --%s do not go together: leave one out", flag, other))
			}
		}
		if before == nil {
			return nil
		}
		return before(c, given)
	}
	for _, other := range others {
		c.MarkFlagsMutuallyExclusive(flag, other)
	}
}

// fail prints an error once, for people, and gives its exit code.
func fail(w io.Writer, err error) int {
	if err == nil {
		return exitOK
	}
	if already := (*told)(nil); !errors.As(err, &already) {
		fmt.Fprintln(w, "tuned: "+stopped(err))
	}
	return exitCode(err)
}

// told is an error that the command has already printed, in words of its own.
type told struct{ error }

// Unwrap gives the cause.
func (t *told) Unwrap() error { return t.error }

// interrupted tells whether a command ended early because it was asked to.
func interrupted(err error) bool {
	return errors.Is(err, job.ErrInterrupted) || errors.Is(err, context.Canceled)
}

func exitCode(err error) int {
	var u *usageError
	var left *job.Unfinished
	switch {
	case interrupted(err):
		return exitInterrupted
	case errors.As(err, &left): // whatever the cause: something was written
		return exitFailed
	case errors.As(err, &u), job.BadInput(err), strings.HasPrefix(err.Error(), "unknown command"):
		return exitBadInput
	}
	return exitFailed
}
