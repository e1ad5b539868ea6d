package data

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"tuned/trainer/data/random"
	"tuned/trainer/data/text"
	"tuned/trainer/model"
	"tuned/trainer/npy"
)

// letters is a table of letters that are either about money or about the garden; every tenth row has no text.
func letters(n int, telling bool) string {
	themes := [][]string{
		{"please send the money to our bank", "the price of gold is high today", "your bank account was closed"},
		{"the roses in the garden are red", "water the apple tree every day", "a garden needs rain and sun"},
	}
	r := random.New(3, 99, 0)
	return rows("letter,n,about", n, func(i int) string {
		theme := int(r.Below(uint64(i)*8, 2))
		text := themes[theme][r.Below(uint64(i)*8+1, 3)]
		if !telling {
			text = ""
			for k := range 12 {
				text += fmt.Sprintf("w%d ", r.Below(uint64(i)*64+uint64(k)+7, 400))
			}
		}
		if i%10 == 9 {
			text = ""
		}
		return fmt.Sprintf("%s number %d,%d,%s", text, i, i%7+3*theme, []string{"money", "garden"}[theme])
	})
}

// plainly is how the columns are encoded here.
var plainly = Transforms{Numeric: Standard, OneHotMax: 9, TextTerms: 1000, TextPieces: 1000, TextL2: 1}

// scored gives the scores of a column of texts as they are encoded, by row.
func scored(t *testing.T, text string, s Spec) (*Dataset, *Preprocess, []float32) {
	t.Helper()
	d := read(t, text, s)
	p, err := d.Fit(plainly, d.Train)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(p.Features, func(f Feature) bool { return f.Encoding == Scores })
	if at < 0 {
		t.Fatalf("no text is read: %+v", p.LeftOut)
	}
	return d, p, p.Features[at].Text.Scores(&d.raw.texts[d.column(p.Features[at].Name)].Column)
}

// correlation is between scores and whether the label is 1.
func correlation(scores []float32, labels, rows []int32) float64 {
	x, y := make([]float64, len(rows)), make([]float64, len(rows))
	for i, row := range rows {
		x[i], y[i] = float64(scores[row]), float64(labels[row])
	}
	return stat.Correlation(x, y, nil)
}

func TestATextOfMostBytes(t *testing.T) {
	long := strings.Repeat("a ", (text.MaxBytes-256)/2) + strings.Repeat("𝐚", 64)
	d := read(t, rows("note,size,y", 40, func(i int) string { return fmt.Sprintf("%s,%d,%d", long, i*i, i%2) }), Spec{Target: "y", Types: map[string]string{"note": "text"}})
	if got := len(d.raw.texts[0].Row(39)); got < text.MaxBytes-1000 || got > text.MaxBytes {
		t.Errorf("%d bytes are kept, want nearly %d", got, text.MaxBytes)
	}
}

func TestTextsTellOfNewRows(t *testing.T) {
	d, _, scores := scored(t, letters(600, true), Spec{Target: "about", Holdout: 0.3})
	if r := correlation(scores, d.Labels(), d.Holdout); r < 0.9 {
		t.Errorf("scores of new rows go with the classes by %.2f only", r)
	}
}

// What a training row's own score says must not be what was learned of that very row.
func TestTextsOfNoMeaningSayNothing(t *testing.T) {
	d, p, own := scored(t, letters(600, false), Spec{Target: "about", Holdout: 0.3, Ignore: []string{"n"}})
	path := filepath.Join(t.TempDir(), "preprocess.json")
	if err := p.Save(path); err != nil {
		t.Fatal(err)
	}
	kept, err := LoadPreprocess(path)
	if err != nil {
		t.Fatal(err)
	}
	seen := kept.Features[0].Text.Scores(&d.raw.texts[0].Column)
	if r := correlation(seen, d.Labels(), d.Train); r < 0.6 {
		t.Fatalf("a regression that saw the rows goes with them by %.2f: this test shows nothing", r)
	}
	if r := math.Abs(correlation(own, d.Labels(), d.Train)); r > 0.25 {
		t.Errorf("scores of training rows go with noise by %.2f: they were learned from these rows", r)
	}
}

// Beside other columns, the scores of texts that say nothing are noise; of those with gaps, what is left is whether they are there.
func TestTextsThatSayNothingAreLeftOut(t *testing.T) {
	gaps := regexp.MustCompile(`(?m)^ number \d+`).ReplaceAllString(letters(600, false), "")
	for _, tt := range []struct {
		table   string
		telling bool
		want    Encoding
	}{{letters(600, true), true, Scores}, {letters(600, false), false, ""}, {gaps, false, Presence}} {
		d := read(t, tt.table, Spec{Target: "about", Holdout: 0.3})
		p, err := d.Fit(plainly, d.Train)
		if err != nil {
			t.Fatal(err)
		}
		if use := p.Uses()["letter"]; use.Encoding != tt.want || tt.want == "" && use.Not != silence {
			t.Errorf("texts that tell something (%t) are used as %q, want %q: %s", tt.telling, use.Encoding, tt.want, use.Not)
		}
	}
}

// TestWordings: of two classes each has the words of its theme, of values the higher ones' and the lower ones'.
func TestWordings(t *testing.T) {
	for target, want := range map[string][2]string{"about": {"garden", "money"}, "n": {More, Less}} {
		d, p, _ := scored(t, letters(600, true), Spec{Target: target, Holdout: 0.3, Task: map[string]model.Task{"n": model.Regression}[target]})
		all := d.Wordings(p)
		if len(all) != 1 || all[0].Column != "letter" || all[0].Rows != 3 || len(all[0].For) != 2 {
			t.Fatalf("%s: the words say %+v", target, all)
		}
		for i, theme := range []string{"garden", "bank"} {
			if s := all[0].For[i]; s.Answer != want[i] || len(s.Words) != spokenWords || !slices.Contains(s.Words, theme) {
				t.Errorf("%s: %+v should be %s, with %s", target, s, want[i], theme)
			}
		}
	}
}

// Words that nobody saw before share pieces with those that were.
func TestPiecesTellOfUnknownWords(t *testing.T) {
	themes := [][]string{{"paying", "payment", "repay", "payable"}, {"garden", "gardener", "gardening", "gardens"}}
	text := rows("letter,y", 400, func(i int) string {
		word := themes[i%2][i/2%3]
		if i >= 300 {
			word = themes[i%2][3]
		}
		return fmt.Sprintf("number %d is about %s,%d", i, word, i%2)
	})
	d := read(t, text, Spec{Target: "y", Types: map[string]string{"letter": "text"}})
	seen, unseen := d.all()[:300], d.all()[300:]
	for pieces, want := range map[int][2]float64{0: {-0.3, 0.3}, 1000: {0.9, 1}} {
		s := UsualTexts.texts()
		s.Terms, s.Pieces = 1000, pieces
		m := d.textModel(0, seen, s)
		if r := correlation(m.Scores(&d.raw.texts[0].Column), d.Labels(), unseen); r < want[0] || r > want[1] {
			t.Errorf("with %d pieces, scores of unknown words go with the classes by %.2f", pieces, r)
		}
	}
}

// A preprocess of version 1 has texts without pieces.
func TestTextModelOfVersion1(t *testing.T) {
	const old = `{"terms":"cL7mgA==","rarity":"AAAAQA==","weights":"AABAQA==","bias":"AACAPw=="}` // of "roses" alone
	p, err := LoadPreprocess(write(t, "preprocess.json", `{"version":1,"features":[{"name":"a","type":"text","encoding":"scores","text":`+old+`}]}`))
	if err != nil {
		t.Fatal(err)
	}
	letter := []byte("red roses ")
	if got := p.Features[0].Text.Scores(&text.Column{Words: letter, Ends: []int64{int64(len(letter))}}); got[0] != 4 {
		t.Errorf("the score is %g, want 1 and 3 for its one known word", got[0])
	}
}

func TestTextsOfAGroupAreScoredTogether(t *testing.T) {
	text := rows("letter,who,y", 200, func(i int) string {
		return fmt.Sprintf("this is letter number %d of this person,p%d,%d", i, i%20, i%2)
	})
	types := map[string]string{"letter": "text"}
	d := read(t, text, Spec{Target: "y", Group: "who", Types: types})
	if !slices.Equal(d.textKeys(0), d.raw.codes(d.column("who"))) {
		t.Error("what keeps texts together is not the group")
	}
	if alone := read(t, text, Spec{Target: "y", Types: types}); !slices.Equal(alone.textKeys(0), alone.raw.codes(0)) {
		t.Error("without groups, what keeps texts together is not what they say")
	}
}

// A new file's texts are scored as the data set's own new rows are.
func TestTextsOfANewFile(t *testing.T) {
	for _, s := range []Spec{{Target: "about", Holdout: 0.3}, {Target: "n", Holdout: 0.3, Task: model.Regression}} {
		text := letters(300, true)
		d, p, _ := scored(t, text, s)
		dir := t.TempDir()
		v, err := d.View(p, dir)
		if err != nil {
			t.Fatal(err)
		}
		all := numericOf(t, v, dir)
		path := filepath.Join(t.TempDir(), "preprocess.json")
		if err := p.Save(path); err != nil {
			t.Fatal(err)
		}
		loaded, err := LoadPreprocess(path)
		if err != nil {
			t.Fatal(err)
		}
		dir = t.TempDir()
		_, w, err := loaded.ReadView(context.Background(), write(t, "new.csv", text), dir)
		if err != nil {
			t.Fatal(err)
		}
		again, n := numericOf(t, w, dir), v.Inputs[0].Columns
		for _, row := range d.Holdout {
			if a, b := all[int(row)*n:][:n], again[int(row)*n:][:n]; !slices.Equal(a, b) {
				t.Fatalf("%s: row %d is %v in the data set and %v in a file", s.Target, row, a, b)
			}
		}
	}
}

// numericOf reads a view's numbers.
func numericOf(t *testing.T, v model.View, dir string) []float32 {
	t.Helper()
	values, err := npy.Read[float32](filepath.Join(dir, v.Inputs[0].File), v.Rows*v.Inputs[0].Columns)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// A text is judged as other columns are, and one that says nothing is as good as none.
func TestTextsAreScanned(t *testing.T) {
	for telling, want := range map[bool]struct {
		leak           [2]float64
		texts, numbers int64
		silent         string
	}{true: {[2]float64{0.9, 1}, 1, 2, ""}, false: {[2]float64{0, 0}, 0, 1, "letter"}} {
		s, d := scanned(t, letters(600, telling), Spec{Target: "about", Holdout: 0.3})
		if got := s.Columns[0].Leak; got < want.leak[0] || got > want.leak[1] {
			t.Errorf("texts that tell of the class (%t) have an AUC of %.2f", telling, got)
		}
		if d.TextFLOPs() == 0 {
			t.Error("learning from texts took nothing")
		}
		if f := s.Facts; f["data.texts"] != want.texts || f["data.numeric"] != want.numbers || f["data.silent_names"] != want.silent {
			t.Errorf("facts are %v", f)
		}
	}
	s, _ := scanned(t, letters(600, false), Spec{Target: "about", Ignore: []string{"n"}})
	if s.Facts["data.texts"] != int64(1) || s.Facts["data.silent_names"] != "" {
		t.Errorf("of a text that says nothing, alone, the facts are %v", s.Facts)
	}
	same := strings.ReplaceAll(strings.ReplaceAll(letters(600, false), "\n", ",5\n"), "about,5\n", "about,same\n")
	s, d := scanned(t, same, Spec{Target: "about", Ignore: []string{"n"}})
	if s.Facts["data.texts"] != int64(1) || s.Facts["data.constant_names"] != "same" {
		t.Errorf("beside a column of one value the facts are %v", s.Facts)
	}
	usual := UsualTexts
	usual.Numeric, usual.OneHotMax = Standard, 9
	if _, err := d.Fit(usual, d.Train); err != nil {
		t.Errorf("the text is left out: %v", err)
	}
}

func TestTextsThatNobodyReads(t *testing.T) {
	d := read(t, letters(200, true), Spec{Target: "about"})
	p, err := d.Fit(Transforms{Numeric: Standard, OneHotMax: 9}, d.Train)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.LeftOut) != 1 || p.LeftOut[0].Why != unread {
		t.Errorf("left out is %+v, want the text alone", p.LeftOut)
	}
}

func TestLists(t *testing.T) {
	r := random.New(1, 98, 0)
	some := func(between string, of ...string) func(int) string {
		return func(i int) string {
			var ticked []string
			for j, thing := range of {
				if r.Below(uint64(i*len(of)+j), 2) == 0 {
					ticked = append(ticked, thing)
				}
			}
			return strings.Join(ticked, between)
		}
	}
	things := []string{"Excel", "Word", "SAP", "Teams", "Slack", "Jira", "Zoom", "Access"}
	for _, tt := range []struct {
		name string
		cell func(i int) string
		want bool
	}{
		{"between semicolons", some(";", things...), true},
		{"between commas", some(", ", things...), true},
		{"between bars", some("|", things...), true},
		{"one thing each", func(i int) string { return things[i%8] }, false},
		{"names", func(i int) string { return fmt.Sprintf("Smith%d, Ann%d", i, i/2) }, false},
		{"places", func(i int) string { return fmt.Sprintf("%d.%d, 8.%d", 46+i%2, 1000+i, 2000+i) }, false},
	} {
		cells := make([]string, 200)
		for i := range cells {
			cells[i] = tt.cell(i)
		}
		if got := lists(presentOf(cells)); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}

// TestWhatIsTickedIsRead: the answers to a question with several are no names of rows.
func TestWhatIsTickedIsRead(t *testing.T) {
	d := read(t, rows("ticked,y", 300, func(i int) string {
		var ticked []string
		for j, thing := range []string{"Excel", "Word", "SAP", "Teams", "Slack", "Jira", "Zoom", "Access"} {
			if i*7%256>>j&1 == 1 {
				ticked = append(ticked, thing)
			}
		}
		return fmt.Sprintf("%s,%d", strings.Join(ticked, ";"), i%2)
	}), Spec{Target: "y", Holdout: 0.2})
	if c := d.Columns[0]; c.Type != Text || !c.Used {
		t.Errorf("%+v", c)
	}
}
