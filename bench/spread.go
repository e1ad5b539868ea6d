package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tuned/bench/lines"
	"tuned/bench/pool"
	"tuned/bench/spread"
	"tuned/bench/study"
	"tuned/bench/trial"
)

// spreadCommand measures how much the seed decides, of one run and of what a search picked.
func spreadCommand() *cobra.Command {
	var o over
	var searched, table string
	var seeds int
	c := &cobra.Command{
		Use:     "spread",
		Short:   "How much the final score depends on the seed: one run of tuned beside the settings that search picked",
		Example: "  bench spread --searched bench/results/random.jsonl --sets vowel,kin8nm",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			trials, err := lines.Read[study.Line](searched)
			if err != nil {
				return err
			}
			if err := spreads(c, o, spread.Winners(trials), seeds); err != nil {
				return err
			}
			return spread.Write(table, o.out)
		},
	}
	o.places(c, "bench/results/spread.jsonl")
	c.Flags().StringVar(&searched, "searched", "bench/results/random.jsonl", "the search whose picks are run again, on as many rows")
	c.Flags().StringVar(&table, "table", "bench/SPREAD.md", "table to write")
	c.Flags().IntVar(&seeds, "seeds", 10, "seeds")
	return c
}

// spreadRuns are those of the named sets, or all: with each seed one of tuned, and one of the settings that search picked.
func spreadRuns(names string, winners map[string]study.Line, seeds int) (runs []spread.Line) {
	for _, set := range slices.Sorted(maps.Keys(winners)) {
		if names != "" && !slices.Contains(strings.Split(names, ","), set) {
			continue
		}
		for seed := range int64(seeds) {
			l := spread.Line{Set: set, Rows: winners[set].Rows, Seed: seed, Machine: machine(), Commit: commit()}
			runs = append(runs, l)
			l.Winner, l.Settings = true, winners[set].Settings
			runs = append(runs, l)
		}
	}
	return runs
}

func spreads(c *cobra.Command, o over, winners map[string]study.Line, seeds int) error {
	file, err := lines.Open[spread.Line](o.out)
	if err != nil {
		return err
	}
	defer file.Close()
	due := lines.Missing(file.Past, spreadRuns(o.names, winners, seeds), spread.Line.Key)
	return pool.Each(c.Context(), o.workers, due, func(_ context.Context, w *pool.Worker, l spread.Line) error {
		r, err := w.Run(l.Request(o.data), nil)
		if err != nil {
			return err
		}
		if r.Problem != "" {
			return errors.New(r.Problem)
		}
		l.Test = trial.Error(r.Test, r.Metric)
		fmt.Fprintf(c.OutOrStdout(), "%s seed %d, search's pick: %t: %.5f\n", l.Set, l.Seed, l.Winner, l.Test)
		return file.Append(l)
	})
}
