package job_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tuned/job"
)

// kinds is a table with a column of each kind that a person can be asked for, and a job for it.
func kinds(t *testing.T) *job.Job {
	t.Helper()
	dir, r := t.TempDir(), rand.New(rand.NewPCG(5, 6))
	var b strings.Builder
	b.WriteString("noise;price;day;town;note;words;y\n")
	for i := range 300 {
		price := 100 + r.IntN(900)
		note := []string{"", fmt.Sprintf("note number %d of them", i)}[i%2]
		words := strings.Repeat([]string{"good fine nice and well done ", "bad poor awful and badly done "}[i%2], 1+r.IntN(3))
		fmt.Fprintf(&b, "%.2f;%d,50 €;%s;%s;%s;%s;%d,5 $\n", r.NormFloat64(), price, time.Date(2020, 1, 1+r.IntN(700), 0, 0, 0, 0, time.UTC).Format("02.01.2006"),
			[]string{"Bonn", "Bonn", "Ulm", "Kiel", ""}[r.IntN(5)], note, words, 3*price+800*(i%2))
	}
	if err := os.WriteFile(filepath.Join(dir, "table.csv"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := job.Parse(filepath.Join(dir, "job.toml"), "[data]\npath = \"table.csv\"\ntarget = \"y\"\n[data.types]\nnote = \"id\"\nwords = \"text\"\n[limits]\nthreads = 1\n[model]\narchitecture = \"mlp\"\n[pin]\nepochs = 20\n")
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestInputsSayWhatIsUsual(t *testing.T) {
	o := options(t)
	if _, err := job.Run(t.Context(), kinds(t), o); err != nil {
		t.Fatal(err)
	}
	in, err := job.ReadInputs(o.Out)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]job.Input{}
	for _, c := range in.Columns {
		by[c.Name] = c
	}
	if in.Target != "y" || in.Unit != "$" || in.Classes != nil || len(by) != 6 || in.Columns[0].Name != "price" {
		t.Errorf("the inputs are %+v", in)
	}
	price, day, town := by["price"], by["day"], by["town"]
	if price.Kind != job.Quantity || price.Unit != "€" || !price.Always || len(price.Usual) != 3 || price.Usual[1] != price.Typical || !price.Beyond("99,5") || !price.Beyond("1.200,50 €") || price.Beyond(price.Ends[0]) || price.Beyond(price.Ends[1]) || price.Beyond("") {
		t.Errorf("the price is %+v", price)
	}
	if day.Kind != job.Moment || day.DayLayout() || day.Fault("1.2.2021") != "" || !day.Beyond("1.2.2031") || len(day.Ends) != 2 {
		t.Errorf("the day is %+v", day)
	}
	if town.Kind != job.Choice || town.Typical != "Bonn" || town.Always || !slices.Equal(town.Levels, []string{"Bonn", "Kiel", "Ulm"}) || len(town.Usual) != 3 || !strings.Contains(town.Fault("bonn"), `"Bonn"`) {
		t.Errorf("the town is %+v", town)
	}
	if n := by["note"]; n.Kind != job.Filled || len(n.Usual) != 1 || by["words"].Kind != job.Wording {
		t.Errorf("the texts are %+v and %+v", n, by["words"])
	}
	checkTypical(t, o.Out, in)
}

// checkTypical predicts the typical row and the others that are usual: nothing of them may count as missing.
func checkTypical(t *testing.T, dir string, in *job.Inputs) {
	t.Helper()
	var names, typical strings.Builder
	var rows []string
	for i, c := range in.Columns {
		fmt.Fprintf(&names, "%q,", c.Name)
		fmt.Fprintf(&typical, "%q,", c.Typical)
		for _, usual := range c.Usual {
			if c.Fault(usual) != "" {
				t.Errorf("%s: %q is usual, and: %s", c.Name, usual, c.Fault(usual))
			}
			rows = append(rows, strings.Repeat(`"",`, i)+fmt.Sprintf("%q,", usual)+strings.Repeat(`"",`, len(in.Columns)-i-1))
		}
	}
	path := filepath.Join(t.TempDir(), "row.csv")
	text := names.String() + "\n" + typical.String() + "\n" + strings.Join(rows, "\n") + "\n"
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, ",\n", "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p, err := job.Predict(t.Context(), dir, path, &out, inProcess{})
	if err != nil {
		t.Fatal(err)
	}
	for _, note := range append(p.Notes, p.Lost...) {
		if strings.Contains(note, " of ") {
			t.Errorf("of what is usual: %s", note)
		}
	}
	if p.Rows != 1+len(rows) || strings.Count(out.String(), "\n") != 2+len(rows) {
		t.Errorf("%d rows are %s", p.Rows, &out)
	}
}

// Numbers are shown as far as a person needs them: 0 is not what single precision makes of it.
func TestInputsAreRound(t *testing.T) {
	o := options(t)
	if _, err := job.Run(t.Context(), given(t, ""), o); err != nil {
		t.Fatal(err)
	}
	in, err := job.ReadInputs(o.Out)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range in.Columns {
		for _, text := range append(c.Usual, c.Ends...) {
			if c.Kind == job.Quantity && len(strings.TrimLeft(text, "-")) > len("0.123") {
				t.Errorf("%s: %q", c.Name, text)
			}
		}
	}
	if len(in.Classes) != 2 || len(in.Columns) != 3 {
		t.Errorf("the inputs are %+v", in)
	}
}
