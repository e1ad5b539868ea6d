package data

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"tuned/trainer/model"
	"tuned/trainer/npy"
)

func TestWords(t *testing.T) {
	tests := []struct {
		text string
		want []string
	}{
		{"", nil},
		{"  \t\n", nil},
		{"One two", []string{"one", "two"}},
		{"ONE one", []string{"one", "one"}},
		{"don't stop", []string{"don't", "stop"}},
		{"the dogs' bone", []string{"the", "dogs", "'", "bone"}},
		{"win £100 now!!", []string{"win", "£", "100", "now", "!", "!"}},
		{"straße Ünder", []string{"straße", "ünder"}},
		{"中文 ok", []string{"中", "文", "ok"}},
		{"end-of-line.", []string{"end", "-", "of", "-", "line", "."}},
	}
	for _, tt := range tests {
		if got := strings.Fields(string(plainly(nil, tt.text))); !slices.Equal(got, tt.want) {
			t.Errorf("%q has the words %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestLongTextsAreCut(t *testing.T) {
	if got := len(plainly([]byte("before "), strings.Repeat("seven ", 10_000))); got > maxText+len("before ") || got < maxText-maxText/50 {
		t.Errorf("%d bytes of a long text are kept, want some %d", got, maxText)
	}
	if got := len(plainly(nil, strings.Repeat("w", 1000))); got != maxLetters+1 {
		t.Errorf("%d bytes of a long word are kept, want %d letters and a space", got, maxLetters)
	}
}

func TestTerms(t *testing.T) {
	hash := func(word string) int32 { return int32(wordOf([]byte(word))) }
	pair := func(first, second string) int32 {
		return int32(pairHash(wordOf([]byte(first)), wordOf([]byte(second))))
	}
	tests := []struct {
		read reader
		text string
		want []int32
	}{
		{eachTerm, "", nil},
		{eachTerm, "one ", []int32{hash("one")}},
		{eachTerm, "one two two ", []int32{hash("one"), hash("two"), pair("one", "two"), hash("two"), pair("two", "two")}},
		{eachPiece, "", nil},
		{eachPiece, "a ", []int32{hash(" a"), hash(" a "), hash("a ")}},
		{eachPiece, "für ", []int32{
			hash(" f"), hash(" fü"), hash(" für"), hash(" für "), hash("fü"), hash("für"), hash("für "), hash("ür"), hash("ür "), hash("r "),
		}},
		{eachPiece, "a b ", []int32{hash(" a"), hash(" a "), hash("a "), hash(" b"), hash(" b "), hash("b ")}},
	}
	for _, tt := range tests {
		var got []int32
		tt.read([]byte(tt.text), func(term int32) { got = append(got, term) })
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q has the terms %d, want %d", tt.text, got, tt.want)
		}
	}
}

// letters is a table of letters that are either about money or about the garden; every tenth row has no text.
func letters(n int, telling bool) string {
	themes := [][]string{
		{"please send the money to our bank", "the price of gold is high today", "your bank account was closed"},
		{"the roses in the garden are red", "water the apple tree every day", "a garden needs rain and sun"},
	}
	r := newRandom(3, 99, 0)
	return rows("letter,n,about", n, func(i int) string {
		theme := int(r.below(uint64(i)*8, 2))
		text := themes[theme][r.below(uint64(i)*8+1, 3)]
		if !telling {
			text = ""
			for k := range 12 {
				text += fmt.Sprintf("w%d ", r.below(uint64(i)*64+uint64(k)+7, 400))
			}
		}
		if i%10 == 9 {
			text = ""
		}
		return fmt.Sprintf("%s number %d,%d,%s", text, i, i%7, []string{"money", "garden"}[theme])
	})
}

// scored gives the scores of a column of texts as they are encoded, by row.
func scored(t *testing.T, text string, s Spec) (*Dataset, *Preprocess, []float32) {
	t.Helper()
	d := read(t, text, s)
	p, err := d.Fit(Transforms{Numeric: Standard, OneHotMax: 9, TextTerms: 1000, TextPieces: 1000, TextL2: 1}, d.Train)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(p.Features, func(f Feature) bool { return f.Encoding == Scores })
	if at < 0 {
		t.Fatalf("no text is read: %+v", p.LeftOut)
	}
	return d, p, p.Features[at].Text.scores(d.raw.texts[d.column(p.Features[at].Name)])
}

// correlation is between scores and whether the label is 1.
func correlation(scores []float32, labels, rows []int32) float64 {
	x, y := make([]float64, len(rows)), make([]float64, len(rows))
	for i, row := range rows {
		x[i], y[i] = float64(scores[row]), float64(labels[row])
	}
	return stat.Correlation(x, y, nil)
}

func TestTextsTellOfNewRows(t *testing.T) {
	d, _, scores := scored(t, letters(600, true), Spec{Target: "about", Holdout: 0.3})
	if r := correlation(scores, d.Labels(), d.Holdout); r < 0.9 {
		t.Errorf("scores of new rows go with the classes by %.2f only", r)
	}
}

// What a training row's own score says must not be what was learned of that very row.
func TestTextsOfNoMeaningSayNothing(t *testing.T) {
	d, p, own := scored(t, letters(600, false), Spec{Target: "about", Holdout: 0.3})
	m := p.Features[0].Text
	m.own = nil
	seen := m.scores(d.raw.texts[0])
	if r := correlation(seen, d.Labels(), d.Train); r < 0.6 {
		t.Fatalf("a regression that saw the rows goes with them by %.2f: this test shows nothing", r)
	}
	if r := math.Abs(correlation(own, d.Labels(), d.Train)); r > 0.25 {
		t.Errorf("scores of training rows go with noise by %.2f: they were learned from these rows", r)
	}
}

func TestLongTextsTeachByFewerRows(t *testing.T) {
	d := read(t, letters(600, true), Spec{Target: "about"})
	all, size, held := d.raw.texts[0], 0, 0
	m := newTextModel(all, d.Train, UsualTexts, textWeights)
	for _, row := range d.Train {
		size += len(all.row(int(row)))
		held += len(m.document(all.row(int(row))).terms) + 1
	}
	for what, learners := range map[string]func(share int) []int32{
		"bytes": func(share int) []int32 { return all.learners(d.Train, size/share) },
		"terms": func(share int) []int32 { return m.learners(all, d.Train, 1, held*11/10/share) },
	} {
		if n := len(learners(1)); n != len(d.Train) {
			t.Errorf("%d of %d rows are learned from, though all of their %s are few enough", n, len(d.Train), what)
		}
		if n := len(learners(4)); n < len(d.Train)/5 || n > len(d.Train)*3/10 {
			t.Errorf("%d of %d rows are learned from, where a quarter of the %s is the most", n, len(d.Train), what)
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
		m := d.learnText(0, seen, Transforms{TextTerms: 1000, TextPieces: pieces, TextL2: 1})
		if r := correlation(m.scores(d.raw.texts[0]), d.Labels(), unseen); r < want[0] || r > want[1] {
			t.Errorf("with %d pieces, scores of unknown words go with the classes by %.2f", pieces, r)
		}
	}
}

// A new row's scores are what the folds' models say of it in the mean.
func TestAverage(t *testing.T) {
	d := read(t, letters(300, true), Spec{Target: "about"})
	m := d.learnText(0, d.Train[:200], UsualTexts)
	m.own = nil
	all, text := m.scores(d.raw.texts[0]), d.raw.texts[0].row(5)
	one := make([]float32, 1)
	m.score(m.document(text), one)
	if all[5] != one[0] || one[0] == 0 {
		t.Errorf("row 5 scores %g among all rows, %g alone", all[5], one[0])
	}
	var mean TextModel
	mean.average([]*TextModel{{Weights: []float32{1, 2}, Bias: []float32{3}}, {Weights: []float32{3, -2}, Bias: []float32{5}}})
	if !slices.Equal(mean.Weights, []float32{2, 0}) || !slices.Equal(mean.Bias, []float32{4}) {
		t.Errorf("the mean of two models is %v, %v", mean.Weights, mean.Bias)
	}
}

// A text model that was written before there were pieces reads words alone.
func TestTextModelOfVersion1(t *testing.T) {
	old := TextModel{vocabulary: vocabulary{Terms: []int32{int32(wordOf([]byte("roses")))}, Rarity: []float32{2}}, Weights: []float32{3}, Bias: []float32{1}}
	text, err := json.Marshal(&old)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "pieces") {
		t.Errorf("a model without pieces is written as %s", text)
	}
	path := filepath.Join(t.TempDir(), "preprocess.json")
	file := fmt.Sprintf(`{"version":1,"features":[{"name":"a","encoding":"scores","text":%s}]}`, text)
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := LoadPreprocess(path)
	if err != nil {
		t.Fatal(err)
	}
	m, out := p.Features[0].Text, []float32{0}
	if m.score(m.document([]byte("red roses ")), out); out[0] != 4 {
		t.Errorf("the score is %g, want 1 and 3 for its one known word", out[0])
	}
}

func TestTextsOfAGroupAreScoredTogether(t *testing.T) {
	text := rows("letter,who,y", 200, func(i int) string {
		return fmt.Sprintf("this is letter number %d of this person,p%d,%d", i, i%20, i%2)
	})
	d := read(t, text, Spec{Target: "y", Group: "who", Types: map[string]string{"letter": "text"}})
	folds, codes := d.textFolds(0, d.all()), d.raw.codes(d.column("who"))
	of := map[int32]uint8{}
	for row, code := range codes {
		if fold, known := of[code]; known && fold != folds[row] {
			t.Fatalf("group %d is in folds %d and %d", code, fold, folds[row])
		}
		of[code] = folds[row]
	}
	if slices.Min(folds) == slices.Max(folds) {
		t.Error("all groups are in one fold")
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

// A text alone is judged as other columns are.
func TestTextsAreScanned(t *testing.T) {
	for telling, want := range map[bool][2]float64{true: {0.9, 1}, false: {0.4, 0.6}} {
		d := read(t, letters(600, telling), Spec{Target: "about", Holdout: 0.3})
		s, err := d.Scan(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Columns[0].Leak; got < want[0] || got > want[1] {
			t.Errorf("texts that tell of the class (%t) have an AUC of %.2f", telling, got)
		}
		if d.TextFLOPs() == 0 {
			t.Error("learning from texts took nothing")
		}
		if s.Facts["data.texts"] != int64(1) || s.Facts["data.numeric"] != int64(2) {
			t.Errorf("facts are %v", s.Facts)
		}
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

// The solution without a margin is that of the normal equations, the bias being a term of every document.
func TestRegression(t *testing.T) {
	documents := []document{
		{[]int32{0, 1}, []float32{0.6, 0.8}},
		{[]int32{1}, []float32{1}},
		{[]int32{0, 2}, []float32{0.8, 0.6}},
		{[]int32{2}, []float32{1}},
	}
	y := textTarget{values: []float32{3, -1, 2, 7}, outputs: 1, scale: 1}
	r := regression{terms: 3, documents: documents, rows: []int32{0, 1, 2, 3}, folds: []uint8{0, 0, 0, 1}, target: y, l2: 0.5}
	w, bias, flops := r.solve(1) // from the first three
	x, b := mat.NewDense(3, 4, nil), mat.NewVecDense(3, nil)
	for i, d := range documents[:3] {
		for j, term := range d.terms {
			x.Set(i, int(term), float64(d.weights[j]))
		}
		x.Set(i, 3, 1)
		b.SetVec(i, float64(y.at(int32(i), 0)))
	}
	var gram mat.Dense
	var right, want mat.VecDense
	gram.Mul(x.T(), x)
	for i := range 4 {
		gram.Set(i, i, gram.At(i, i)+r.l2)
	}
	right.MulVec(x.T(), b)
	if err := want.SolveVec(&gram, &right); err != nil {
		t.Fatal(err)
	}
	for i, got := range append(w, bias...) {
		if diff := math.Abs(float64(got) - want.AtVec(i)); diff > 0.05 {
			t.Errorf("weight %d is %g, want %g", i, got, want.AtVec(i))
		}
	}
	if flops < 5*2*3 {
		t.Errorf("%d FLOPs, less than one look at five terms and three biases", flops)
	}
}

// At the best weights for classes, each is drawn to zero by as much as the documents within the margin pull.
func TestRegressionWithAMargin(t *testing.T) {
	d := read(t, letters(300, true), Spec{Target: "about"})
	words, y := d.raw.texts[0], d.textTarget(d.Train)
	m := newTextModel(words, d.Train, UsualTexts, textWeights)
	r := regression{terms: m.terms(), target: y, l2: 1, rows: d.Train, folds: d.textFolds(0, d.Train), margin: true}
	for _, row := range d.Train {
		r.documents = append(r.documents, m.document(words.row(int(row))))
	}
	w, bias, _ := r.solve(2)
	m.Weights, m.Bias = w, bias
	pull, told := make([]float32, len(w)), make([]float32, 1)
	for i, one := range r.documents {
		m.score(one, told)
		if target := y.at(r.rows[i], 0); r.folds[i] != 2 && told[0]*target < 1 {
			one.spread([]float32{target - told[0]}, pull)
		}
	}
	all := squaresOf(w)
	axpy(-1, w, pull)
	if off := squaresOf(pull); off > 0.01*all {
		t.Errorf("the weights have a squared length of %g, and are off by %g", all, off)
	}
}

func squaresOf(v []float32) (sum float64) {
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return sum
}

func TestDamagedTextModel(t *testing.T) {
	for _, text := range []string{`{"terms":"AAAA"}`, `{"terms":"!"}`, `{"terms":3}`} {
		if err := json.Unmarshal([]byte(text), new(TextModel)); err == nil {
			t.Errorf("%s was read", text)
		}
	}
	m := TextModel{vocabulary: vocabulary{Terms: []int32{1}, Rarity: []float32{1}}, Weights: []float32{1}, Bias: []float32{0, 0}}
	if err := m.check(); !errors.Is(err, model.ErrCorrupt) {
		t.Errorf("a weight too few gives %v", err)
	}
}

func FuzzWords(f *testing.F) {
	for _, text := range []string{"", "don't", "'", "a'", "中文", "\xff\xfe", strings.Repeat("é", 100)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		plain, n := plainly(nil, text), 0
		if plainly(nil, string(plain)); len(plain) > maxText {
			t.Errorf("%d bytes of text are kept", len(plain))
		}
		eachTerm(plain, func(int32) { n++ })
		if words := bytes.Count(plain, []byte(" ")); words > len(text) || n != max(0, 2*words-1) {
			t.Errorf("%d words and %d terms in %d bytes", words, n, len(text))
		}
		eachPiece(plain, func(int32) {})
	})
}

func BenchmarkTexts(b *testing.B) {
	d := read(b, letters(5000, false), Spec{Target: "about"})
	for b.Loop() {
		d.learnText(0, d.Train, UsualTexts)
	}
}

func TestLists(t *testing.T) {
	r := newRandom(1, 98, 0)
	some := func(between string, of ...string) func(int) string {
		return func(i int) string {
			var ticked []string
			for j, thing := range of {
				if r.below(uint64(i*len(of)+j), 2) == 0 {
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
