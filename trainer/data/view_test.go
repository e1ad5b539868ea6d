package data

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tuned/trainer/data/random"
	"tuned/trainer/data/source"
	"tuned/trainer/model"
	"tuned/trainer/npy"
)

func TestRobustSmoothClip(t *testing.T) {
	tests := []struct {
		values []float64
		at     float64
		want   float64
	}{
		{[]float64{0, 1, 2, 3, 4}, 4, 1 / math.Sqrt(1+1.0/9)}, // (4-2)/(3-1) = 1
		{[]float64{0, 1, 2, 3, 4}, 2, 0},
		{[]float64{0, 0, 0, 0, 5}, 5, 2 / math.Sqrt(1+4.0/9)}, // quartiles equal: 2/(max-min)
		{[]float64{7, 7, 7}, 9, 0},
		{[]float64{0, 1, 2, 3, 4}, math.NaN(), 0},
		{[]float64{0, 1, 2, 3, 4}, 1e12, 3},
		{[]float64{0, 3e-151}, -2048, -3}, // its square overflows
	}
	for _, tt := range tests {
		s, err := fitScale(RobustSmoothClip, tt.values, random.Numbers{})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.apply(tt.at); math.Abs(float64(got)-tt.want) > 1e-6 {
			t.Errorf("%v at %v: got %v, want %v", tt.values, tt.at, got, tt.want)
		}
	}
	if _, err := fitScale("cube", []float64{1}, random.Numbers{}); err == nil {
		t.Error("an unknown transform was taken")
	}
}

// TestRobustLogTails: as the smooth clip up to 3, and beyond a logarithm more, which no number is too large for.
func TestRobustLogTails(t *testing.T) {
	values := []float64{0, 1, 2, 3, 4} // centred on 2, by 2
	clip, _ := fitScale(RobustSmoothClip, values, random.Numbers{})
	tails, err := fitScale(RobustLogTails, values, random.Numbers{})
	if err != nil {
		t.Fatal(err)
	}
	for at, more := range map[float64]float64{8: 0, -4: 0, 3: 0, 14: math.Log(2), -10: -math.Log(2), 2e12: math.Log(1e12 / 3), math.NaN(): 0} {
		if got := float64(tails.apply(at) - clip.apply(at)); math.Abs(got-more) > 1e-5 {
			t.Errorf("at %v: %v more than the clip, want %v", at, got, more)
		}
	}
	if far := float64(tails.apply(math.MaxFloat64)); math.IsNaN(far) || math.IsInf(far, 0) {
		t.Errorf("the largest number becomes %v", far)
	}
}

func TestQuantileIsNormal(t *testing.T) {
	values := make([]float64, 30_001)
	for i := range values {
		values[i] = math.Exp(float64(i) / 3000)
	}
	s, err := fitScale(Quantile, values, random.New(1, 2, 3))
	if err != nil {
		t.Fatal(err)
	}
	for q, want := range map[float64]float64{0.5: 0, 0.975: 1.96, 0.025: -1.96} {
		if got := float64(s.apply(quantile(values, q))); math.Abs(got-want) > 0.01 {
			t.Errorf("quantile %g: got %g, want %g", q, got, want)
		}
	}
	if low, high := s.apply(-1e9), s.apply(1e9); low > -5.1 || low < -5.2 || high < 5.1 || high > 5.2 {
		t.Errorf("values beyond all others become %g and %g", low, high)
	}
}

// TestQuantileOfEqualValues: a value that fills several quantiles is in the middle of them. No noise parts values that are this large.
func TestQuantileOfEqualValues(t *testing.T) {
	s, err := fitScale(Quantile, []float64{1e12, 2e12, 2e12, 2e12, 2e12, 2e12, 2e12, 2e12, 3e12}, random.New(1, 2, 3))
	if err != nil {
		t.Fatal(err)
	}
	if low, middle, high := s.apply(1e12), s.apply(2e12), s.apply(3e12); middle != 0 || low != -high {
		t.Errorf("they become %g, %g and %g", low, middle, high)
	}
}

func TestScalesAscend(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-1e6, 1e6), 2, 60).Draw(rt, "values")
		slices.Sort(values)
		kind := rapid.SampledFrom([]string{RobustSmoothClip, RobustLogTails, Standard, Quantile}).Draw(rt, "kind")
		s, err := fitScale(kind, values, random.New(1, 1, 1))
		if err != nil {
			rt.Fatal(err)
		}
		a, b := rapid.Float64Range(-2e6, 2e6).Draw(rt, "a"), rapid.Float64Range(-2e6, 2e6).Draw(rt, "b")
		if low, high := s.apply(min(a, b)), s.apply(max(a, b)); low > high {
			rt.Fatalf("%s: %g → %g but %g → %g", kind, min(a, b), low, max(a, b), high)
		}
	})
}

func TestSortFloats(t *testing.T) {
	r, v := random.New(1, 1, 1), make([]float32, 5000)
	for i := range v {
		v[i] = float32((r.Uniform(uint64(i)) - 0.5) * math.Pow(10, float64(i%20-10)))
	}
	want := slices.Clone(v)
	slices.Sort(want)
	if sortFloats(v); !slices.Equal(v, want) {
		t.Error("not in order")
	}
}

// fitted reads, fits on the training rows and writes a view.
func fitted(t testing.TB, text string, s Spec, tr Transforms) (*Dataset, *Preprocess, model.View, string) {
	t.Helper()
	d := read(t, text, s)
	p, err := d.Fit(tr, d.Train)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	v, err := d.View(p, dir)
	if err != nil {
		t.Fatal(err)
	}
	return d, p, v, dir
}

func floats(t testing.TB, path string) []float32 {
	t.Helper()
	a, err := npy.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	return slices.Clone(npy.Elements[float32](a))
}

func ints(t testing.TB, path string) []int32 {
	t.Helper()
	a, err := npy.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	return slices.Clone(npy.Elements[int32](a))
}

func TestView(t *testing.T) {
	text := "n,two,three,many,gone,y\n" +
		"1,a,u,k1,,0.5\n2,b,v,k2,,1.5\n3,a,w,k3,7,2.5\n,b,,k4,7,3.5\n5,a,u,k1,7,4.5\n"
	_, _, v, dir := fitted(t, text, Spec{Target: "y", Task: model.Regression}, Transforms{Numeric: Standard, OneHotMax: 4})
	in := v.Inputs[0]
	wantNames := "n n is missing two=b three=u three=v three=w gone is there"
	if got := strings.Join(in.Names, " "); got != wantNames || in.Continuous != 1 || in.Columns != 7 {
		t.Fatalf("got %q, %d continuous", got, in.Continuous)
	}
	sd := math.Sqrt((1.75*1.75 + 0.75*0.75 + 0.25*0.25 + 2.25*2.25) / 4)
	z := func(x float64) float32 { return float32((x - 2.75) / sd) }
	want := []float32{
		z(1), 0, -1, 1, 0, 0, 0,
		z(2), 0, 1, 0, 1, 0, 0,
		z(3), 0, -1, 0, 0, 1, 1,
		0, 1, 1, 0, 0, 0, 1,
		z(5), 0, -1, 1, 0, 0, 1,
	}
	for i, x := range floats(t, filepath.Join(dir, in.File)) {
		if math.Abs(float64(x-want[i])) > 1e-6 {
			t.Errorf("row %d, %s: got %v, want %v", i/7, in.Names[i%7], x, want[i])
		}
	}
	if c := v.Inputs[1]; fmt.Sprint(c.Cardinalities) != "[5]" || fmt.Sprint(ints(t, filepath.Join(dir, c.File))) != "[1 2 3 4 1]" {
		t.Errorf("got codes %v", ints(t, filepath.Join(dir, c.File)))
	}
	if y := v.Target; y.Mean != 2.5 || y.Min != 0.5 || y.Max != 4.5 || math.Abs(y.Std-math.Sqrt2) > 1e-9 {
		t.Errorf("got target %+v", y)
	}
	if y := floats(t, filepath.Join(dir, v.Target.File)); math.Abs(float64(y[4])-math.Sqrt2) > 1e-6 {
		t.Errorf("got %v", y)
	}
}

// TestFitReadsTrainingRowsOnly: levels and extremes of other rows leave no trace.
func TestFitReadsTrainingRowsOnly(t *testing.T) {
	text := "side,x,c,y\n" + rows("", 40, func(i int) string { return fmt.Sprintf("train,%d,%s,%d", i, "ab"[i%2:i%2+1], i%2) })[1:] +
		"test,1000000,z,1\ntest,-5,,0\n"
	s := Spec{Target: "y", SplitColumn: "side"}
	_, with, v, dir := fitted(t, text, s, Transforms{Numeric: RobustSmoothClip, OneHotMax: 9})
	_, without, _, _ := fitted(t, text[:strings.Index(text, "test,")], s, Transforms{Numeric: RobustSmoothClip, OneHotMax: 9})
	for i := range with.Features {
		a, b := with.Features[i], without.Features[i]
		a.Center, b.Center = 0, 0 // storage, not knowledge
		if a.Scale != nil && (math.Abs(a.Scale.Center-b.Scale.Center) > 1e-6 || math.Abs(a.Scale.Factor-b.Scale.Factor) > 1e-9) {
			t.Errorf("%s: %+v, without the holdout %+v", a.Name, a.Scale, b.Scale)
		}
		if !slices.Equal(a.Levels, b.Levels) || a.Encoding != b.Encoding || a.Indicator != b.Indicator {
			t.Errorf("%+v, without the holdout %+v", a, b)
		}
	}
	if x := floats(t, filepath.Join(dir, v.Inputs[0].File)); x[40*2+1] != 0 || x[41*2+1] != 0 {
		t.Errorf("an unseen and a missing level are %v and %v, want 0", x[81], x[83])
	}
}

// TestPredictSeesTheSame: the file that was trained on, read again for predicting, gives the same bytes; so does one whose
// columns are shuffled among others.
func TestPredictSeesTheSame(t *testing.T) {
	text := plants(700)
	for _, kind := range []string{RobustSmoothClip, Standard, Quantile} {
		d, p, v, dir := fitted(t, text, Spec{Target: "kind", Holdout: 0.2}, Transforms{Numeric: kind, OneHotMax: 9})
		path := filepath.Join(t.TempDir(), "preprocess.json")
		if err := p.Save(path); err != nil {
			t.Fatal(err)
		}
		loaded, err := LoadPreprocess(path)
		if err != nil {
			t.Fatal(err)
		}
		for name, file := range map[string]string{"same": text, "shuffled": shuffled(text)} {
			again := t.TempDir()
			r, w, err := loaded.ReadView(context.Background(), write(t, "new.csv", file), again)
			if err != nil {
				t.Fatal(err)
			}
			if r.Count != d.Rows || !slices.Equal(r.Labels, d.Labels()) {
				t.Errorf("%s: got %d rows", name, r.Count)
			}
			for i, in := range v.Inputs {
				a, b := must(os.ReadFile(filepath.Join(dir, in.File))), must(os.ReadFile(filepath.Join(again, w.Inputs[i].File)))
				if !slices.Equal(a, b) {
					t.Errorf("%s, %s: %s differs", kind, name, in.File)
				}
			}
			if left, err := filepath.Glob(filepath.Join(again, "0*.npy")); err != nil || len(left) > 0 {
				t.Errorf("raw columns were left behind: %v", left)
			}
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// shuffled reverses the columns and puts a stranger before them.
func shuffled(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		cells := strings.Split(line, ",")
		slices.Reverse(cells)
		lines[i] = fmt.Sprintf("extra%d,%s", i, strings.Join(cells, ","))
	}
	return strings.Join(lines, "\n")
}

func TestPredictOnStrangeFiles(t *testing.T) {
	_, p, _, _ := fitted(t, plants(300), Spec{Target: "kind"}, Transforms{Numeric: RobustSmoothClip, OneHotMax: 9})
	dir := t.TempDir()
	text := "height,leaves,colour,site,alive,seen\nabc,3,purple,nowhere,TRUE,\n,,,,,not a day\n"
	r, v, err := p.ReadView(context.Background(), write(t, "new.csv", text), dir)
	if err != nil {
		t.Fatal(err)
	}
	if r.Count != 2 || r.Labels != nil || v.Target != nil || len(r.Notes)+len(r.Lost) != 4 {
		t.Errorf("got %+v and target %v", r, v.Target)
	}
	for _, x := range floats(t, filepath.Join(dir, v.Inputs[0].File)) {
		if x != x {
			t.Fatal("a view holds NaN")
		}
	}
	_, _, err = p.ReadView(context.Background(), write(t, "new.csv", "heigth,leaves,colour,site,alive,seen\n1,3,red,x,TRUE,\n"), dir)
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.Err.Error(), `"height"`) || !strings.Contains(e.Hint, `"heigth"`) {
		t.Errorf("got %v", err)
	}
	_, _, err = p.ReadView(context.Background(), write(t, "new.csv", "height,leaves,colour,site,alive,seen\ninf,3,red,x,TRUE,\n"), dir)
	if !errors.As(err, &e) || !strings.Contains(e.Place, "line 2, column 1") {
		t.Errorf("got %v", err)
	}
}

// TestNoNewRows: a file of a header alone is no mistake where predictions are made of what came in since yesterday.
func TestNoNewRows(t *testing.T) {
	d := read(t, plants(100), Spec{Target: "kind"})
	p := must(d.Fit(Transforms{Numeric: RobustSmoothClip, OneHotMax: 9}, d.Train))
	r, v, err := p.ReadView(context.Background(), write(t, "new.csv", "height,leaves,colour,site,alive,seen\n"), t.TempDir())
	if err != nil || r.Count != 0 || v.Rows != 0 || len(r.Lost)+len(r.Notes) > 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := Read(context.Background(), Spec{Path: write(t, "d.csv", "x,y\n"), Target: "y"}, t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), "a header and nothing else") {
		t.Errorf("learned from nothing: %v", err)
	}
}

// TestPredictMissesColumns: a column of which nothing can be read is lost, and said to be; one with a few strange cells is not.
func TestPredictMissesColumns(t *testing.T) {
	table := func(x, c string) string {
		return rows("x,z,c,y", 200, func(i int) string { return fmt.Sprintf(x+",%d,"+c+",%d", i%97, i%89, i%3, i%2) })
	}
	_, p, _, _ := fitted(t, table("%d", "k%d"), Spec{Target: "y"}, Transforms{Numeric: Standard, OneHotMax: 9})
	for name, tt := range map[string]struct {
		text string
		lost []string
	}{
		"as it was":     {table("%d", "k%d"), nil},
		"strange cells": {strings.Replace(table("%d", "k%d"), "\n5,", "\nfive,", 1), nil},
		"other forms":   {table("about %d", "K%d"), []string{"Column x is lost", "Column c is lost"}},
		"empty":         {"x,z,c,y\n" + strings.Repeat(",1,k1,0\n", 9), []string{"Column x is lost"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, err := p.ReadView(context.Background(), write(t, "new.csv", tt.text), t.TempDir())
			if err != nil || len(r.Lost) != len(tt.lost) {
				t.Fatalf("got %+v, %v", r, err)
			}
			for i, lost := range tt.lost {
				if !strings.HasPrefix(r.Lost[i], lost) {
					t.Errorf("got %q", r.Lost[i])
				}
			}
		})
	}
}

func TestViewIsCached(t *testing.T) {
	d, p, _, dir := fitted(t, plants(100), Spec{Target: "kind"}, Transforms{Numeric: RobustSmoothClip, OneHotMax: 9})
	stamp := func() int64 { return must(os.Stat(filepath.Join(dir, numericFile))).ModTime().UnixNano() }
	before := stamp()
	if _, err := d.View(p, dir); err != nil || stamp() != before {
		t.Errorf("the view was written again: %v", err)
	}
	if err := os.Truncate(filepath.Join(dir, numericFile), 200); err != nil {
		t.Fatal(err)
	}
	if _, err := d.View(p, dir); err != nil || stamp() == before {
		t.Errorf("a damaged view was kept: %v", err)
	}
	p2, err := d.Fit(Transforms{Numeric: Standard, OneHotMax: 9}, d.Train)
	if err != nil {
		t.Fatal(err)
	}
	before = stamp()
	if _, err := d.View(p2, dir); err != nil || stamp() == before {
		t.Errorf("another transform found the old view: %v", err)
	}
}

func TestCalendar(t *testing.T) {
	text := rows("when,y", 400, func(i int) string { return fmt.Sprintf("2024-%02d-%02d 06:30:00,%d", 1+i%12, 1+i%28, i%2) })
	_, p, _, _ := fitted(t, text, Spec{Target: "y"}, Transforms{Numeric: Standard, OneHotMax: 9})
	var parts []string
	for _, part := range p.Features[0].Parts {
		parts = append(parts, part.Name)
	}
	want := "month day weekday elapsed_days year_sin year_cos week_sin week_cos" // one year, one hour: constants
	if got := strings.Join(parts, " "); got != want {
		t.Errorf("got %q", got)
	}
	_, p, _, _ = fitted(t, text, Spec{Target: "y", Time: "when", Holdout: 0.2}, Transforms{Numeric: Standard, OneHotMax: 9})
	for _, part := range p.Features[0].Parts {
		if part.Name == "elapsed_days" || part.Name == "year" {
			t.Error("a trend of the split's own time would be extrapolated")
		}
	}
}

func TestLoadPreprocessRefuses(t *testing.T) {
	for _, text := range []string{"{", `{"version": 99}`} {
		if _, err := LoadPreprocess(write(t, "preprocess.json", text)); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

// TestAbsentColumnsAreCalledOtherwise: what a missing column may be called in a file is no column that the model reads as well.
func TestAbsentColumnsAreCalledOtherwise(t *testing.T) {
	table := rows("q1,q2,unit price,y", 60, func(i int) string { return fmt.Sprintf("%d.5,%d.25,%d.5,%d", i, i*i%31, i*i%29, i*7) })
	_, p, _, _ := fitted(t, table, Spec{Target: "y", Holdout: 0.2}, Transforms{Numeric: Standard, OneHotMax: 9})
	for head, want := range map[string]string{
		"Q2,q1,unit price":    `did you mean "Q2"?`,
		"Q2,q1,unit_price":    `for "q2", did you mean "Q2"? for "unit price", did you mean "unit_price"?`,
		"q1,other,unit price": `the columns are "q1", "other", "unit price". If new rows cannot have it, learn without it: --ignore q2, or ignore in a job file`,
		"q1,other,unit_price": `for "unit price", did you mean "unit_price"? the columns are "q1", "other", "unit_price". If new rows cannot have it, learn without it: --ignore q2, or ignore in a job file`,
		"a,b,unit price":      `the columns are "a", "b", "unit price"`,
	} {
		var e *Error
		if _, _, err := p.ReadView(context.Background(), write(t, "new.csv", head+"\n1,2,3\n"), t.TempDir()); !errors.As(err, &e) || e.Hint != want {
			t.Errorf("%s: %v", head, err)
		}
	}
}

// TestManyAbsentColumns: of another wide table no name is compared with every other.
func TestManyAbsentColumns(t *testing.T) {
	names := func(prefix string, n int) (all []Feature, fields []source.Field, absent []string) {
		for i := range n {
			name := fmt.Sprint(prefix, i)
			all, fields, absent = append(all, Feature{Name: name}), append(fields, source.Field{Name: name}), append(absent, name)
		}
		return all, fields, absent
	}
	features, read, absent := names("gene", 2*mostAbsent+2)
	_, others, _ := names("Gene", 2)
	p := &Preprocess{Features: features}
	if got, want := p.completeHint(absent, others), `the columns are "Gene0", "Gene1"`; got != want {
		t.Errorf("all are missing: %s", got)
	}
	half := mostAbsent + 1
	if got := p.completeHint(absent[:half], read[half:]); !strings.HasSuffix(got, "If new rows cannot have them, learn without them: ignore in a job file") {
		t.Errorf("half of them are missing: %s", got)
	}
}

// TestWhyNoColumnIsLeft: not every column without a feature holds a single value.
func TestWhyNoColumnIsLeft(t *testing.T) {
	out := []LeftOut{{"a", constant}, {"b", constant}}
	if got := (&Preprocess{LeftOut: out}).whyNone(); got != "every column is constant in the training rows" {
		t.Errorf("got %q", got)
	}
	if got := (&Preprocess{LeftOut: append(out, LeftOut{"c", empty}, LeftOut{"d", empty})}).whyNone(); got != `"a" has one value in all training rows; "b" has one value in all training rows; "c" is empty in all training rows` {
		t.Errorf("got %q", got)
	}
}
