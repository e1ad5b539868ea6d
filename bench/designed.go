package main

import (
	"github.com/spf13/cobra"

	"tuned/bench/designed"
)

// designedCommand writes tables that are made, not measured.
func designedCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "designed DIR",
		Short: "Write tables of designed experiments to a folder, for search and ablate --data",
		Args:  cobra.ExactArgs(1),
		RunE:  func(_ *cobra.Command, args []string) error { return designed.Write(args[0]) },
	}
}
