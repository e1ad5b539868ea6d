package data

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"tuned/trainer/data/random"
)

func scanned(t *testing.T, text string, s Spec) (Scan, *Dataset) {
	t.Helper()
	d := read(t, text, s)
	out, err := d.Scan(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return out, d
}

func TestScanFacts(t *testing.T) {
	text := rows("id,x,c,k,gone,y", 1000, func(i int) string {
		gap := fmt.Sprint(i * i % 101)
		if i%4 == 0 {
			gap = ""
		}
		return fmt.Sprintf("u%d,%d,%s,1,%s,%d", i, i*i%89, []string{"r", "g", "b"}[i%3], gap, i%10/9)
	})
	s, _ := scanned(t, text, Spec{Target: "y", Holdout: 0.2})
	want := map[string]any{
		"data.task": "classification", "data.kind": "table", "data.rows": int64(1000), "data.train_rows": int64(800),
		"data.holdout_rows": int64(200), "data.features": int64(4), "data.numeric": int64(3), "data.categorical": int64(1),
		"data.levels": int64(45), "data.factorial": 0.0, "data.max_cardinality": int64(3), "data.total_onehot": int64(3), "data.columns_missing": int64(1),
		"data.constants": int64(1), "data.constant_names": "k", "data.id_like": int64(1), "data.id_names": "id", "data.filled_names": "",
		"data.texts": int64(0), "data.classes": int64(2), "data.imbalance": 9.0, "data.majority": 0.9,
		"data.smallest_class_rows": int64(80), "data.lone_classes": "", "data.dropped_rows": int64(0), "data.target_skew": 0.0,
	}
	for name, value := range want {
		if s.Facts[name] != value {
			t.Errorf("%s: got %v, want %v", name, s.Facts[name], value)
		}
	}
	if m := s.Facts["data.missing_fraction"].(float64); math.Abs(m-0.0625) > 0.01 {
		t.Errorf("missing: got %v", m)
	}
	if d := s.Facts["data.drift"].(float64); d > 0.6 {
		t.Errorf("drift of a random split: got %v", d)
	}
	if c := s.Columns[2]; c.Distinct != 3 || len(c.Top) != 3 || c.TopRows[0] < c.TopRows[2] {
		t.Errorf("got %+v", c)
	}
	if c := s.Columns[1]; c.Max <= c.Median || c.Median <= c.Min || c.Std == 0 {
		t.Errorf("got %+v", c)
	}
}

// What the scan says of each column is what the transforms make of it: nothing of a constant, of what the job sets apart and of names that
// say nothing, of a name with gaps whether it is there.
func TestTheScanSaysWhatTheTransformsDo(t *testing.T) {
	first, last := []string{"Ada", "Ben", "Eva", "Tom", "Lea"}, []string{"Berg", "Bach", "Wald", "Feld", "Stein", "Thal", "Moor"}
	text := rows("cabin,seat,secret,who,k,x,y", 400, func(i int) string {
		name := fmt.Sprintf("c%d", i)
		if i%3 == 0 {
			name = ""
		}
		return fmt.Sprintf("%s,s%d,%s,%s %s %d,1,%d,%d", name, i, name, first[i/2%5], last[i/2%7], i*i%997/2, i*i%89, i%2)
	})
	s, d := scanned(t, text, Spec{Target: "y", Holdout: 0.2, Ignore: []string{"secret"}})
	p := must(d.Fit(plainly, d.Train))
	if f := s.Facts; f["data.filled_names"] != "cabin" || f["data.id_names"] != "seat" || f["data.silent_names"] != "who" {
		t.Errorf("filled: %q, left out: %q, and %q says nothing", f["data.filled_names"], f["data.id_names"], f["data.silent_names"])
	}
	for _, c := range s.Columns {
		use := p.Uses()[c.Name]
		if c.Used != (use.Encoding != "" && use.Encoding != Presence) || c.Filled != (use.Encoding == Presence) || c.Note != use.Not && !c.Filled {
			t.Errorf("%+v is %+v", c, use)
		}
	}
}

// TestLeak: a column that gives the target away is found, whatever the task; noise is not.
func TestLeak(t *testing.T) {
	r := random.New(3, 3, 3)
	tests := []struct {
		name   string
		target func(i int) float64
		leak   func(y float64) string
		low    float64
	}{
		{"two classes, shifted copy", func(i int) float64 { return float64(r.Below(uint64(i), 2)) }, func(y float64) string { return fmt.Sprint(y*3 + 1) }, 0.999},
		{"five classes, other names", func(i int) float64 { return float64(r.Below(uint64(i), 5)) }, func(y float64) string { return "c" + fmt.Sprint(y*7) }, 0.999},
		{"number, another unit", func(i int) float64 { return math.Exp(3 * r.Uniform(uint64(i))) }, func(y float64) string { return fmt.Sprint(y*1.8 + 32) }, 0.999},
		{"number, another scale", func(i int) float64 { return math.Exp(3 * r.Uniform(uint64(i))) }, func(y float64) string { return fmt.Sprint(math.Log(y)) }, 0.97},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := rows("noise,leak,y", 1500, func(i int) string {
				y := tt.target(i)
				return fmt.Sprintf("%.4f,%s,%v", r.Uniform(uint64(i+9999)), tt.leak(y), y)
			})
			s, _ := scanned(t, text, Spec{Target: "y", Holdout: 0.2})
			if s.Facts["data.leak_column"] != "leak" || s.Facts["data.leak_score"].(float64) < tt.low {
				t.Errorf("got %v of %v", s.Facts["data.leak_score"], s.Facts["data.leak_column"])
			}
			if noise := s.Columns[0].Leak; noise > 0.56 {
				t.Errorf("noise scores %v", noise)
			}
		})
	}
}

// TestTargetShape: a bell curve has no skew and, as the catalogue says, a kurtosis of 0; tails that are lighter have less.
func TestTargetShape(t *testing.T) {
	r := random.New(5, 5, 5)
	for name, tt := range map[string]struct {
		draw     func(u float64) float64
		kurtosis float64
	}{"bell": {normalQuantile, 0}, "flat": {func(u float64) float64 { return u }, -1.2}} {
		s, _ := scanned(t, rows("x,y", 5000, func(i int) string {
			return fmt.Sprint(i%31, ",", tt.draw(r.Uniform(uint64(i))))
		}), Spec{Target: "y"})
		skew, kurtosis := s.Facts["data.target_skew"].(float64), s.Facts["data.target_kurtosis"].(float64)
		if math.Abs(skew) > 0.15 || math.Abs(kurtosis-tt.kurtosis) > 0.2 {
			t.Errorf("%s: skew %v, kurtosis %v", name, skew, kurtosis)
		}
	}
}

func TestDuplicates(t *testing.T) {
	// Of each ten rows: four equal ones, two that differ in the target alone, four of their own.
	text := rows("a,y", 1000, func(i int) string {
		switch g := i / 10; i % 10 {
		case 0, 1, 2, 3:
			return fmt.Sprintf("%d.25,a", g)
		case 4:
			return fmt.Sprintf("%d.5,a", g)
		case 5:
			return fmt.Sprintf("%d.5,b", g)
		default:
			return fmt.Sprintf("%d.%d1,b", g, i%10)
		}
	})
	s, d := scanned(t, text, Spec{Target: "y", Holdout: 0.3})
	if got := s.Facts["data.duplicates"].(float64); math.Abs(got-0.3) > 1e-9 {
		t.Errorf("duplicates: got %v", got)
	}
	if got := s.Facts["data.conflicts"].(float64); math.Abs(got-0.2) > 1e-9 {
		t.Errorf("conflicts: got %v", got)
	}
	if d.Moved == 0 || d.Moved > 300 {
		t.Errorf("moved: got %d", d.Moved)
	}
}

func TestTimeOrdered(t *testing.T) {
	r := random.New(5, 5, 5)
	tests := []struct {
		name      string
		text      string
		low, high float64
	}{
		{"shuffled classes", rows("x,y", 900, func(i int) string { return fmt.Sprint(i%31, ",", r.Below(uint64(i), 3)) }), 0, 0.1},
		{"sorted by class", rows("x,y", 900, func(i int) string { return fmt.Sprint(i%31, ",", i/300) }), 0, 0},
		{"long runs", rows("x,y", 900, func(i int) string { return fmt.Sprint(i%31, ",", i/12%2) }), 0.75, 1},
		{"a slow wave", rows("x,y", 900, func(i int) string { return fmt.Sprint(i%31, ",", math.Sin(float64(i)/20)) }), 0.9, 1},
		{"sorted by value", rows("x,y", 900, func(i int) string { return fmt.Sprint(i%31, ",", float64(i)*1.5) }), 0, 0},
		{"dates in order", rows("x,y", 300, func(i int) string {
			return fmt.Sprintf("2024-%02d-%02d,%d", 1+i/28, 1+i%28, r.Below(uint64(i), 2))
		}), 1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := scanned(t, tt.text, Spec{Target: "y", Holdout: 0.2})
			if got := s.Facts["data.time_ordered"].(float64); got < tt.low || got > tt.high {
				t.Errorf("got %v", got)
			}
		})
	}
}

// TestTimeOrderedLeavesTheHoldoutAlone: where the training rows come first and are in no order, one in the holdout is not seen.
func TestTimeOrderedLeavesTheHoldoutAlone(t *testing.T) {
	r := random.New(5, 5, 5)
	for name, ordered := range map[string]func(i int) string{
		"classes": func(i int) string { return string(rune('a' + i/12%2)) },
		"values":  func(i int) string { return fmt.Sprint(math.Sin(float64(i) / 20)) },
	} {
		text := rows("when,y", 900, func(i int) string {
			if i < 450 {
				return fmt.Sprint(i, ",", ordered(int(r.Below(uint64(i), 1000))))
			}
			return fmt.Sprint(i, ",", ordered(i))
		})
		s, _ := scanned(t, text, Spec{Target: "y", Time: "when", Types: map[string]string{"when": "numeric"}, Holdout: 0.5})
		if got := s.Facts["data.time_ordered"].(float64); got > 0.15 {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestDriftOfASplitByTime(t *testing.T) {
	text := rows("when,x,y", 600, func(i int) string {
		return fmt.Sprintf("%d,%d,%d", i, i/2+i*i%50, i*i%7/3)
	})
	s, _ := scanned(t, text, Spec{Target: "y", Time: "when", Types: map[string]string{"when": "numeric"}, Holdout: 0.2})
	if got := s.Facts["data.drift"].(float64); got < 0.9 || s.Facts["data.drift_column"] != "x" {
		t.Errorf("got %v of %v", got, s.Facts["data.drift_column"])
	}
	r := random.New(5, 5, 5)
	text = rows("when,x,y", 600, func(i int) string {
		return fmt.Sprintf("2024-%02d-%02d,%d,%d", 1+i/50, 1+i%28, r.Below(uint64(i), 90), i*i%7/3)
	})
	s, _ = scanned(t, text, Spec{Target: "y", Time: "when", Holdout: 0.2})
	if got := s.Facts["data.drift"].(float64); got > 0.6 || s.Facts["data.split_by_time"] != true {
		t.Errorf("of rows that do not change with time: got %v", got)
	}
}

// TestUnavoidable: one row of each thirty has another class than the rest, so that all thirty conflict, and one is beyond any model; of
// numbers, what is beyond it is the variance of such rows.
func TestUnavoidable(t *testing.T) {
	classes := rows("x,z,y", 900, func(i int) string { return fmt.Sprintf("%d,%d,%d", i/30, i/30*7%11, min(1, i%30)) })
	values := rows("x,z,y", 900, func(i int) string { return fmt.Sprintf("%d,%d,%d.5", i/30, i/30*7%11, i/30*4+i%2*2) })
	for _, tt := range []struct {
		text      string
		conflicts float64
		want      float64
	}{
		{classes, 1, 1.0 / 30},
		{strings.Replace(classes, "0,0,0\n", "99,99,0\n", 1), 870.0 / 900, 29.0 / 900},
		{values, 1, 1 / (1 + 16*(900-1)/12.0)}, // ±1 about thirty levels, four apart
		{plants(300), 0, 0},
	} {
		target := Spec{Target: "y"}
		if strings.Contains(tt.text, "kind") {
			target.Target = "kind"
		}
		s, _ := scanned(t, tt.text, target)
		if got := s.Facts["data.unavoidable"].(float64); math.Abs(got-tt.want) > 1e-9 || s.Facts["data.conflicts"] != tt.conflicts {
			t.Errorf("got %v of %v", got, s.Facts["data.conflicts"])
		}
	}
}

// TestAlike: spellings of one class, or of one category of few, are named.
func TestAlike(t *testing.T) {
	text := rows("x,town,code,y", 600, func(i int) string {
		return fmt.Sprintf("%d,%s,%c%c,%s", i*i%97, []string{"New York", "new  york", "Bern"}[i%3], 'A'+i%26, "Zz"[i%2], []string{"Yes", "no", "YES", "1", "1.0"}[i%5])
	})
	s, _ := scanned(t, text, Spec{Target: "y"})
	if got := s.Facts["data.alike_classes"]; got != "1, 1.0; YES, Yes" {
		t.Errorf("classes: got %q", got)
	}
	if got := s.Facts["data.alike_levels"]; got != "town (New York, new  york)" {
		t.Errorf("columns: got %q", got)
	}
	if got := alike([]string{"a", "b c", "bc", "01", "1"}); got != "" {
		t.Errorf("got %q", got)
	}
}

// TestMisfits: a given type that some cells do not fit is said.
func TestMisfits(t *testing.T) {
	text := rows("x,z,y", 200, func(i int) string {
		if i%10 == 0 {
			return fmt.Sprintf("none,%d,%d", i%97, i%2)
		}
		return fmt.Sprintf("%d,%d,%d", i%89, i%97, i%2)
	})
	s, _ := scanned(t, text, Spec{Target: "y", Types: map[string]string{"x": "numeric", "z": "numeric"}})
	if got := s.Facts["data.misfits"]; got != "x" {
		t.Errorf("got %q", got)
	}
}

func TestSlices(t *testing.T) {
	d := read(t, plants(400), Spec{Target: "kind", Slices: []string{"colour", "height"}})
	for column, want := range map[string]int{"colour": 5, "height": 5, "seen": 5, "alive": 3} {
		codes, names, err := d.Slice(column)
		if err != nil || len(names) != want || len(codes) != d.Rows {
			t.Fatalf("%s: %d slices %q, %v", column, len(names), names, err)
		}
		for _, code := range codes {
			if code < 0 || int(code) >= len(names) {
				t.Fatalf("%s: slice %d of %d", column, code, len(names))
			}
		}
	}
	if _, _, err := d.Slice("none"); err == nil {
		t.Error("a slice by no column")
	}
}

// What a cell says is shown as it was read, long ones by how they begin.
func TestCellText(t *testing.T) {
	long := strings.Repeat("many words and more ", 20)
	text := "size,income,seen,colour,remark,y\n" + strings.Repeat("1200.5,1200500,2021-03-04,red,"+long+",1\n,,,,,2\n-3,-7,2020-01-02,blue,\"Not BAD, it isn't: 4.5 (of 5) stars!\",3\n", 10)
	d := read(t, text, Spec{Target: "y", Types: map[string]string{"remark": "text"}})
	for column, want := range map[string][]string{
		"size": {"1200.5", "", "-3"}, "income": {"1200500", "", "-7"}, "seen": {"2021-03-04", "", "2020-01-02"}, "colour": {"red", "", "blue"},
		"remark": {long[:cellLetters] + "…", "", "not bad, it isn't: 4.5 (of 5) stars!"}, "none": {"", "", ""},
	} {
		for row, text := range want {
			if got := d.CellText(column, int32(row)); got != text {
				t.Errorf("%s in row %d says %q, want %q", column, row, got, text)
			}
		}
	}
}

func TestScanIsCancelled(t *testing.T) {
	d := read(t, plants(100), Spec{Target: "kind"})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := d.Scan(ctx); err == nil {
		t.Error("the scan went on")
	}
	if _, err := Read(ctx, Spec{Path: write(t, "d.csv", plants(100)), Target: "kind"}, t.TempDir(), nil); err == nil {
		t.Error("the reading went on")
	}
}

// A person is told how to keep measurements that a few cells make into texts, and that a column without a value is empty.
func TestWhyColumnsAreLeftOutTellsWhatToDo(t *testing.T) {
	s, d := scanned(t, rows("id,crp,gone,x,y", 200, func(i int) string {
		crp := fmt.Sprintf("%d.%d", i, i%7)
		if i%10 == 0 {
			crp = "see sheet " + string(rune('A'+i/10))
		}
		return fmt.Sprintf("u%d,%s,,%d,%d", i, crp, i*i%89, i%2)
	}), Spec{Target: "y", Holdout: 0.2})
	if note := d.Columns[0].Note; strings.Contains(note, "numeric") {
		t.Errorf("of names: %q", note)
	}
	if note := d.Columns[1].Note; !strings.HasSuffix(note, `but 180 of its 200 different values are numbers: --types crp=numeric reads these, and takes others, such as "see sheet A", for missing`) {
		t.Errorf("of measurements: %q", note)
	}
	if note := s.Columns[2].Note; note != empty {
		t.Errorf("of nothing: %q", note)
	}
}

// TestSlicesOfLargeNumbersAreNamedAsPeopleWriteThem: without powers of ten.
func TestSlicesOfLargeNumbersAreNamedAsPeopleWriteThem(t *testing.T) {
	d := read(t, rows("price,y", 400, func(i int) string { return fmt.Sprintf("%d,%d", 100_000+1000*i, i%2) }), Spec{Target: "y"})
	_, names, err := d.Slice("price")
	if want := []string{"up to 199,750", "199,750 to 299,500", "299,500 to 399,250", "above 399,250", "missing"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("slices %q, %v", names, err)
	}
}

// TestTargetsThatNumberTheRows: numbers that follow the rows, ranks and IDs; but no prices, measurements or counts, in order or not.
func TestTargetsThatNumberTheRows(t *testing.T) {
	for _, c := range []struct {
		name, target string
		cell         func(i int) string
		want         bool
	}{
		{"1, 2, 3", "y", func(i int) string { return fmt.Sprint(i + 1) }, true},
		{"backwards", "y", func(i int) string { return fmt.Sprint(400 - i) }, true},
		{"by tens", "y", func(i int) string { return fmt.Sprint(10 * i) }, true},
		{"with gaps in the target", "y", func(i int) string {
			if i%5 == 0 {
				return ""
			}
			return fmt.Sprint(1_000_000 + 1000*i)
		}, true},
		{"shuffled", "y", func(i int) string { return fmt.Sprint(i * 7 % 401) }, true},
		{"an ID", "order_id", func(i int) string { return fmt.Sprint(100_000 + 1000*i + i*i%317) }, true},
		{"prices, in order", "price", func(i int) string { return fmt.Sprint(100_000 + 1000*i + i*i%317) }, false},
		{"prices", "price", func(i int) string { return fmt.Sprint((100_000 + 7919*i) % 1_000_003) }, false},
		{"money, by tens", "y", func(i int) string { return fmt.Sprintf("$%d", 10*i) }, false},
		{"measurements", "y", func(i int) string { return fmt.Sprint(float64(i*i%401) / 7) }, false},
		{"even measurements", "y", func(i int) string { return fmt.Sprint(float64(i) / 4) }, false},
		{"counts", "y", func(i int) string { return fmt.Sprint(i * i % 97) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := rows("x,"+c.target, 400, func(i int) string { return fmt.Sprintf("%d,%s", i*i%13, c.cell(i)) })
			for _, most := range []int{0, 350} {
				s := must(read(t, text, Spec{Target: c.target, MaxRows: most}).Scan(t.Context()))
				if got := s.Facts["data.target_numbers_rows"]; got != c.want {
					t.Errorf("of %d rows at most: %v", most, got)
				}
			}
		})
	}
	few := read(t, rows("x,y", 20, func(i int) string { return fmt.Sprintf("%d,%d", i%3, i) }), Spec{Target: "y"})
	if must(few.Scan(t.Context())).Facts["data.target_numbers_rows"] != false {
		t.Error("twenty rows tell nothing")
	}
}

// TestFactorial holds what counts as a designed experiment: three columns or more whose combinations occur once each.
func TestFactorial(t *testing.T) {
	design := func(i int) string { return fmt.Sprintf("%d,%d,%d", i%5, i/5%4, i/20%3) }
	for _, tt := range []struct {
		name, header string
		rows         int
		row          func(i int) string
		want         float64
	}{
		{"all of it", "a,b,c,y", 60, design, 1},
		{"each second row", "a,b,c,y", 30, func(i int) string { return design(7 * 2 * i % 60) }, 0.5},
		{"some rows twice", "a,b,c,y", 66, design, 0},
		{"two columns", "a,b,y", 20, func(i int) string { return fmt.Sprintf("%d,%d", i%5, i/5) }, 0},
		{"gaps are a value", "a,b,c,y", 60, func(i int) string { return strings.Replace(design(i), "4,", ",", 1) }, 1},
	} {
		s, _ := scanned(t, rows(tt.header, tt.rows, func(i int) string { return fmt.Sprintf("%s,%d", tt.row(i), i%2) }), Spec{Target: "y"})
		if got := s.Facts["data.factorial"]; got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// A column of many levels is judged by one class at a time: of all 1,000 at once, the sums would be 600 MB, for each thread.
func TestJudgeOfManyLevelsAndClasses(t *testing.T) {
	rows, levels, classes := make([]int32, 30_000), make([]int32, 30_000), make([]int32, 30_000)
	for i := range rows {
		rows[i], levels[i], classes[i] = int32(i), int32(i%15_000), int32(i%1000)
	}
	leak := classJudge(rows, classes, 1000)
	leak.means = leak.means[:2] // the others' take their time
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	leak.score(binning{of: levels, bins: 15_000})
	runtime.ReadMemStats(&after)
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 50<<20 {
		t.Errorf("%d MB were taken", taken>>20)
	}
}
