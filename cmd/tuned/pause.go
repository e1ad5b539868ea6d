package main

import "github.com/spf13/cobra"

func newPause(s streams) *cobra.Command {
	return acting(s, "pause", "Stop jobs of the daemon where they are",
		"Stops jobs. A running one saves what it did, and gives its memory and threads to others until tuned resume.")
}
