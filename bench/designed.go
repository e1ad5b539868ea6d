package main

import (
	"github.com/spf13/cobra"

	"tuned/bench/designed"
)

// designedCommand writes tables that are made, not measured.
func designedCommand() *cobra.Command {
	var curves, alike bool
	c := &cobra.Command{
		Use:   "designed DIR",
		Short: "Write tables of designed experiments to a folder, for search and ablate --data",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case curves:
				return designed.WriteCurves(args[0])
			case alike:
				return designed.WriteAlike(args[0])
			}
			return designed.Write(args[0])
		},
	}
	c.Flags().BoolVar(&curves, "curves", false, "tables of noisy curves over one to three numbers instead")
	c.Flags().BoolVar(&alike, "alike", false, "tables of columns that say nearly the same instead, such as spectra")
	c.MarkFlagsMutuallyExclusive("curves", "alike")
	return c
}
