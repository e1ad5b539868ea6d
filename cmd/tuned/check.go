package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tuned/plugins/host"
	"tuned/plugins/plugintest"
)

var errNonconforming = errors.New("the architecture is not ready to be used")

// checkArchitecture runs the conformance suite and tells each check's outcome as it is known.
func checkArchitecture(ctx context.Context, s streams, c *host.Catalog, given []string) error {
	p, done, err := c.Program(ctx, given[0])
	if err != nil {
		return unknown(c, given[0], err)
	}
	defer done()
	suite, err := plugintest.Open(ctx, p, plugintest.Options{Logger: logger()})
	if err != nil {
		return err
	}
	defer suite.Close()
	fmt.Fprintf(s.out, "%s %s: %s\n", suite.Manifest.Name, suite.Manifest.Version, suite.Manifest.Summary)
	failed := 0
	for _, check := range suite.Checks {
		if err := check.Run(ctx); err != nil {
			failed++
			fmt.Fprintf(s.out, "FAIL  %s\n      it must: %s\n      %s\n", check.Name, check.What, indented(err))
			continue
		}
		fmt.Fprintf(s.out, "ok    %s\n", check.Name)
	}
	if failed > 0 {
		return fmt.Errorf("%w: %d of %s failed", errNonconforming, failed, plural(int64(len(suite.Checks)), "check"))
	}
	_, err = fmt.Fprintf(s.out, "all %s passed\n", plural(int64(len(suite.Checks)), "check"))
	return err
}

func indented(err error) string { return strings.ReplaceAll(err.Error(), "\n", "\n      ") }
