package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"tuned"
	"tuned/job"
	"tuned/trainer/model"
)

const rulesHelp = `Every hyperparameter is set by a rule: a condition over facts and other settings, a value, a sentence that says why, and
a source. For each setting the first rule whose condition holds wins. The job's [pin] comes first, then your file (tuned
run --rules FILE), then the architecture's own rules, then the built-in ones. A rule with the id of one further down replaces it.`

func newRules(s streams) *cobra.Command {
	c := &cobra.Command{
		Use: "rules", Short: "Check and show the rules that set hyperparameters", Long: rulesHelp,
		Example: "  tuned rules show\n  tuned rules show mlp\n  tuned rules check mine.toml",
		Args:    args(cobra.NoArgs),
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		&cobra.Command{
			Use: "check [FILE]", Short: "Check the rules in force, with FILE before the built-in ones", Args: args(cobra.MaximumNArgs(1)),
			Long:    "Checks names, types, cycles and that every setting has a rule, for each architecture. Mistakes are shown with their place.",
			Example: "  tuned rules check mine.toml",
			RunE:    func(c *cobra.Command, given []string) error { return checkRules(c.Context(), s, given) },
		},
		&cobra.Command{
			Use: "show [ARCHITECTURE]", Short: "Print the built-in rules, or an architecture's own", Args: args(cobra.MaximumNArgs(1)),
			RunE: func(c *cobra.Command, given []string) error { return showRules(c.Context(), s, given) },
		},
	)
	return c
}

// checkRules loads the rules as a run of each architecture would.
func checkRules(ctx context.Context, s streams, files []string) error {
	var user job.Rules
	if len(files) > 0 {
		var err error
		if user, err = job.ReadRules(files[0]); err != nil {
			return err
		}
	}
	names := architectures().Names()
	for _, name := range names {
		m, err := manifest(ctx, name)
		if err != nil {
			return err
		}
		if _, err := job.Rulebook(m, names, user); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "ok: the rules for %s\n", name)
	}
	return nil
}

func showRules(ctx context.Context, s streams, names []string) error {
	text := tuned.Rules
	if len(names) > 0 {
		m := model.Manifest{}
		var err error
		if m, err = manifest(ctx, names[0]); err != nil {
			return err
		}
		text = m.Rules
	}
	_, err := fmt.Fprint(s.out, text)
	return err
}
