package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tuned/bench/ablation"
	"tuned/bench/lines"
	"tuned/bench/pool"
	"tuned/bench/sets"
	"tuned/bench/trial"
)

// ablateCommand measures rules against their alternatives.
func ablateCommand() *cobra.Command {
	o := over{rows: 5000}
	var rules []string
	var folder, table string
	var terms ablation.Terms
	var splits int
	c := &cobra.Command{
		Use:   "ablate",
		Short: "What a rule is worth: the rulebook as it is against alternatives, over the development sets",
		Long: `Runs tuned as it is and with each alternative of the named rules, on the same splits with the same seeds, and compares
them pair by pair. An alternative is a file ID~NAME.toml of rules that come before the built-in ones.
--splits 0 runs nothing and writes the table.`,
		Example: "  bench ablate --rule lr.range-test --rule mlp.sigma --sets vowel,kin8nm",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			variants, err := alternatives(folder, rules)
			if err == nil && splits > 0 {
				err = ablate(c, o, variants, splits, terms)
			}
			if err != nil {
				return err
			}
			return ablation.Write(table, o.out)
		},
	}
	o.flags(c, "bench/results/ablations.jsonl")
	c.Flags().StringSliceVar(&rules, "rule", nil, "ids of rules (default: all that have alternatives)")
	c.Flags().StringVar(&folder, "alternatives", "bench/ablations", "folder of ID~NAME.toml files")
	c.Flags().StringVar(&table, "table", "bench/ABLATIONS.md", "table to write")
	c.Flags().IntVar(&splits, "splits", 2, "splits of each set")
	c.Flags().StringVar(&terms.Metric, "metric", "", "metric that the jobs name, such as log_loss (default: the usual one of the task)")
	c.Flags().StringVar(&terms.By, "by", "", "metric to compare by, where it is not what the jobs are judged by")
	c.Flags().StringVar(&terms.Architecture, "architecture", "", "architecture that the jobs name; dense is one that the rules do not know (default: a rule picks it)")
	return c
}

// variant is the rulebook with an alternative; the empty one is the rulebook as it is.
type variant struct{ name, path string }

func alternatives(folder string, rules []string) ([]variant, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*~*.toml"))
	if err != nil {
		return nil, err
	}
	all := []variant{{}}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".toml")
		id, _, _ := strings.Cut(name, "~")
		if len(rules) == 0 || slices.Contains(rules, id) {
			all = append(all, variant{name, path})
		}
	}
	if len(all) == 1 {
		return nil, fmt.Errorf("no alternatives in %s for %v", folder, rules)
	}
	return all, nil
}

func ablate(c *cobra.Command, o over, variants []variant, splits int, terms ablation.Terms) error {
	all, err := sets.Named(o.data, o.names)
	if err != nil {
		return err
	}
	var due []ablation.Line
	on, at := machine(), commit()
	terms.Rows = o.rows
	for _, s := range all {
		for split := range splits {
			for _, v := range variants {
				due = append(due, ablation.Line{Variant: v.name, Set: s.Name, Terms: terms, Split: split, Seed: int64(split), Machine: on, Commit: at, Rules: v.path})
			}
		}
	}
	return vary(c.Context(), o, due)
}

// vary runs what the file of results does not hold.
func vary(ctx context.Context, o over, due []ablation.Line) error {
	file, err := lines.Open[ablation.Line](o.out)
	if err != nil {
		return err
	}
	defer file.Close()
	return pool.Each(ctx, o.workers, lines.Missing(file.Past, due, ablation.Line.Key), func(_ context.Context, w *pool.Worker, l ablation.Line) error {
		r, err := w.Run(trial.Request{Data: o.data, Set: l.Set, Split: l.Split, Rows: l.Rows, Seed: l.Seed, Metric: l.Metric, Architecture: l.Architecture, Rules: l.Rules}, nil)
		if err != nil {
			return err
		}
		l.Fill(r)
		fmt.Fprintln(os.Stdout, l)
		return file.Append(l)
	})
}
