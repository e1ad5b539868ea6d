package heuristics_test

import (
	"bytes"
	"strings"
	"testing"

	"tuned/heuristics"
)

// evaluate renders a sentence by means of a check that always fires.
func evaluate(t *testing.T, sentence string) (string, error) {
	t.Helper()
	text := "[[check]]\nid = \"c\"\nwhen = true\ndo = \"warn\"\nwhy = '''" + sentence + "'''\n"
	b, err := load(t, "", text)
	if err != nil {
		return "", err
	}
	a, err := b.Plan(heuristics.Input{Facts: measured()})
	if err != nil {
		return "", err
	}
	for _, f := range a.Findings {
		if f.Check == "c" {
			return f.Why, nil
		}
	}
	t.Fatal("the check did not fire")
	return "", nil
}

func TestExpressions(t *testing.T) {
	tests := []struct{ expression, want string }{
		{"{min(3, 2, 4)} {min(3, 2.5)} {max(data.train_rows, 5)}", "2 2.5 4,000"},
		{"{clamp(5, 1, 3)} {clamp(0.5, 1, 3)} {clamp(2, 1, 3)}", "3 1 2"},
		{"{round(2.5)} {round(-2.5)} {floor(2.9)} {ceil(2.1)}", "3 -3 2 3"},
		{"{power_of_two(100)} {power_of_two(90)} {power_of_two(0.1)}", "128 64 1"},
		{"{sqrt(16)} {pow(2, 10)} {2 ** 10} {exp(0)} {log(1)} {log2(8)} {log10(1000)}", "4 1,024 1,024 1 0 3 3"},
		{"{abs(-3)} {abs(-0.5)} {figures(0.0222587)}", "3 0.5 0.0223"},
		{"{percent(0.25)} {bytes(2048)} {duration(90)}", "25 % 2.0 KiB 1.5 minutes"},
		{"{data.train_rows / 3} {data.train_rows % 7} {7 - 2 * 3}", "1,333 3 1"},
		{"{data.train_rows > 3 ? 'many' : 'few'} {job.metric in ['auc', 'f1']} {!true} {not (1 > 2)}", "many no no yes"},
		{"{job.metric startsWith 'acc'} {job.metric contains 'x'} {job.metric matches '^a.*y$'}", "yes no yes"},
		{"{'}'} {{data.rows}} {data.majority} {limits.time_seconds}", "} {data.rows} 50 % 0 seconds"},
		{"{noise.scale} rows", "(not measured) rows"},
		{"{data.train_rows > 3 ? 1 : 2.5}", "1"},
	}
	for _, test := range tests {
		got, err := evaluate(t, test.expression)
		if err != nil || got != test.want {
			t.Errorf("%s: got %q, %v, want %q", test.expression, got, err, test.want)
		}
	}
}

// TestExpressionsThatFail: what only shows when values are there has its place too.
func TestExpressionsThatFail(t *testing.T) {
	tests := []struct{ expression, want string }{
		{"{clamp(1, 5, 3)}", "my.toml:5:11: clamp: low 5 is above high 3"},
		{"{1 + floor(data.majority / 0.0)}", "my.toml:5:15: floor(+Inf) is not a whole number that can be counted with"},
		{"{data.train_rows % 0}", "my.toml:5:27: division by zero"},
	}
	for _, test := range tests {
		_, err := evaluate(t, test.expression)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: got %v", test.expression, err)
		}
	}
}

func TestExpressionsThatAreRefused(t *testing.T) {
	tests := []struct{ expression, want string }{
		{"{[1, 2]}", "the result should be a number, a text, or true or false"},
		{"{data.rows > 3 ? 1 : 'x'}", "the two branches of ? : have different types"},
		{"{min('a')}", "cannot use text as argument (type number) to call min"},
		{"{min()}", "not enough arguments to call min"},
		{"{data.task + 1}", "+ (cannot combine text and whole number)"},
		{"{data['rows']} {data[job.metric]}", "only names like data.train_rows can have a dot"},
		{"{data?.rows}", "only names like data.train_rows can have a dot"},
		{"{let x = 1; x}", "this is not part of the language of rules"},
		{"{data}{datas}", `"data" is a group of names: it needs a dot and a name`},
		{"{min}", "the result should be a number, a text, or true or false"},
		{"a } b", "a } without its {"},
	}
	for _, test := range tests {
		_, err := evaluate(t, test.expression)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v", test.expression, err)
		}
	}
}

func TestListing(t *testing.T) {
	all := book(t, "linear", "").Show()
	l, err := all.Only("weight_decay", "linear.l2")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := l.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "listing.txt", builtInLine.ReplaceAllString(b.String(), "$1:N"))
	if _, err := all.Only("weight_decai"); err == nil || err.Error() != `unknown setting "weight_decai": did you mean "weight_decay"?` {
		t.Errorf("got %v", err)
	}
}

// TestWholeListing: everything that a rule can name is in it.
func TestWholeListing(t *testing.T) {
	b := book(t, "mlp", "")
	var text bytes.Buffer
	if err := b.Show().WriteText(&text); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range b.Catalogue().Settings() {
		names = append(names, s.Name)
	}
	for _, f := range b.Catalogue().Facts() {
		names = append(names, f.Name)
	}
	for _, name := range append(names, "leak.one-column", "diverged", "clamp(x, low, high)", "lr_find: ") {
		if !strings.Contains(text.String(), name) {
			t.Errorf("no %q", name)
		}
	}
}
