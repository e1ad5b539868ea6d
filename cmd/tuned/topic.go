package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"tuned/job"
	"tuned/words"
)

// newJobTopic is a help topic and no command: what a job file may hold.
func newJobTopic() *cobra.Command {
	return &cobra.Command{Use: "job", Short: "What a job file may hold", Long: jobKeys()}
}

func jobKeys() string {
	var b strings.Builder
	b.WriteString("A job is a file of TOML. Only data.path and data.target are needed; what has a dot stands under a [table]:\n")
	for _, f := range job.Fields() {
		fmt.Fprintf(&b, "\n  %s\n      %s\n", f.Name, words.Wrap(f.Help, 6))
	}
	b.WriteString("\n  pin\n      " + words.Wrap("settings that overrule rules, with the names that tuned explain shows: batch_size = 512, mlp.members = 1", 6))
	return b.String()
}
