package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"tuned/heuristics"
	"tuned/job"
	"tuned/plugins/host"
	"tuned/trainer/model"
)

const rulesHelp = `Every hyperparameter is set by a rule: a condition over facts and other settings, a value, a sentence that says why, and
a source. For each setting the first rule whose condition holds wins. The job's [pin] comes first, then your file (tuned
run --rules FILE), then the architecture's own rules, then the built-in ones. A rule with the id of one further down replaces it.`

// rulesFlags are what the commands about rules share.
type rulesFlags struct{ file, architecture string }

func newRules(s streams) *cobra.Command {
	c := &cobra.Command{
		Use: "rules", Short: "Check, show and test the rules that set hyperparameters", Long: rulesHelp,
		Example: "  tuned rules show lr\n  tuned rules check mine.toml\n  tuned rules test cases.toml --rules mine.toml",
		Args:    args(cobra.NoArgs),
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newRulesCheck(s), newRulesShow(s), newRulesTest(s))
	return c
}

func newRulesCheck(s streams) *cobra.Command {
	return &cobra.Command{
		Use: "check [FILE]", Short: "Check a file of rules, or the built-in ones", Args: args(cobra.MaximumNArgs(1)),
		Long:    "Checks names, types, cycles, and that every setting has a rule that always holds, with each architecture. Mistakes are shown with their place.",
		Example: "  tuned rules check mine.toml",
		RunE: func(c *cobra.Command, given []string) error {
			return checkRules(c.Context(), s, append(given, "")[0])
		},
	}
}

func newRulesShow(s streams) *cobra.Command {
	var f rulesFlags
	c := &cobra.Command{
		Use: "show [SETTING]...", Short: "List settings with their rules, checks, watches and facts, or some settings",
		Example: "  tuned rules show\n  tuned rules show lr batch_size\n  tuned rules show --architecture linear",
		RunE:    func(c *cobra.Command, given []string) error { return showRules(c.Context(), s, f, given) },
	}
	c.Flags().StringVar(&f.architecture, "architecture", "mlp", "with the rules of the architecture of this `NAME`")
	c.Flags().StringVar(&f.file, "rules", "", "with a `FILE` of rules before the built-in ones")
	return c
}

func newRulesTest(s streams) *cobra.Command {
	var f rulesFlags
	c := &cobra.Command{
		Use: "test CASES...", Short: "Run cases: facts in, plan out", Args: args(cobra.MinimumNArgs(1)),
		Long:    "Each case gives facts and says what the rules must make of them. The exit code is 1 when one is not as expected.",
		Example: "  tuned rules test cases.toml --rules mine.toml",
		RunE:    func(c *cobra.Command, given []string) error { return testRules(c.Context(), s, f, given) },
	}
	c.Flags().StringVar(&f.file, "rules", "", "with a `FILE` of rules before the built-in ones")
	return c
}

// books loads the rules in force for an architecture, a user's file before the others.
func books(ctx context.Context, c *host.Catalog, file string) (heuristics.Books, error) {
	user, err := job.ReadRules(file)
	if err != nil {
		return nil, err
	}
	return func(name string) (*heuristics.Book, error) {
		if name == "" || !slices.Contains(c.Names(), name) {
			return job.Rulebook(model.Manifest{Name: name}, c.Names(), user)
		}
		e, err := c.Show(ctx, name)
		if err != nil {
			return nil, err
		}
		return job.Rulebook(e.Manifest, c.Names(), user)
	}, nil
}

// checkRules loads the rules as a run of each architecture would.
func checkRules(ctx context.Context, s streams, file string) error {
	c, err := catalog()
	if err != nil {
		return err
	}
	load, err := books(ctx, c, file)
	if err != nil {
		return err
	}
	for _, name := range c.Names() {
		book, err := load(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "ok: with %s, %s settings have their rules\n", name, count(len(book.Show().Settings)))
	}
	return nil
}

func showRules(ctx context.Context, s streams, f rulesFlags, settings []string) error {
	c, err := catalog()
	if err != nil {
		return err
	}
	if !slices.Contains(c.Names(), f.architecture) {
		return unknown(c, f.architecture, host.ErrUnknown)
	}
	load, err := books(ctx, c, f.file)
	if err != nil {
		return err
	}
	book, err := load(f.architecture)
	if err != nil {
		return err
	}
	listing := book.Show()
	if len(settings) > 0 {
		if listing, err = listing.Only(settings...); err != nil {
			return &job.Error{Problem: err.Error(), Hint: "tuned rules show lists them all"}
		}
	}
	return listing.WriteText(s.out)
}

func testRules(ctx context.Context, s streams, f rulesFlags, files []string) error {
	c, err := catalog()
	if err != nil {
		return err
	}
	load, err := books(ctx, c, f.file)
	if err != nil {
		return err
	}
	cases, err := readCases(files)
	if err != nil {
		return err
	}
	report, err := heuristics.Test(load, cases...)
	if err != nil {
		return err
	}
	return tellCases(s, report)
}

func readCases(files []string) ([]*heuristics.Cases, error) {
	var all []*heuristics.Cases
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, &job.Error{Path: file, Problem: "the cases cannot be read", Hint: "name a file of cases; docs/rules.md shows how they are written", Err: err}
		}
		cases, err := heuristics.ReadCases(file, string(text))
		if err != nil {
			return nil, err
		}
		all = append(all, cases)
	}
	return all, nil
}

func tellCases(s streams, report heuristics.TestReport) error {
	failed := 0
	for _, r := range report.Results {
		if len(r.Failures) == 0 {
			fmt.Fprintf(s.out, "ok    %s\n", r.Name)
			continue
		}
		failed++
		fmt.Fprintf(s.out, "FAIL  %s\n", r.Name)
		for _, f := range r.Failures {
			fmt.Fprintf(s.out, "      %s\n", f)
		}
	}
	for _, u := range report.Never {
		if u.Layer == "user" {
			fmt.Fprintf(s.out, "%s: no case fires the %s %q\n", u.Place, u.Kind, u.ID)
		}
	}
	if !report.Passed() {
		return fmt.Errorf("%d of %s are not as expected", failed, plural(int64(len(report.Results)), "case"))
	}
	return nil
}
