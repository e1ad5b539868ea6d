package main

import (
	"context"
	"fmt"
	"os/user"

	"github.com/spf13/cobra"

	"tuned/daemon/client"
)

const approveHelp = `Lets a job train whose plan promises more than its [approve] table allows. See the plan first, with tuned jobs and
tuned explain. With --pin the job is planned again with settings of yours; where that plan is above the bound as well, it
waits again.`

func newApprove(s streams) *cobra.Command {
	var pins map[string]string
	c := remote("approve JOB...", "Let waiting jobs of the daemon train, or pin settings", approveHelp,
		"  tuned approve 3\n  tuned approve 3 --pin epochs=50", cobra.MinimumNArgs(1),
		func(ctx context.Context, d *client.Client, ids []string) error {
			for _, id := range ids {
				j, err := d.Approve(ctx, id, whoami(), pins)
				if err != nil {
					return err
				}
				say(s, j)
			}
			return nil
		})
	c.Flags().StringToStringVar(&pins, "pin", nil, "decide a setting yourself, `SETTING=VALUE`; may be repeated")
	return c
}

// whoami is the user, for the record.
func whoami() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s at a terminal", u.Username)
}
