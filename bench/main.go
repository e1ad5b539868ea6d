// Bench measures what search would have cost, what users would pick instead, and what each rule is worth.
//
// Every command is resumable: it appends to a file of results and goes on behind what the file holds.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/spf13/cobra"

	"tuned/bench/pool"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := root().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func root() *cobra.Command {
	c := &cobra.Command{
		Use:           "bench",
		Short:         "Measures tuned against search, peers and its own alternatives",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	c.AddCommand(scoresCommand(), searchCommand(), ablateCommand(), leaveoutCommand(), reportCommand(), spreadCommand(), engineCommand(), imagesCommand(), designedCommand(), worker())
	return c
}

// worker is how the bench starts itself for trials.
func worker() *cobra.Command {
	return &cobra.Command{
		Use: "worker", Hidden: true, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return pool.Serve(c.Context(), os.Stdin, os.Stdout)
		},
	}
}

// over are the flags of every command that measures on data sets.
type over struct {
	data    string
	names   string
	rows    int
	workers int
	out     string
}

func (o *over) flags(c *cobra.Command, out string) {
	o.places(c, out)
	c.Flags().IntVar(&o.rows, "rows", o.rows, "rows of a set at most, a random part of it (0: all)")
}

// places are the flags of a command that knows how many rows.
func (o *over) places(c *cobra.Command, out string) {
	c.Flags().StringVar(&o.data, "data", "../shared/data", "folder of data sets, each with a source.toml")
	c.Flags().StringVar(&o.names, "sets", "", "data sets, separated by commas; NAME:COLUMN is one with another column as its target (default: every table)")
	c.Flags().IntVar(&o.workers, "workers", 2, "worker processes, one thread each")
	c.Flags().StringVar(&o.out, "out", out, "file of results, one a line, appended to")
}
