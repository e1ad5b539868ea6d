package heuristics_test

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"tuned"
	"tuned/heuristics"
)

// mistakes are user files with one mistake each, and the message that they get.
var mistakes = []struct{ name, text, want string }{
	{
		"unknown fact", rule(`when = "data.train_row > 5"`),
		`my.toml:4:9: unknown fact "data.train_row"
 | when = "data.train_row > 5"
 |         ^ did you mean "data.train_rows"?`,
	},
	{
		"unknown name behind text with characters of several bytes", rule(`when = "'größe' == 'x' && batchsize > 5"`),
		`my.toml:4:27: unknown fact or setting "batchsize"
 | when = "'größe' == 'x' && batchsize > 5"
 |                           ^ did you mean "batch_size"?`,
	},
	{
		"unknown function", rule(`when = "maks(epochs, 3) > 5"`),
		`my.toml:4:9: unknown function "maks"
 | when = "maks(epochs, 3) > 5"
 |         ^ did you mean "max"?`,
	},
	{
		"a group is no value", rule(`when = "data > 5"`),
		`my.toml:4:9: "data" is a group of names: it needs a dot and a name
 | when = "data > 5"
 |         ^`,
	},
	{
		"in the third line of a text", rule("when = \"\"\"\ndata.train_rows > 5 &&\n  epocs > 3\"\"\""),
		`my.toml:6:3: unknown fact or setting "epocs"
 |   epocs > 3"""
 |   ^ did you mean "epochs"?`,
	},
	{
		"a fact of the training", rule(`when = "train.loss > 5"`),
		`my.toml:4:9: "train.loss" is known only during training
 | when = "train.loss > 5"
 |         ^ read it in a [[watch]]`,
	},
	{
		"types that do not fit", rule(`when = "data.task > 5"`),
		`my.toml:4:19: > (cannot combine text and whole number)
 | when = "data.task > 5"
 |                   ^`,
	},
	{
		"when is a number", rule(`when = "epochs"`),
		`my.toml:4:9: when should be true or false, and is a whole number
 | when = "epochs"
 |         ^ compare it with something: >, ==, …`,
	},
	{
		"syntax", rule(`when = "epochs >"`),
		`my.toml:4:16: the expression ends too early
 | when = "epochs >"
 |                ^`,
	},
	{
		"a closure", rule(`when = "any([1, 2], # > 1)"`),
		`my.toml:4:21: this is not part of the language of rules
 | when = "any([1, 2], # > 1)"
 |                     ^ see the list of operators and functions in docs/rules.md`,
	},
	{
		"the whole environment", rule(`when = "$env == 1"`),
		`my.toml:4:9: unknown fact or setting "$env"
 | when = "$env == 1"
 |         ^`,
	},
	{
		"the clock", rule(`when = "now().Year() > 2000"`),
		`my.toml:4:9: unknown function "now"
 | when = "now().Year() > 2000"
 |         ^ did you mean "pow"?`,
	},
	{
		"a fraction for a whole number", block("to", `"data.train_rows / 100"`),
		`my.toml:5:9: batch_size is a whole number, and this is a number
 | to   = "data.train_rows / 100"
 |         ^ round(…), floor(…) or ceil(…) make a whole number`,
	},
	{
		"out of range", block("to", "0"),
		`my.toml:5:8: batch_size is 0; it can be 1 to 1,048,576
 | to   = 0
 |        ^`,
	},
	{
		"a choice that there is not", block("set", `"schedule"`, "to", `"cosine"`),
		`my.toml:5:9: unknown fact or setting "cosine"
 | to   = "cosine"
 |         ^`,
	},
	{
		"a choice in a branch", block("set", `"schedule"`, "to", `"epochs > 3 ? 'linear' : 'linar'"`),
		`my.toml:5:33: schedule is "linar"; it can be constant, linear, flat-cos, coslog4 or one-cycle
 | to   = "epochs > 3 ? 'linear' : 'linar'"
 |                                 ^ did you mean "linear"?`,
	},
	{
		"unknown setting", block("set", `"batchsize"`),
		`my.toml:3:9: unknown setting "batchsize"
 | set  = "batchsize"
 |         ^ did you mean "batch_size"?`,
	},
	{
		"unknown key", rule(`wehn = "epochs > 3"`),
		`my.toml:4:1: unknown key "wehn"
 | wehn = "epochs > 3"
 | ^ did you mean "when"?`,
	},
	{
		"no source", strings.Replace(rule(""), "source", "#", 1),
		`my.toml:1:3: this rule has no source
 | [[rule]]
 |   ^ add source = …`,
	},
	{
		"an empty why", block("why", `" "`),
		`my.toml:6:1: why is empty
 | why  = " "
 | ^`,
	},
	{
		"a name in the sentence", block("why", `"About {data.rows} rows of {data.train_rowz}."`),
		`my.toml:6:36: unknown fact "data.train_rowz"
 | why  = "About {data.rows} rows of {data.train_rowz}."
 |                                    ^ did you mean "data.train_rows"?`,
	},
	{
		"an open brace", block("why", `"About {data.rows rows."`),
		`my.toml:6:15: a { without its }
 | why  = "About {data.rows rows."
 |               ^ a brace that stands for itself is written twice`,
	},
	{
		"a sentence that would measure", block("why", `"The noise is {noise.scale}."`),
		`my.toml:6:23: no rule for "batch_size" reads "noise.scale" or its like
 | why  = "The noise is {noise.scale}."
 |                       ^ a sentence tells what the rules used`,
	},
	{
		"a circle", block("set", `"batch_size"`, "to", `"round(lr_find.suggestion * 1000)"`),
		`my.toml:5:9: a circle: batch_size → lr_find.suggestion → batch_size
 | to   = "round(lr_find.suggestion * 1000)"
 |         ^ a setting cannot depend on itself; a probe runs under the settings that ` + "`tuned rules show`" + ` lists`,
	},
	{
		"never asked", rule("") + strings.Replace(rule(""), "mine", "second", 1),
		`my.toml:9:3: never asked: the rule "mine" before it holds always
 | [[rule]]
 |   ^ move it up, or give the other one a when`,
	},
	{
		"an id twice", rule("") + rule(""),
		`my.toml:9:3: the id "mine" is taken by the block at my.toml:1
 | [[rule]]
 |   ^ give one of them another name`,
	},
	{
		"another rule's id", strings.Replace(rule(""), "mine", "epochs.by-rows", 1),
		`my.toml:1:3: the id "epochs.by-rows" replaces a rule for "epochs_cap" at rules.toml:N
 | [[rule]]
 |   ^ give it another id, or the same kind and setting`,
	},
	{
		"unknown block", "[[rules]]\n",
		`my.toml:1:3: unknown block [[rules]]
 | [[rules]]
 |   ^ did you mean "rule"?`,
	},
	{
		"one bracket", "[rule]\nid = \"x\"\n",
		`my.toml:1:2: unexpected table [rule]
 | [rule]
 |  ^ a block starts with two brackets: [[rule]]`,
	},
	{
		"a key outside", "id = \"x\"\n",
		`my.toml:1:1: key "id" outside of a block
 | id = "x"
 | ^ keys belong to a block, which starts with two brackets: [[rule]]`,
	},
	{
		"not TOML", "[[rule]]\nid = mine\n",
		`my.toml:2:6: unexpected character U+006D 'm' at start of value
 | id = mine
 |      ^ this is not TOML`,
	},
	{
		"a check that does what it cannot", "[[check]]\nid = \"c\"\nwhen = \"data.rows > 3\"\ndo = \"rollback\"\nwhy = \"x\"\n",
		`my.toml:4:7: unknown action "rollback"
 | do = "rollback"
 |       ^ a check can warn or stop`,
	},
	{
		"a watch that changes what cannot change", watch(`set = { batch_size = "batch_size / 2" }`),
		`my.toml:5:9: "batch_size" cannot change during training
 | set = { batch_size = "batch_size / 2" }
 |         ^ a watch can set lr, weight_decay, dropout, label_smoothing or clip_norm`,
	},
	{
		"a watch with a limit of nothing", watch("limit = 0"),
		`my.toml:5:9: limit should be 1 or more
 | limit = 0
 |         ^ leave limit out for no limit`,
	},
}

// rule is a right rule for batch_size with another line in it, the fourth.
func rule(line string) string {
	return fmt.Sprintf("[[rule]]\nid   = \"mine\"\nset  = \"batch_size\"\n%s\nto   = 64\nwhy  = \"Because.\"\nsource = \"Me\"\n\n", line)
}

// block is that rule with other values.
func block(changes ...string) string {
	text := rule("")
	for i := 0; i < len(changes); i += 2 {
		line := regexp.MustCompile(`(?m)^` + changes[i] + ` .*$`)
		text = line.ReplaceAllString(text, fmt.Sprintf("%-4s = %s", changes[i], changes[i+1]))
	}
	return text
}

func watch(line string) string {
	return fmt.Sprintf("[[watch]]\nid = \"w\"\nwhen = \"train.loss > 3\"\ndo = \"lower\"\n%s\nwhy = \"x\"\nsource = \"y\"\n", line)
}

var builtInLine = regexp.MustCompile(`(rules\.toml):\d+`)

func TestMistakes(t *testing.T) {
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			_, err := load(t, "", m.text)
			if err == nil {
				t.Fatal("no error")
			}
			if got := builtInLine.ReplaceAllString(err.Error(), "$1:N"); got != m.want {
				t.Errorf("got\n%s\nwant\n%s", got, m.want)
			}
		})
	}
}

func TestEveryMistakeIsReported(t *testing.T) {
	_, err := load(t, "", block("to", `"epocs"`)+strings.Replace(rule(`when = "x"`), "mine", "other", 1))
	var all heuristics.Errors
	if !errors.As(err, &all) || len(all) != 2 || all[0].Line != 5 || all[1].Line != 12 {
		t.Errorf("got %v", err)
	}
	var first *heuristics.Error
	if !errors.As(err, &first) || first.File != "my.toml" || first.Column != 9 {
		t.Errorf("got %+v", first)
	}
}

func TestASettingNeedsARuleThatAlwaysHolds(t *testing.T) {
	text := strings.Replace(tuned.Rules, "set    = \"epochs\"\nto ", "set    = \"epochs\"\nwhen   = \"epsilon > 0\"\nto ", 1)
	_, err := heuristics.Load(heuristics.Common(), heuristics.Layer{Name: "built-in", File: "rules.toml", Text: text})
	if err == nil || !strings.Contains(err.Error(), `setting "epochs" has no rule that always holds`) {
		t.Errorf("got %v", err)
	}
}

// An author who declares a setting and gives it no rule is shown their own file.
func TestAnArchitecturesSettingWithoutARule(t *testing.T) {
	c, err := heuristics.Common().WithArchitecture("net", []heuristics.Setting{
		{Name: "net.width", Type: heuristics.Int}, {Name: "net.depth", Type: heuristics.Int},
	})
	if err != nil {
		t.Fatal(err)
	}
	own := heuristics.Layer{Name: "architecture", File: "net/rules.toml", Text: block("set", `"net.width"`)}
	_, err = heuristics.Load(c, own, heuristics.Layer{Name: "built-in", File: "rules.toml", Text: tuned.Rules})
	if err == nil || !strings.HasPrefix(err.Error(), `net/rules.toml:1:3: setting "net.depth" has no rule that always holds`) {
		t.Errorf("got %v", err)
	}
}

// TestRulesOfOtherArchitecturesAreLeftOut: one file of a user's rules serves every architecture.
func TestRulesOfOtherArchitecturesAreLeftOut(t *testing.T) {
	text := block("set", `"mlp.width"`) + strings.Replace(rule(`when = "mlp.depth > 3"`), "mine", "deep", 1)
	for _, architecture := range []string{"", "linear", "mlp"} {
		if _, err := load(t, architecture, text); err != nil {
			t.Errorf("architecture %q: %v", architecture, err)
		}
	}
	if _, err := load(t, "linear", block("set", `"mpl.width"`)); err == nil {
		t.Error("a misspelt architecture is no error")
	}
}

func TestReplacedRule(t *testing.T) {
	b := book(t, "mlp", "[[rule]]\nid = \"mlp.dropout\"\nset = \"dropout\"\nto = 0.5\nwhy = \"I said so.\"\nsource = \"Me\"\n")
	for _, s := range b.Show().Settings {
		if s.Name == "dropout" && (len(s.Rules) != 3 || s.Rules[0].Layer != "user" || s.Rules[2].ID != "dropout.unknown") {
			t.Errorf("got %+v", s.Rules)
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, m := range mistakes {
		f.Add(m.text)
	}
	for _, path := range []string{"../rules.toml", "../plugins/mlp/rules.toml"} {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, err := heuristics.Load(heuristics.Common(), heuristics.Layer{Name: "user", File: "f.toml", Text: text})
		if (b == nil) == (err == nil) {
			t.Fatalf("book %v, error %v", b, err)
		}
		var all heuristics.Errors
		if err != nil && !errors.As(err, &all) {
			t.Fatalf("%T: %v", err, err)
		}
		for _, e := range all {
			if e.Line < 1 || e.Column < 1 || e.File != "f.toml" {
				t.Fatalf("no place: %+v", e)
			}
		}
	})
}
