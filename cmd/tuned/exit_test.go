package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestFlagsThatDoNotGoTogether: the message names both, and the exit code is that of bad input.
func TestFlagsThatDoNotGoTogether(t *testing.T) {
	t.Chdir(t.TempDir())
	for line, both := range map[string]string{
		"submit x.toml --rooted --sheet s":            "--rooted and --sheet",
		"submit x.toml --sheet= --rooted":             "--rooted and --sheet",
		"submit t.csv --rooted --target y":            "--rooted and --target",
		"submit t.csv --rooted --metric mae":          "--rooted and --metric",
		"submit x.toml --json --quiet":                "--json and --quiet",
		"run x.toml --json --quiet":                   "--json and --quiet",
		"run x.toml --plan p.json --rules r.toml":     "--plan and --rules",
		"watch 3 --json --quiet":                      "--json and --quiet",
		"serve --alert-webhook u --alert-command cat": "--alert-webhook and --alert-command",
	} {
		var out, err bytes.Buffer
		code := execute(strings.Fields(line), streams{in: strings.NewReader(""), out: &out, err: &err})
		if want := "tuned: " + both + " do not go together"; code != exitBadInput || !strings.HasPrefix(err.String(), want) || out.Len() > 0 {
			t.Errorf("%s: exit code %d, %q, %q", line, code, err.String(), out.String())
		}
	}
}
