package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"tuned/bench/lines"
	"tuned/bench/pool"
	"tuned/bench/scores"
	"tuned/bench/sets"
	"tuned/bench/trial"
)

// scoresCommand measures one run of tuned, no pins, on splits of each set, and compares with published peers.
func scoresCommand() *cobra.Command {
	o := over{rows: 20000}
	var peers, scikit, table, rules string
	c := &cobra.Command{
		Use:   "scores",
		Short: "One run of tuned on each data set, beside RealMLP, scikit-learn and XGBoost",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := measureScores(c, o, rules); err != nil {
				return err
			}
			return scores.Write(table, o.out, peers, scikit)
		},
	}
	o.flags(c, "bench/results/scores.jsonl")
	c.Flags().StringVar(&peers, "peers", "../shared/reference/dev-peers.json", "what the peers reach")
	c.Flags().StringVar(&scikit, "scikit", "bench/results/sklearn-defaults.jsonl", "what scikit-learn reached on our splits, if measured (bench search --arm sklearn-defaults)")
	c.Flags().StringVar(&table, "table", "bench/SCORES.md", "table to write")
	c.Flags().StringVar(&rules, "rules", "", "a file of rules that come before the built-in ones")
	return c
}

func measureScores(c *cobra.Command, o over, rules string) error {
	all, err := sets.Named(o.data, o.names)
	if err != nil {
		return err
	}
	file, err := lines.Open[scores.Line](o.out)
	if err != nil {
		return err
	}
	defer file.Close()
	due := missing(file.Past, requests(all, o, rules))
	on, at := machine(), commit()
	return pool.Each(c.Context(), o.workers, due, func(_ context.Context, w *pool.Worker, r trial.Request) error {
		result, err := w.Run(r, nil)
		if err != nil {
			return fmt.Errorf("%s, split %d: %w", r.Set, r.Split, err)
		}
		fmt.Fprintf(c.OutOrStdout(), "%s split %d: %s %.5g, %.1f s CPU %s\n", r.Set, r.Split, result.Metric, result.Test.Get(result.Metric), result.CPUSeconds, result.Problem)
		return file.Append(scores.Line{Set: r.Set, Rows: r.Rows, Split: r.Split, Result: result, Machine: on, Commit: at})
	})
}

// requests are the runs of a score table: splits 0 to 9 below 2,000 rows, 0 to 2 above.
func requests(all []sets.Set, o over, rules string) []trial.Request {
	var due []trial.Request
	for _, s := range all {
		splits := 3
		if s.Rows < 2000 {
			splits = 10
		}
		for split := range splits {
			due = append(due, trial.Request{Data: o.data, Set: s.Name, Split: split, Rows: o.rows, Seed: int64(split), Rules: rules})
		}
	}
	return due
}

// missing are the requests that have no line yet.
func missing(past []scores.Line, wanted []trial.Request) []trial.Request {
	return lines.Missing(past, wanted, func(r trial.Request) string {
		return scores.Line{Set: r.Set, Rows: r.Rows, Split: r.Split}.Key()
	})
}
