package heuristics_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"tuned/heuristics"
)

func document(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestDocumentedFunctions: the guide lists what expressions may call.
func TestDocumentedFunctions(t *testing.T) {
	text := document(t)
	for _, f := range heuristics.Functions() {
		if line := fmt.Sprintf("| `%s` | %s |", f.Usage, f.Help); !strings.Contains(text, line) {
			t.Errorf("docs/rules.md does not have the line\n%s", line)
		}
	}
}

// TestDocumentedRules: what the guide shows can be used as it is.
func TestDocumentedRules(t *testing.T) {
	var rules, cases strings.Builder
	for _, m := range regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllStringSubmatch(document(t), -1) {
		switch {
		case strings.Contains(m[1], "[[case]]"):
			cases.WriteString(m[1])
		case strings.Contains(m[1], "[["):
			rules.WriteString(m[1])
		}
	}
	b := book(t, "mlp", rules.String())
	ids := map[string]string{}
	for _, s := range b.Show().Settings {
		for _, r := range s.Rules {
			ids[r.ID] = r.Layer
		}
	}
	if ids["my.batch"] != "user" {
		t.Errorf("my.batch is in layer %q", ids["my.batch"])
	}
	if _, err := heuristics.ReadCases("docs/rules.md", cases.String()); err != nil {
		t.Error(err)
	}
}
