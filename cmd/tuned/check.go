package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"tuned/plugins/host"
	"tuned/plugins/plugintest"
)

var errNonconforming = errors.New("the architecture is not ready to be used")

const checkHelp = `Starts the architecture as a run would, reads its rules, and holds it to what every architecture must do, each check in processes of its own.
A check that fails says what it must do, and what it did instead.`

func newCheck(s streams) *cobra.Command {
	var only string
	c := &cobra.Command{
		Use: "check NAME|PATH", Short: "Check that an architecture keeps its promises, installed or not", Long: checkHelp,
		Example: "  tuned plugins check ./mynet\n  tuned plugins check ./mynet --run 'classification/(learns|overfits)'",
		Args:    args(cobra.ExactArgs(1)),
	}
	c.Flags().StringVar(&only, "run", "", "only the checks whose name this `REGEXP` matches")
	c.RunE = func(c *cobra.Command, given []string) error {
		wanted, err := regexp.Compile(only)
		if err != nil {
			return usage(c, err)
		}
		known, err := catalog()
		if err != nil {
			return err
		}
		if err := providePython(known); err != nil {
			return err
		}
		return checkArchitecture(c.Context(), s, known, given[0], wanted)
	}
	return c
}

// checkArchitecture runs the conformance suite and tells each check's outcome as it is known.
func checkArchitecture(ctx context.Context, s streams, c *host.Catalog, nameOrPath string, wanted *regexp.Regexp) error {
	p, done, err := c.Program(ctx, nameOrPath)
	if err != nil {
		return unknown(c, nameOrPath, err)
	}
	defer done()
	suite, err := plugintest.Open(ctx, p, plugintest.Options{Logger: logger()})
	if err != nil {
		return err
	}
	defer suite.Close()
	fmt.Fprintf(s.out, "%s %s: %s\n", suite.Manifest.Name, suite.Manifest.Version, suite.Manifest.Summary)
	if err := checkItsRules(c, suite.Manifest); err != nil {
		return err
	}
	failed, ran := 0, 0
	for _, check := range suite.Checks {
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case !wanted.MatchString(check.Name):
			continue
		case !passes(ctx, s, check):
			failed++
		}
		ran++
	}
	return verdict(s, failed, ran, len(suite.Checks))
}

// passes runs a check and tells its outcome.
func passes(ctx context.Context, s streams, check plugintest.Check) bool {
	if err := check.Run(ctx); err != nil {
		fmt.Fprintf(s.out, "FAIL  %s\n      it must: %s\n      %s\n", check.Name, check.What, indented(err))
		return false
	}
	fmt.Fprintf(s.out, "ok    %s\n", check.Name)
	return true
}

var errNothingChecked = errors.New("no check has such a name")

func verdict(s streams, failed, ran, all int) error {
	switch {
	case ran == 0:
		return errNothingChecked
	case failed > 0:
		return fmt.Errorf("%w: %d of %s failed", errNonconforming, failed, plural(int64(ran), "check"))
	case ran < all:
		_, err := fmt.Fprintf(s.out, "%d of %s ran, and passed\n", ran, plural(int64(all), "check"))
		return err
	}
	_, err := fmt.Fprintf(s.out, "all %s passed\n", plural(int64(all), "check"))
	return err
}

func indented(err error) string { return strings.ReplaceAll(err.Error(), "\n", "\n      ") }
