package main

import (
	"github.com/spf13/cobra"

	"tuned/bench/designed"
)

// designedCommand writes tables that are made, not measured.
func designedCommand() *cobra.Command {
	var curves bool
	c := &cobra.Command{
		Use:   "designed DIR",
		Short: "Write tables of designed experiments to a folder, for search and ablate --data",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if curves {
				return designed.WriteCurves(args[0])
			}
			return designed.Write(args[0])
		},
	}
	c.Flags().BoolVar(&curves, "curves", false, "tables of noisy curves over one to three numbers instead")
	return c
}
