package heuristics_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tuned/heuristics"
)

func TestCaseMistakes(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{
			"no name", "[[case]]\n",
			"c.toml:1:3: this case has no name\n | [[case]]\n |   ^ add name = …",
		},
		{
			"twice", "[[case]]\nname = \"a\"\n[[case]]\nname = \"a\"\n",
			"c.toml:3:3: there is another case \"a\"\n | [[case]]\n |   ^",
		},
		{
			"like nothing", "[[case]]\nname = \"adult\"\n[[case]]\nname = \"b\"\nlike = \"adlut\"\n",
			"c.toml:5:9: unknown case \"adlut\"\n | like = \"adlut\"\n |         ^ did you mean \"adult\"?",
		},
		{
			"unknown key", "[[case]]\nname = \"a\"\nexpects = 3\n",
			"c.toml:3:1: unknown key \"expects\"\n | expects = 3\n | ^ did you mean \"expect\"?",
		},
		{
			"unknown block", "[[cases]]\nname = \"a\"\n",
			"c.toml:1:3: unknown block [[cases]]\n | [[cases]]\n |   ^ did you mean \"case\"?",
		},
		{
			"facts that are no table", "[[case]]\nname = \"a\"\nfacts = 3\n",
			"c.toml:3:1: facts should be a table: [case.facts]\n | facts = 3\n | ^",
		},
		{
			"a date", "[[case]]\nname = \"a\"\n[case.facts]\ndata.rows = 2020-01-01\n",
			"c.toml:4:13: a number, a text, or true or false is expected here\n | data.rows = 2020-01-01\n |             ^",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := heuristics.ReadCases("c.toml", test.text); err == nil || err.Error() != test.want {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}

var caseLine = regexp.MustCompile(`c\.toml:\d+`)

// factLines are the facts of a usual run, as a case has them.
func factLines() string {
	var b strings.Builder
	facts := measured()
	for _, name := range slices.Sorted(maps.Keys(facts)) {
		switch v := facts[name].(type) {
		case float64:
			fmt.Fprintf(&b, "%s = %f\n", name, v)
		default:
			fmt.Fprintf(&b, "%s = %#v\n", name, v)
		}
	}
	return b.String()
}

// TestCaseFailures: what a case that does not hold says.
func TestCaseFailures(t *testing.T) {
	base := "[[case]]\nname = \"base\"\nbase = true\n[case.facts]\n" + factLines()
	tests := []struct{ name, text, want string }{
		{"a value", "[case.expect]\nbatch_size = 64\n", "c.toml:N: batch_size is 128, expected 64"},
		{"a rule", "[case.rules]\nbatch_size = \"batch.all-rows\"\n", "c.toml:N: batch_size is batch.by-rows, expected batch.all-rows"},
		{"a setting that there is not", "[case.expect]\nbatchsize = 64\n", "c.toml:N: batchsize is not decided"},
		{"checks", "checks = [\"leak.one-column\"]\n", "c.toml:N: checks are [], expected [leak.one-column]"},
		{"a probe", "want = \"memory\"\n", "c.toml:N: wants the probe \"\", expected \"memory\""},
		{"watches", "watches = []\n", "c.toml:N: watches is for a case with facts of the training"},
		{"a fact", "[case.facts]\ndata.rowz = 3\n", `c.toml:N: plan: unknown fact "data.rowz"`},
		{"rounded", "[case.expect]\nlr = 0.024\n", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cases, err := heuristics.ReadCases("c.toml", base+"\n[[case]]\nname = \"it\"\nlike = \"base\"\n"+test.text)
			if err != nil {
				t.Fatal(err)
			}
			report, err := heuristics.Test(func(string) (*heuristics.Book, error) { return load(t, "mlp", "") }, cases)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(report.Results[0].Failures, "\n")
			if got = caseLine.ReplaceAllString(got, "c.toml:N"); got != test.want || report.Passed() != (test.want == "") {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if len(report.Never) == 0 || report.Never[0].Place == "" {
				t.Errorf("never fired: %v", report.Never)
			}
		})
	}
}

func FuzzReadCases(f *testing.F) {
	f.Add("[[case]]\nname = \"a\"\n[case.facts]\ndata.rows = 3\n[[case]]\nname = \"b\"\nlike = \"a\"\nchecks = [\"x\"]\n")
	f.Fuzz(func(t *testing.T, text string) {
		cases, err := heuristics.ReadCases("c.toml", text)
		if (cases == nil) == (err == nil) {
			t.Fatalf("%v, %v", cases, err)
		}
	})
}
