package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"tuned/bench/arms"
	"tuned/bench/lines"
	"tuned/bench/pool"
	"tuned/bench/sets"
	"tuned/bench/study"
)

// searchCommand runs an arm's trials on splits of each set.
func searchCommand() *cobra.Command {
	o := over{rows: 5000}
	var arm string
	var trials, splits int
	c := &cobra.Command{
		Use:   "search",
		Short: "Run the trials of one arm: tuned itself, fixed defaults, or a search over the same code",
		Example: `  bench search --arm random --trials 100 --splits 3 --sets letter,adult --out bench/results/random.jsonl
  bench search --arm tuned --splits 5 --out bench/results/tuned.jsonl`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			a, err := arms.Lookup(arm)
			if err != nil {
				return err
			}
			return search(c, o, a, trials, splits)
		},
	}
	o.flags(c, "bench/results/search.jsonl")
	c.Flags().StringVar(&arm, "arm", "tuned", fmt.Sprintf("one of %v", arms.Names()))
	c.Flags().IntVar(&trials, "trials", 100, "trials in a study")
	c.Flags().IntVar(&splits, "splits", 3, "splits of each set, a study each")
	return c
}

func search(c *cobra.Command, o over, a arms.Arm, trials, splits int) error {
	all, err := sets.Named(o.data, o.names)
	if err != nil {
		return err
	}
	file, err := lines.Open[study.Line](o.out)
	if err != nil {
		return err
	}
	defer file.Close()
	dir, err := os.MkdirTemp("", "tuned-bench-rules-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	rules, err := rulesFile(dir, a)
	if err != nil {
		return err
	}
	var due []study.Study
	for _, s := range all {
		for split := range splits {
			due = append(due, study.Study{Arm: a, Set: s, Data: o.data, Split: split, Rows: o.rows, Trials: trials, Rules: rules, Machine: machine(), Commit: commit()})
		}
	}
	return pool.Each(c.Context(), o.workers, due, func(ctx context.Context, w *pool.Worker, s study.Study) error {
		past := slices.DeleteFunc(slices.Clone(file.Past), func(l study.Line) bool { return !s.Holds(l) })
		return s.Run(ctx, w, past, func(l study.Line) error {
			fmt.Fprintln(c.OutOrStdout(), l)
			return file.Append(l)
		})
	})
}

// rulesFile writes an arm's rules into a directory, where the workers find them; an arm without any has no file.
func rulesFile(dir string, a arms.Arm) (string, error) {
	if a.Rules == "" {
		return "", nil
	}
	path := filepath.Join(dir, a.Name+".toml")
	return path, os.WriteFile(path, []byte(a.Rules), 0o644)
}
