package main

import (
	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"tuned/daemon/attempt"
	"tuned/job"
)

// newAttempt is the command with which the daemon starts itself again for each job; its words are daemon/attempt's.
func newAttempt(s streams) *cobra.Command {
	return &cobra.Command{
		Use: attempt.Argument, Short: "Serve one attempt at a job (the daemon starts this itself)", Hidden: true, Args: args(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			outliveReaders() // a daemon that ended is one: what was done is saved
			err := attempt.Main(c.Context(), s.in, s.out, attempt.Tools{Version: version(), Architectures: loggedArchitectures})
			if err != nil {
				return &told{err}
			}
			return nil
		},
	}
}

// loggedArchitectures write what they print to a log.
func loggedArchitectures(log *zap.Logger) (job.Architectures, error) {
	c, err := catalog()
	if err != nil {
		return nil, err
	}
	return job.Hosted(c, log), nil
}
