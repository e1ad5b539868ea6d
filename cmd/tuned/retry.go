package main

import "github.com/spf13/cobra"

func newRetry(s streams) *cobra.Command {
	return acting(s, "retry", "Have failed or cancelled jobs of the daemon go on",
		"Has failed or cancelled jobs go on from what is there.")
}
