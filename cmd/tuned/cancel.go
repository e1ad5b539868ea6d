package main

import "github.com/spf13/cobra"

func newCancel(s streams) *cobra.Command {
	return acting(s, "cancel", "End jobs of the daemon; what they did is kept",
		"Ends jobs. What they did so far is kept: tuned retry has them go on from there.")
}
