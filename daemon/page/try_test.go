package page

import (
	"bytes"
	"encoding/csv"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tuned/job"
)

// made is a trial with columns of these names, each of some kind.
func made(in *job.Inputs, kind job.InputKind, names ...string) *trial {
	t := &trial{inputs: in}
	for i, name := range names {
		c := job.Input{Name: name, At: len(names) - 1 - i, Kind: kind, Usual: []string{name, name + "!"}, Levels: names, Typical: name}
		t.row = append(t.row, cell{Input: c, Value: name})
	}
	t.arrange()
	return t
}

func TestTheRowIsATableWhateverItHolds(t *testing.T) {
	row := made(&job.Inputs{}, job.Choice, append(odd, `{"a": 1}`, "a;b;c")...)
	others := row.variants()
	lines, err := csv.NewReader(bytes.NewReader(row.table(others))).ReadAll()
	if err != nil || len(lines) != 2+len(others) || len(others) != changedColumns {
		t.Fatalf("%d lines, %d other rows, %v", len(lines), len(others), err)
	}
	for i, line := range lines[1:] {
		for k, text := range line {
			want := row.row[k].Name
			if lines[0][k] != want {
				t.Errorf("column %d is %q", k, lines[0][k])
			}
			if i > 0 && others[i-1].at == k {
				want += "!"
			}
			if text != want {
				t.Errorf("row %d has %q in column %q", i, text, lines[0][k])
			}
		}
	}
}

func TestWideTablesAreNotAskedForAllOfThem(t *testing.T) {
	names := make([]string, 250)
	for i := range names {
		names[i] = strings.Repeat("x", i+1)
	}
	row := made(&job.Inputs{}, job.Wording, names...)
	if len(row.First) != 10 || len(row.Rest) != 190 || row.Others != 50 || row.Rest[0].At != 50 || row.First[0].At != 249 || row.Open() {
		t.Errorf("%d, %d and %d, open %t", len(row.First), len(row.Rest), row.Others, row.Open())
	}
	row.fill(url.Values{"column-249": {"a\r\nb"}, "column-50": {""}, "column-7": {"c"}, "nonsense": {"d"}})
	if row.First[0].Value != "a\nb" || row.Rest[0].Value != "" || row.row[1].Value != "xx" || row.wrong() || !row.Open() {
		t.Errorf("the row is %+v", row.row[:2])
	}
}

func TestChangesAreOfOtherValuesThanTheRows(t *testing.T) {
	in := job.Input{Kind: job.Quantity, Usual: []string{"1", "1", "5"}}
	for _, c := range []struct {
		kind  job.InputKind
		value string
		want  []string
	}{
		{job.Quantity, " 1", []string{"5"}},
		{job.Quantity, "", []string{"1", "5"}},
		{job.Filled, "", []string{"1", "5"}},
		{job.Filled, "1", []string{""}},
	} {
		if in.Kind = c.kind; !slices.Equal((cell{Input: in, Value: c.value}).instead(), c.want) {
			t.Errorf("%s %q: %q", c.kind, c.value, (cell{Input: in, Value: c.value}).instead())
		}
	}
}

func TestAnswersOfClasses(t *testing.T) {
	row := made(&job.Inputs{Target: "y", Classes: []string{"no", "yes"}}, job.Choice, "a", "b")
	a, err := row.read(strings.NewReader("prediction,p_no,p_yes\nyes,0.600000,0.400000\nno,0.75,0.25\nyes,0.1,0.9\n"), row.variants())
	if err != nil {
		t.Fatal(err)
	}
	no := odds{"no", "60 %", 60}
	if a.Target != "y" || a.Said != "yes" || a.Sure != "40 %" || a.Rest != "" || !reflect.DeepEqual(a.Odds, []odds{no, {"yes", "40 %", 40}}) || *a.Likelier != no {
		t.Errorf("the answer is %+v", a)
	}
	want := []changed{
		{"a", "a", []alternative{{Value: "a!", Said: "no", Odds: &odds{"yes", "25 %", 25}}}},
		{"b", "b", []alternative{{Value: "b!", Odds: &odds{"yes", "90 %", 90}}}},
	}
	if !reflect.DeepEqual(a.Changes, want) {
		t.Errorf("it is changed by %+v", a.Changes)
	}
}

func TestNoProbabilityIsCertain(t *testing.T) {
	for p, want := range map[float64]string{1: "over 99.9 %", 0: "under 0.1 %", 0.9983: "99.8 %", 0.5: "50 %"} {
		if got := probability(p); got != want {
			t.Errorf("%v is %q", p, got)
		}
	}
}

func TestOfManyClassesTheProbableAreShown(t *testing.T) {
	classes, head, line := []string{}, "prediction", "j"
	for _, c := range "abcdefghij" {
		classes, head, line = append(classes, string(c)), head+",p_"+string(c), line+",0.1"
	}
	a := &answer{Said: "j"}
	all, err := readPredictions(strings.NewReader(head+"\n"+line+"\n"), classes)
	if err != nil {
		t.Fatal(err)
	}
	if a.weigh(classes, all[0].probabilities); len(a.Odds) != mostOdds || a.Rest != "2 others together: 20 %." || a.Likelier != nil || a.Sure != "10 %" {
		t.Errorf("the answer is %+v", a)
	}
}

func TestAnswersOfNumbers(t *testing.T) {
	row := made(&job.Inputs{Target: "y", Unit: "€"}, job.Choice, "a")
	for head, bounds := range map[string][2]string{"prediction,low,high\n12345.6,9000,20000.4\n12000,1,2\n": {"9000 €", "20,000 €"}, "prediction\n12345.6\n12000\n": {}} {
		a, err := row.read(strings.NewReader(head), row.variants())
		if err != nil {
			t.Fatal(err)
		}
		if a.Said != "12,346 €" || a.Low != bounds[0] || a.High != bounds[1] || a.Odds != nil {
			t.Errorf("the answer is %+v", a)
		}
		if to := a.Changes[0].To[0]; to.Said != "12,000 €" || to.By != "−346" || to.Odds != nil {
			t.Errorf("it is changed to %+v", to)
		}
	}
}

// FuzzReadPredictions: whatever is answered is read or refused.
func FuzzReadPredictions(f *testing.F) {
	f.Add("prediction,p_no,p_yes\nyes,0.6,0.4\nno,1,0\n", true)
	f.Add("prediction,low,high\n1,0,2\nx,,NaN\n", false)
	f.Fuzz(func(t *testing.T, text string, classes bool) {
		in := &job.Inputs{Target: "y"}
		if classes {
			in.Classes = []string{"no", "yes"}
		}
		row := made(in, job.Choice, "a")
		if a, err := row.read(strings.NewReader(text), row.variants()); err == nil && len(a.Changes) != 1 {
			t.Errorf("%q: %+v", text, a)
		}
	})
}

func TestNothingInTheRowIsMarkup(t *testing.T) {
	for _, kind := range []job.InputKind{job.Quantity, job.Choice, job.Wording, job.Filled} {
		row := made(&job.Inputs{Target: "<script>", Classes: odd}, kind, append(odd, odd...)...)
		row.row[0].Problem, row.Problem = "<script>", "<script>"
		row.arrange()
		o := odds{"<script>", "1 %", 1}
		row.Answer = &answer{
			Target: "<script>", Said: "<script>", Likelier: &o, Odds: []odds{o}, Cautions: []string{"<script>"},
			Changes: []changed{{"<script>", "<script>", []alternative{{Value: "<script>", Said: "<script>", Odds: &o}}}},
		}
		var b bytes.Buffer
		if err := templates.ExecuteTemplate(&b, "try", &one{Try: row}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "<script") || !strings.Contains(b.String(), "&lt;script&gt;") {
			t.Errorf("%s: there is a script", kind)
		}
	}
}

func TestPhonesShowTheKeysThatACellNeeds(t *testing.T) {
	for least, want := range map[string]string{"0.5": "decimal", "-0.5": "text", "8:05": "text"} {
		if got := (cell{Input: job.Input{Kind: job.Quantity, Ends: []string{least, "9"}}}).Keypad(); got != want {
			t.Errorf("from %s on: %s", least, got)
		}
	}
}
