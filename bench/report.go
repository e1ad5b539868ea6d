package main

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tuned/bench/lines"
	"tuned/bench/study"
	"tuned/bench/summary"
)

// reportCommand makes the summary of everything that was searched.
func reportCommand() *cobra.Command {
	var folder, names string
	var asJSON bool
	c := &cobra.Command{
		Use:     "report FILES…",
		Short:   "What search would have cost for the same result: RESULTS.md, plots and a JSON summary",
		Example: "  bench report bench/results/tuned.jsonl bench/results/random.jsonl",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, files []string) error {
			var trials []study.Line
			for _, path := range files {
				some, err := lines.Read[study.Line](path)
				if err != nil {
					return err
				}
				trials = append(trials, some...)
			}
			if names != "" {
				wanted := strings.Split(names, ",")
				trials = slices.DeleteFunc(trials, func(l study.Line) bool { return !slices.Contains(wanted, l.Set) })
			}
			if len(trials) == 0 {
				return errors.New("no results: are these the right files and sets?")
			}
			all := summary.Summarise(trials)
			if asJSON {
				out := json.NewEncoder(os.Stdout)
				out.SetIndent("", "  ")
				return out.Encode(all)
			}
			return summary.Write(folder, all)
		},
	}
	c.Flags().StringVar(&folder, "folder", "bench", "where RESULTS.md, results.json and the plots go")
	c.Flags().StringVar(&names, "sets", "", "data sets that count, separated by commas (default: all in the files)")
	c.Flags().BoolVar(&asJSON, "json", false, "print the summary and write nothing")
	return c
}
