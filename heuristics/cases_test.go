package heuristics_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tuned/heuristics"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestRuleCases runs the built-in rulebook's cases; a rule that no case fires fails.
func TestRuleCases(t *testing.T) {
	report := runCases(t, "testdata/cases.toml")
	for _, c := range report.Results {
		t.Run(c.Name, func(t *testing.T) {
			for _, f := range c.Failures {
				t.Error(f)
			}
		})
	}
	for _, u := range report.Never {
		t.Errorf("%s: no case fires the %s %q", u.Place, u.Kind, u.ID)
	}
}

func runCases(t *testing.T, path string) heuristics.TestReport {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cases, err := heuristics.ReadCases(path, string(text))
	if err != nil {
		t.Fatal(err)
	}
	report, err := heuristics.Test(func(a string) (*heuristics.Book, error) { return load(t, a, "") }, cases)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// read are the cases whose plans a person should read when rules change: all that they say is in golden files.
var read = map[string]string{
	"4,000 rows, sixteen classes":                 "classification.txt",
	"regression":                                  "regression.txt",
	"300 rows that lie on a line":                 "linear.txt",
	"a target that changes in steps":              "trees.txt",
	"an architecture that nothing is known about": "unknown-architecture.txt",
	"images":     "images.txt",
	"sgd on mlp": "pinned.txt",
	"a time limit: fewer passes, with their whole schedule": "time-limit.txt",
	"data that deserves a warning or ten":                   "warnings.txt",
	"then the learning rate":                                "wants-the-rate.txt",
	"the loss jumps":                                        "rollback.txt",
	"one batch pulls far too hard":                          "lower.txt",
}

func TestTranscripts(t *testing.T) {
	found := 0
	for _, c := range runCases(t, "testdata/cases.toml").Results {
		if file := read[c.Name]; file != "" {
			found++
			t.Run(c.Name, func(t *testing.T) { golden(t, file, transcript(c)) })
		}
	}
	if found != len(read) {
		t.Errorf("%d of %d cases", found, len(read))
	}
}

func transcript(c heuristics.CaseResult) string {
	var b strings.Builder
	for _, d := range c.Answer.Decisions {
		fmt.Fprintf(&b, "%s = %v  (%s: %s)\n  %s\n", d.Setting, d.Value, d.Layer, d.Rule, d.Why)
	}
	for _, f := range c.Answer.Findings {
		fmt.Fprintf(&b, "%s %s\n  %s\n", f.Do, f.Check, f.Why)
	}
	if w := c.Answer.Want; w != nil {
		fmt.Fprintf(&b, "wants %s under %v\n", w.Probe, w.Settings)
	}
	for _, r := range c.Reaction {
		fmt.Fprintf(&b, "%s %s %v\n  %s\n", r.Do, r.Watch, r.Set, r.Why)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs (go test ./heuristics -update rewrites it):\n%s", path, got)
	}
}
