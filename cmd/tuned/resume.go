package main

import "github.com/spf13/cobra"

func newResume(s streams) *cobra.Command {
	return acting(s, "resume", "Let paused jobs of the daemon go on",
		"Lets paused jobs go on from where they were, to the same bits as if they had never stopped.")
}
