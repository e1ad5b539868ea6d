package main

import (
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tuned/bench/engine"
)

// engineCommand measures the engine beside the machine's peak and PyTorch.
func engineCommand() *cobra.Command {
	var out, table, names string
	var asJSON bool
	o := engine.Options{}
	c := &cobra.Command{
		Use:   "engine",
		Short: "Products and training steps beside the machine's peak, and beside PyTorch where it is installed",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.Progress = c.ErrOrStderr()
			if names != "" {
				o.Nets = strings.Split(names, ",")
			}
			if !engine.HasPyTorch(c.Context(), o.Python) {
				o.Python = ""
			}
			r, err := engine.Measure(c.Context(), o)
			if err != nil {
				return err
			}
			r.Machine, r.Commit = machine(), commit()
			if asJSON {
				return printJSON(c.OutOrStdout(), r)
			}
			if err := r.Write(out, table); err != nil {
				return err
			}
			_, err = io.WriteString(os.Stdout, r.Table())
			return err
		},
	}
	c.Flags().StringVar(&out, "out", "bench/results/engine.json", "file of results to write")
	c.Flags().StringVar(&table, "table", "bench/ENGINE.md", "table to write")
	c.Flags().BoolVar(&asJSON, "json", false, "print the results and write nothing")
	c.Flags().BoolVar(&o.Products, "products", true, "measure products")
	c.Flags().StringVar(&names, "nets", "", "nets, separated by commas (default: all)")
	c.Flags().DurationVar(&o.Budget, "budget", 2*time.Second, "time for each figure")
	c.Flags().StringVar(&o.Python, "python", "/usr/bin/python3", "interpreter that may have PyTorch")
	c.Flags().StringVar(&o.Script, "script", "bench/peers/engine.py", "PyTorch's side")
	c.Flags().StringVar(&o.Job, "job", "examples/digits/job.toml", "a job that is run as a whole, to see where its time goes (\"\": none)")
	return c
}

func printJSON(w io.Writer, r engine.Report) error {
	text, err := r.JSON()
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}
