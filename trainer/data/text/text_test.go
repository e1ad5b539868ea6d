package text

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"tuned/trainer/data/random"
	"tuned/trainer/model"
)

// usual is how texts are read mostly.
var usual = Settings{Terms: 20_000, Pieces: 20_000, L2: 1}

// themed is a column of texts that are either about money or about the garden, its rows, and which of both each is about.
func themed(n int) (c *Column, rows []int32, y Target) {
	themes := [][]string{
		{"please send the money to our bank", "the price of gold is high today", "your bank account was closed"},
		{"the roses in the garden are red", "water the apple tree every day", "a garden needs rain and sun"},
	}
	r := random.New(3, 99, 0)
	c, y = &Column{}, Target{Outputs: 1}
	for i := range n {
		theme := r.Below(uint64(2*i), 2)
		c.Words = Plain(c.Words, fmt.Sprintf("%s number %d", themes[theme][r.Below(uint64(2*i+1), 3)], i))
		c.Ends = append(c.Ends, int64(len(c.Words)))
		rows, y.Labels = append(rows, int32(i)), append(y.Labels, int32(theme))
	}
	return c, rows, y
}

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
		if got := strings.Fields(string(Plain(nil, tt.text))); !slices.Equal(got, tt.want) {
			t.Errorf("%q has the words %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestLongTextsAreCut(t *testing.T) {
	if got := len(Plain([]byte("before "), strings.Repeat("seven ", 10_000))); got > MaxBytes+len("before ") || got < MaxBytes-MaxBytes/50 {
		t.Errorf("%d bytes of a long text are kept, want some %d", got, MaxBytes)
	}
	if got := len(Plain(nil, strings.Repeat("w", 1000))); got != maxLetters+1 {
		t.Errorf("%d bytes of a long word are kept, want %d letters and a space", got, maxLetters)
	}
}

// What is read back has room for so much: the last word may have as many bytes as a word ever has.
func TestTheLastWordOfALongTextFits(t *testing.T) {
	for before := MaxBytes/2 - 200; before <= MaxBytes/2; before++ {
		if got := len(Plain(nil, strings.Repeat("a ", before)+strings.Repeat("𝐚", maxLetters))); got > MaxBytes {
			t.Fatalf("%d bytes of a text are kept, want at most %d", got, MaxBytes)
		}
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

func TestLongTextsTeachByFewerRows(t *testing.T) {
	all, rows, _ := themed(600)
	size, held := 0, 0
	m := newModel(all, rows, usual, mostWeights)
	for _, row := range rows {
		size += len(all.Row(int(row)))
		held += len(m.document(all.Row(int(row))).terms) + 1
	}
	for what, learners := range map[string]func(share int) []int32{
		"bytes": func(share int) []int32 { return all.learners(rows, size/share) },
		"terms": func(share int) []int32 { return m.learners(all, rows, 1, held*11/10/share) },
	} {
		if n := len(learners(1)); n != len(rows) {
			t.Errorf("%d of %d rows are learned from, though all of their %s are few enough", n, len(rows), what)
		}
		if n := len(learners(4)); n < len(rows)/5 || n > len(rows)*3/10 {
			t.Errorf("%d of %d rows are learned from, where a quarter of the %s is the most", n, len(rows), what)
		}
	}
}

// Texts say something where their scores of other rows go with the targets, whether those are of two classes, of several, of so many that
// there is a margin, or values; not where the targets are drawn.
func TestSays(t *testing.T) {
	const n = 400
	targets := map[string]func(theme, drawn int) Target{
		"two classes":  func(of, _ int) Target { return Target{Outputs: 1, Labels: []int32{int32(of % 2)}} },
		"five classes": func(of, drawn int) Target { return Target{Outputs: 5, Labels: []int32{int32(of%2 + 2*(drawn%2))}} },
		"margin":       func(of, drawn int) Target { return Target{Outputs: 12, Labels: []int32{int32(of%2 + 2*(drawn%6))}} },
		"values": func(of, drawn int) Target {
			return Target{Outputs: 1, Scale: 0.5, Values: []float32{float32(4*of + drawn)}}
		},
	}
	for name, target := range targets {
		for _, telling := range []bool{true, false} {
			c, rows, themes := themed(n)
			r, y := random.New(5, 99, 0), Target{}
			for i := range uint64(n) {
				of, drawn := int(themes.Labels[i]), int(r.Below(2*i, 12))
				if !telling {
					of = int(r.Below(2*i+1, 2))
				}
				one := target(of, drawn)
				y.Outputs, y.Scale = one.Outputs, one.Scale
				y.Labels, y.Values = append(y.Labels, one.Labels...), append(y.Values, one.Values...)
			}
			if m, _ := Learn(c, rows[:300], rows, y, usual); m.Says() != telling {
				t.Errorf("%s: texts say something: %t, want %t", name, m.Says(), telling)
			}
		}
	}
}

// Thirty rows of one patient say no more than one: by rows, chance alone would be taken for something in every third or fourth draw.
func TestRowsOfOneKeyAreOneWitness(t *testing.T) {
	const groups, each, draws = 20, 30, 25
	heard := 0
	for draw := range uint64(draws) {
		r := random.New(int64(draw), 99, 0)
		c, y := &Column{}, Target{Outputs: 1}
		var rows, keys []int32
		for g := range uint64(groups) {
			text := ""
			for k := range uint64(6) {
				text += fmt.Sprintf("w%d ", r.Below(g*8+k, 30))
			}
			label := int32(r.Below(g*8+7, 2))
			for range each {
				c.Words = Plain(c.Words, text)
				c.Ends = append(c.Ends, int64(len(c.Words)))
				rows, keys, y.Labels = append(rows, int32(len(rows))), append(keys, int32(g)), append(y.Labels, label)
			}
		}
		if m, _ := Learn(c, rows, keys, y, Settings{Terms: 100, L2: 1}); m.Says() {
			heard++
		}
	}
	if heard > 2 {
		t.Errorf("texts of 20 patients say something in %d of %d draws", heard, draws)
	}
}

// Of many rows a part is tried first: where that says nothing, the others are not learned from, unless all are to be.
func TestManyRowsAreTriedFirst(t *testing.T) {
	const n = triedOf*triedRows + 1
	c, rows, y := themed(n)
	few := Settings{Terms: 200, L2: 1}
	learned := func(s Settings) (m *Model, scored int, flops int64) {
		m, flops = Learn(c, rows, rows, y, s)
		for _, row := range rows {
			if v := m.Own(row, 0); v == v {
				scored++
			}
		}
		return m, scored, flops
	}
	m, scored, all := learned(few)
	if !m.Says() || scored != n {
		t.Errorf("texts say something: %t, of %d rows", m.Says(), scored)
	}
	r := random.New(5, 99, 0)
	for i := range y.Labels {
		y.Labels[i] = int32(r.Below(uint64(i), 2))
	}
	m, scored, tried := learned(few)
	if m.Says() || scored != triedRows || tried*2 > all {
		t.Errorf("texts say something: %t, of %d rows, for %d FLOPs instead of %d", m.Says(), scored, tried, all)
	}
	few.Whole = true
	if m, scored, _ = learned(few); m.Says() || scored != n {
		t.Errorf("of all rows, %d are scored", scored)
	}
}

// Words speak for what the texts that hold them are about, by themselves; rare ones, numbers and marks are not listed.
func TestWordsSpeak(t *testing.T) {
	c, rows, y := themed(300)
	m, _ := Learn(c, rows, rows, y, usual)
	lifts, before := map[string]float32{}, len(rows)
	for _, w := range m.Words(c, rows, 30) {
		if w.Rows < 30 || w.Rows > before {
			t.Errorf("%+v comes behind one of %d rows", w, before)
		}
		lifts[w.Text], before = w.Lifts[0], w.Rows
	}
	for word, sign := range map[string]float32{"bank": -1, "gold": -1, "garden": 1, "roses": 1} {
		if lifts[word]*sign < 0.1 {
			t.Errorf("%s has the lift %g", word, lifts[word])
		}
	}
	for _, word := range []string{"7", "number7", ""} {
		if _, ok := lifts[word]; ok {
			t.Errorf("%q is a word", word)
		}
	}
	if n := len(m.Words(c, rows, 301)); n != 0 {
		t.Errorf("%d words are in more rows than there are", n)
	}
}

// A new row's scores are what the folds' models say of it in the mean.
func TestAverage(t *testing.T) {
	c, rows, y := themed(300)
	m, _ := Learn(c, rows[:200], rows, y, usual)
	m.own = nil
	all, text := m.Scores(c), c.Row(5)
	one := make([]float32, 1)
	m.score(m.document(text), one)
	if all[5] != one[0] || one[0] == 0 {
		t.Errorf("row 5 scores %g among all rows, %g alone", all[5], one[0])
	}
	var mean Model
	mean.average([]*Model{{Weights: []float32{1, 2}, Bias: []float32{3}}, {Weights: []float32{3, -2}, Bias: []float32{5}}})
	if !slices.Equal(mean.Weights, []float32{2, 0}) || !slices.Equal(mean.Bias, []float32{4}) {
		t.Errorf("the mean of two models is %v, %v", mean.Weights, mean.Bias)
	}
}

// A model that was written before there were pieces reads words alone.
func TestModelWithoutPieces(t *testing.T) {
	old := Model{vocabulary: vocabulary{Terms: []int32{int32(wordOf([]byte("roses")))}, Rarity: []float32{2}}, Weights: []float32{3}, Bias: []float32{1}}
	text, err := json.Marshal(&old)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"terms":"cL7mgA==","rarity":"AAAAQA==","weights":"AABAQA==","bias":"AACAPw=="}`; string(text) != want {
		t.Errorf("it is written as %s, want %s", text, want)
	}
	var m Model
	if err := errors.Join(json.Unmarshal(text, &m), m.Check()); err != nil {
		t.Fatal(err)
	}
	out := []float32{0}
	if m.score(m.document([]byte("red roses ")), out); out[0] != 4 {
		t.Errorf("the score is %g, want 1 and 3 for its one known word", out[0])
	}
}

func TestEqualKeysAreInOneFold(t *testing.T) {
	_, rows, _ := themed(200)
	keys := make([]int32, len(rows))
	for i := range keys {
		keys[i] = int32(i % 20)
	}
	folds := foldsOf(rows, keys)
	for i, fold := range folds {
		if fold != folds[keys[i]] {
			t.Fatalf("key %d is in folds %d and %d", keys[i], fold, folds[keys[i]])
		}
	}
	if slices.Min(folds) == slices.Max(folds) {
		t.Error("all keys are in one fold")
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
	y := Target{Values: []float32{3, -1, 2, 7}, Outputs: 1, Scale: 1}
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
	words, rows, y := themed(300)
	m := newModel(words, rows, usual, mostWeights)
	r := regression{terms: m.Size(), target: y, l2: 1, rows: rows, folds: foldsOf(rows, rows), margin: true}
	for _, row := range rows {
		r.documents = append(r.documents, m.document(words.Row(int(row))))
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
		if err := json.Unmarshal([]byte(text), new(Model)); err == nil {
			t.Errorf("%s was read", text)
		}
	}
	m := Model{vocabulary: vocabulary{Terms: []int32{1}, Rarity: []float32{1}}, Weights: []float32{1}, Bias: []float32{0, 0}}
	if err := m.Check(); !errors.Is(err, model.ErrCorrupt) {
		t.Errorf("a weight too few gives %v", err)
	}
}

func FuzzWords(f *testing.F) {
	for _, text := range []string{"", "don't", "'", "a'", "中文", "\xff\xfe", strings.Repeat("é", 100)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		plain, n := Plain(nil, text), 0
		if Plain(nil, string(plain)); len(plain) > MaxBytes {
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
	c, rows, y := themed(5000)
	for b.Loop() {
		Learn(c, rows, rows, y, usual)
	}
}
