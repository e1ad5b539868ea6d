package data

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
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
	hashes := func(text string) (all []uint32) {
		eachWord(text, func(h uint32) { all = append(all, h) })
		return all
	}
	tests := []struct {
		text string
		want []string // words, each of which is one by itself
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
		var want []uint32
		for _, word := range tt.want {
			want = append(want, hashes(word)...)
		}
		if len(want) != len(tt.want) {
			t.Fatalf("%q: the words wanted are not single ones", tt.text)
		}
		if got := hashes(tt.text); !slices.Equal(got, want) {
			t.Errorf("%q has %d words, want %q", tt.text, len(got), tt.want)
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
	p, err := d.Fit(Transforms{Numeric: Standard, OneHotMax: 9, TextTerms: 1000, TextL2: 1}, d.Train)
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
	all, words := d.raw.texts[0], 0
	for _, row := range d.Train {
		words += len(all.row(int(row)))
	}
	if n := len(all.learners(d.Train, words)); n != len(d.Train) {
		t.Errorf("%d of %d rows are learned from, though all of their words are few enough", n, len(d.Train))
	}
	few := all.learners(d.Train, words/4)
	if n := len(few); n < len(d.Train)/5 || n > len(d.Train)/4 {
		t.Errorf("%d of %d rows are learned from, where a quarter of the words is the most", n, len(d.Train))
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

// The solution is that of the normal equations.
func TestRegression(t *testing.T) {
	documents := []document{
		{[]int32{0, 1}, []float32{0.6, 0.8}},
		{[]int32{1}, []float32{1}},
		{[]int32{0, 2}, []float32{0.8, 0.6}},
		{[]int32{2}, []float32{1}},
	}
	y := textTarget{labels: []int32{0, 1, 2, 1}, outputs: 3}
	r := regression{terms: 3, documents: documents, rows: []int32{0, 1, 2, 3}, folds: []uint8{0, 0, 0, 1}, target: y, l2: 0.5}
	w, bias, flops := r.solve(1) // from the first three
	x, b := mat.NewDense(3, 3, nil), mat.NewDense(3, 3, nil)
	for i, d := range documents[:3] {
		for j, term := range d.terms {
			x.Set(i, int(term), float64(d.weights[j]))
		}
		for o := range 3 {
			b.Set(i, o, float64(y.at(int32(i), o))-float64(bias[o]))
		}
	}
	var gram, right, want mat.Dense
	gram.Mul(x.T(), x)
	for i := range 3 {
		gram.Set(i, i, gram.At(i, i)+r.l2)
	}
	right.Mul(x.T(), b)
	if err := want.Solve(&gram, &right); err != nil {
		t.Fatal(err)
	}
	for i, got := range w {
		if diff := math.Abs(float64(got) - want.At(i/3, i%3)); diff > 1e-4 {
			t.Errorf("weight %d of output %d is %g, want %g", i/3, i%3, got, want.At(i/3, i%3))
		}
	}
	if flops < 5*2*3 {
		t.Errorf("%d FLOPs, less than one look at five terms for three outputs", flops)
	}
	if want := []float32{1. / 3, 1. / 3, 1. / 3}; !slices.Equal(bias, want) {
		t.Errorf("means are %v, want %v", bias, want)
	}
}

func TestDamagedTextModel(t *testing.T) {
	for _, text := range []string{`{"terms":"AAAA"}`, `{"terms":"!"}`, `{"terms":3}`} {
		if err := json.Unmarshal([]byte(text), new(TextModel)); err == nil {
			t.Errorf("%s was read", text)
		}
	}
	m := TextModel{Terms: []int32{1}, Rarity: []float32{1}, Weights: []float32{1}, Bias: []float32{0, 0}}
	if err := m.check(); !errors.Is(err, model.ErrCorrupt) {
		t.Errorf("a weight too few gives %v", err)
	}
}

func FuzzWords(f *testing.F) {
	for _, text := range []string{"", "don't", "'", "a'", "中文", "\xff\xfe", strings.Repeat("é", 100)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n := 0
		eachWord(text, func(uint32) { n++ })
		if n > len(text) {
			t.Errorf("%d words in %d bytes", n, len(text))
		}
	})
}

func BenchmarkTexts(b *testing.B) {
	d := read(b, letters(5000, false), Spec{Target: "about"})
	for b.Loop() {
		d.learnText(0, d.Train, Transforms{TextTerms: 20_000, TextL2: 1})
	}
}
