package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"tuned/bench/ablation"
	"tuned/bench/lines"
	"tuned/bench/sets"
	"tuned/bench/study"
)

// leaveoutCommand judges the whole rulebook on each set by what the other sets would have picked.
func leaveoutCommand() *cobra.Command {
	o := over{rows: 5000}
	var folder, searched, table string
	var splits int
	c := &cobra.Command{
		Use:   "leaveout",
		Short: "Whether the whole rulebook carries over: each set runs with the rules that the other sets alone would pick",
		Long: `Runs the rulebook, and every alternative in the folder on the sets where the rule that it replaces decides, lets the sets pick
among them with one set left out in turn, and runs that set with all picks together. What the file of results holds from another
commit counts where the rulebook's own run is still the same; the lines of an alternative that was rewritten have to be taken out
by hand. --splits 0 runs nothing and writes the table.`,
		Example: "  bench leaveout --rows 1500 --splits 2",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if splits > 0 {
				if err := leaveout(c, o, folder, splits); err != nil {
					return err
				}
			}
			return writeWhole(table, o.out, searched)
		},
	}
	o.flags(c, "bench/results/leaveout.jsonl")
	c.Flags().StringVar(&folder, "alternatives", "bench/ablations", "folder of ID~NAME.toml files")
	c.Flags().StringVar(&searched, "searched", "bench/results/random.jsonl", "the search that both are compared with")
	c.Flags().StringVar(&table, "table", "bench/LEAVEOUT.md", "table to write")
	c.Flags().IntVar(&splits, "splits", 2, "splits of each set")
	return c
}

// leaveout runs the rulebook, then what concerns each set, then the picks.
func leaveout(c *cobra.Command, o over, folder string, splits int) error {
	all, err := sets.Named(o.data, o.names)
	if err != nil {
		return err
	}
	variants, err := alternatives(folder, nil)
	if err != nil {
		return err
	}
	places := placesOf(all, splits, o.rows)
	if err := vary(c.Context(), o, places); err != nil {
		return err
	}
	whole, err := judged(o.out)
	if err != nil {
		return err
	}
	if err := vary(c.Context(), o, concerned(whole, places, variants)); err != nil {
		return err
	}
	if whole, err = judged(o.out); err != nil {
		return err
	}
	return together(c.Context(), o, whole, places, folder)
}

func judged(path string) (ablation.Whole, error) {
	past, err := lines.Read[ablation.Line](path)
	return ablation.Judge(past), err
}

// placesOf are the rulebook's own runs, with the seeds of the arm "tuned".
func placesOf(all []sets.Set, splits, rows int) []ablation.Line {
	var places []ablation.Line
	on, at := machine(), commit()
	for _, s := range all {
		for split := range splits {
			places = append(places, ablation.Line{Set: s.Name, Terms: ablation.Terms{Rows: rows}, Split: split, Seed: study.Seed(split, 0), Machine: on, Commit: at})
		}
	}
	return places
}

// concerned are the alternatives where they change anything and were not run beside the same run of the rulebook.
func concerned(whole ablation.Whole, places []ablation.Line, variants []variant) []ablation.Line {
	var due []ablation.Line
	for _, l := range places {
		for _, v := range variants {
			if _, ok := whole.Find(l, v.name); !ok {
				l.Variant, l.Rules = v.name, v.path
				due = append(due, l)
			}
		}
	}
	return due
}

// together runs each set with what the others picked.
func together(ctx context.Context, o over, whole ablation.Whole, places []ablation.Line, folder string) error {
	dir, err := os.MkdirTemp("", "tuned-bench-picks-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	picks := whole.Picks()
	var due []ablation.Line
	for _, l := range places {
		if _, ok := whole.Find(l, picks[l.Set]); ok {
			continue
		}
		l.Variant, l.Rules = whole.Concerning(l, picks[l.Set]), filepath.Join(dir, fmt.Sprintf("%s-%d.toml", l.Set, l.Split))
		if err := writePicks(l.Rules, folder, l.Variant); err != nil {
			return err
		}
		due = append(due, l)
	}
	return vary(ctx, o, due)
}

// writePicks makes one file of all alternatives of a variant.
func writePicks(path, folder, picks string) error {
	var book bytes.Buffer
	for _, name := range ablation.Alternatives(picks) {
		text, err := os.ReadFile(filepath.Join(folder, name+".toml"))
		if err != nil {
			return err
		}
		fmt.Fprintf(&book, "%s\n", text)
	}
	return os.WriteFile(path, book.Bytes(), 0o644)
}

func writeWhole(table, results, searched string) error {
	whole, err := judged(results)
	if err != nil {
		return err
	}
	trials, err := lines.Read[study.Line](searched)
	if err != nil {
		return err
	}
	return os.WriteFile(table, []byte(whole.Render(trials)), 0o644)
}
