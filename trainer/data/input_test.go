package data

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestBadInput: each fault is an *Error with a place and a hint.
func TestBadInput(t *testing.T) {
	ok := func(i int) string { return fmt.Sprintf("%d,%d,%s", i, i*i%7, "ab"[i%2:i%2+1]) }
	good := rows("x,z,y", 40, ok)
	words := rows("x,z,y", 40, func(i int) string { return fmt.Sprintf("u%d,v%d,%s", i%9, i*i%7, "ab"[i%2:i%2+1]) })
	spec := Spec{Target: "y", Holdout: 0.2}
	with := func(f func(*Spec)) Spec {
		s := spec
		f(&s)
		return s
	}
	odd := func(at int, row string) string {
		return rows("x,z,y", 40, func(i int) string {
			if i == at {
				return row
			}
			return ok(i)
		})
	}
	tests := []struct {
		name, text         string
		spec               Spec
		place, cause, hint string
	}{
		{"perhaps a title above words", "A title\n" + words, spec, "data.target", `no column "y"`, `if "A title" is a title`},
		{"perhaps a title beside empty cells", "A title,,\n" + words, spec, "data.target", `no column "y"`, `if "A title" is a title`},
		{"perhaps two cells above words", "A title,2024\n" + words, spec, "data.target", `no column "y"`, `if "A title" is a title`},
		{"perhaps two cells beside empty ones", "A title,2024,\n" + words, spec, "data.target", `no column "y"`, `if "A title" is a title`},
		{"two names above three cells", "x,y\n" + good, spec, "line 2", "3 cells, and the header 2", "if line 1 is a title"},
		{"equal rows alone", rows("x,y", 40, func(i int) string { return fmt.Sprint(i%2, ",", i%2) }), with(func(s *Spec) { s.Holdout = 0.01 }), "", "one side of the split", "equal"},
		{"wrong target", good, with(func(s *Spec) { s.Target = "yy" }), "data.target", `no column "yy"`, `did you mean "y"`},
		{"no target", good, with(func(s *Spec) { s.Target = "" }), "data.target", `no column ""`, "the columns are"},
		{"empty", "", spec, "", "empty", "name the columns"},
		{"header only", "x,z,y\n", spec, "line 1", "nothing else", "rows are expected"},
		{"ragged", odd(3, "1,2"), spec, "line 5", "2 cells, and the header 3", "separated by ','"},
		{"bare quote", odd(3, `1,a"b,c`), spec, "line 5", "bare", "doubled"},
		{"open quote", odd(3, `1,"ab,c`), spec, "line", "quote", "doubled"},
		{"open quote at the end", good + `"`, spec, "line 42", "quote", "doubled"},
		{"lines of old", strings.ReplaceAll(good, "\n", "\r"), spec, "line 1", "alone", "save the file"},
		{"nothing but the target", rows("y", 40, func(i int) string { return fmt.Sprint(i % 2) }), spec, "", "beside the target", "known of a row"},
		{"NUL byte", odd(7, "1,2,a\x00"), spec, "line 9, column 3 (y)", "NUL", "UTF-8"},
		{"NUL in a number", odd(7, "1,2\x00,a"), spec, "line 9, column 2 (z)", "NUL", "UTF-8"},
		{"duplicate targets", "x,y,y\n1,a,a\n", spec, "data.target", `several columns are called "y"`, `line 1, column 3 is called "y_2"`},
		{"values for names", "1,1,y\n1,2,a\n", spec, "line 1, column 2", `a value stands where columns are named: "1"`, "above the rows"},
		{"a quote left open below the rows", good + "\"1,2,a\n", spec, "line 42", "quote", "doubled"},
		{"one class", rows("x,y", 20, func(i int) string { return fmt.Sprint(i, ",a") }), spec, "column 2 (y)", "one class", "nothing"},
		{"target missing", rows("x,y", 20, func(i int) string { return fmt.Sprint(i, ",?") }), spec, "column 2 (y)", "missing", "right column"},
		{"one class and a lone row", rows("x,y", 20, func(i int) string { return fmt.Sprintf("%d,%s", i, []string{"a", "b"}[i/19]) }), spec, "column 2 (y)", `class "b" has a single row`, "add some"},
		{"names as classes", rows("x,y", 30, func(i int) string { return fmt.Sprintf("%d,u%d", i, i) }), spec, "column 2 (y)", "single row", "names of the rows"},
		{"ids as classes", rows("x,y", 30, func(i int) string { return fmt.Sprintf("%d,%d", i, i) }), with(func(s *Spec) { s.Task = "classification" }), "column 2 (y)", "single row", "regression"},
		{"text for numbers", odd(5, "1,2,a"), with(func(s *Spec) { s.Task = "regression" }), "line 2, column 3 (y)", "not a number", "classification"},
		{"one text among numbers", rows("x,y", 200, func(i int) string {
			if i == 150 {
				return "1,oops"
			}
			return fmt.Sprintf("%d,%d.5", i, i)
		}), spec, "line 152, column 2 (y)", `"oops"`, "empty"},
		{"constant number", rows("x,y", 20, func(i int) string { return fmt.Sprint(i, ",4.5") }), with(func(s *Spec) { s.Task = "regression" }), "column 2 (y)", "same value", "nothing"},
		{"infinite", odd(9, "inf,2,a"), spec, "line 11, column 1 (x)", "infinite", "empty"},
		{"too large", odd(9, "1,-1e39,a"), spec, "line 11, column 2 (z)", "infinite", "1.7e38"},
		{"unknown type", good, with(func(s *Spec) { s.Types = map[string]string{"x": "float"} }), "types.x", `"float"`, `"numeric"`},
		{"type of no column", good, with(func(s *Spec) { s.Types = map[string]string{"q": "id"} }), "data.types", `"q"`, "the columns are"},
		{
			"words as numbers", rows("x,t,y", 40, func(i int) string { return fmt.Sprintf("%d,t%d,%d", i*i%19, i%9, i%2) }),
			with(func(s *Spec) { s.Types = map[string]string{"t": "numeric"} }), "line 2, column 2 (t)", "40 of 40 cells do not fit", "types.t",
		},
		{"not a date", good, with(func(s *Spec) { s.Types = map[string]string{"y": "date", "z": "date"} }), "column 2 (z)", "dates", "2006-01-31"},
		{"ignore of no column", good, with(func(s *Spec) { s.Ignore = []string{"zz"} }), "data.ignore", `"zz"`, `"z"`},
		{"nothing left", good, with(func(s *Spec) { s.Ignore = []string{"x", "z"} }), "", "no column is left", "keeps a column"},
		{"holdout", good, with(func(s *Spec) { s.Holdout = 1 }), "data.holdout", "no share", "0.2"},
		{"split values", good, with(func(s *Spec) { s.SplitColumn = "z" }), "column z", "no side", "train, test and validation"},
		{
			"words as times", rows("x,t,y", 40, func(i int) string { return fmt.Sprintf("%d,day %d,%d", i*i%19, i%9, i%2) }),
			with(func(s *Spec) { s.Time = "t" }), "data.time", "neither dates nor numbers", "2006-01-31",
		},
		{
			"slices by names", rows("x,t,y", 40, func(i int) string { return fmt.Sprintf("%d,u%d,%d", i*i%19, i, i%2) }),
			with(func(s *Spec) { s.Slices = []string{"t"} }), "data.slices", "value of its own", "few values",
		},
		{"unknown task", good, with(func(s *Spec) { s.Task = "ranking" }), "data.task", `"ranking"`, "regression"},
		{"no file", "", Spec{Path: "none.csv", Target: "y"}, "", "no such file", "the one in a job file is relative to that file"},
		{"spreadsheet", "PK\x03\x04abc", spec, "", "zip", "damaged"},
		{"JSON", "\xef\xbb\xbf[\n  [\"x\", \"y\"]\n]\n", spec, "line 2", "something else than objects", "one list"},
		{"packed JSON", compress(t, "gz", "[[1, 2], [3, 4]]"), spec, "line 1", "something else than objects", "one list"},
		{"brackets in names", "[x],{y}\n1,2\n", spec, "data.target", `no column "y"`, "{y}"},
		{"cut gzip", "\x1f\x8b\x08\x00\x00", spec, "", "EOF", "cut short"},
		{"damaged parquet", "PAR1\xff\xff\xff\xffPAR1", spec, "", "damaged", "anew"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tryRead(t, tt.text, tt.spec)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if !strings.Contains(e.Place, tt.place) || !strings.Contains(e.Err.Error(), tt.cause) || !strings.Contains(e.Hint, tt.hint) {
				t.Errorf("got place %q, cause %q, hint %q", e.Place, e.Err, e.Hint)
			}
			if !strings.Contains(e.Error(), e.Hint) || !strings.Contains(e.Error(), e.Place) {
				t.Errorf("%q lacks its place or its hint", e.Error())
			}
		})
	}
}

func TestWaysOfWriting(t *testing.T) {
	plain := rows("a,b,y", 30, func(i int) string { return fmt.Sprintf("%d.5,t %d,%d", i, i%3, i%2) })
	as := func(d string) string { return strings.ReplaceAll(plain, ",", d) }
	tests := map[string]struct{ name, text string }{
		"comma":         {"d.csv", plain},
		"semicolon":     {"d.csv", as(";")},
		"tab":           {"d.tsv", as("\t")},
		"tab unnamed":   {"d", as("\t")},
		"bar":           {"d.txt", as("|")},
		"mark":          {"d.csv", "\xef\xbb\xbf" + plain},
		"CRLF":          {"d.csv", strings.ReplaceAll(plain, "\n", "\r\n")},
		"blanks":        {"d.csv", strings.ReplaceAll(plain, ",", " , ")},
		"quotes":        {"d.csv", quoteAll(plain)},
		"gzip":          {"d.csv.gz", compress(t, "gz", plain)},
		"zstd":          {"d.csv.zst", compress(t, "zst", plain)},
		"gzip unnamed":  {"d.csv", compress(t, "gz", plain)},
		"decimal comma": {"d.csv", strings.ReplaceAll(as(";"), ".5", ",5")},
		"blank lines":   {"d.csv", strings.ReplaceAll(plain, "\n", "\n\n")},
	}
	want := read(t, plain, Spec{Target: "y"})
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := read(t, "", Spec{Target: "y", Path: write(t, tt.name, tt.text)})
			if got.Rows != want.Rows || len(got.Columns) != len(want.Columns) {
				t.Fatalf("got %d rows of %d columns", got.Rows, len(got.Columns))
			}
			for i, key := range got.rowKeys(true) {
				if key != want.rowKeys(true)[i] {
					t.Fatalf("row %d differs: %+v", i, got.Columns)
				}
			}
		})
	}
}

func quoteAll(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		lines[i] = `"` + strings.ReplaceAll(line, ",", `","`) + `"`
	}
	return strings.Join(lines, "\n")
}

func TestTypes(t *testing.T) {
	words := func(i int) string { return fmt.Sprintf("the %d quick fox number %d ran", i, i*7) }
	tests := []struct {
		name string
		cell func(i int) string
		want Type
		used bool
	}{
		{"floats", func(i int) string { return fmt.Sprint(float64(i) / 7) }, Numeric, true},
		{"few integers stay numbers", func(i int) string { return fmt.Sprint(i % 3) }, Numeric, true},
		{"years", func(i int) string { return fmt.Sprint(1950 + i%60) }, Numeric, true},
		{"numbers with gaps", func(i int) string { return []string{"1.5", "?", "NaN", "-", "2", "null"}[i%6] }, Numeric, true},
		{"exponents", func(i int) string { return fmt.Sprintf("%de-%d", i, i%4) }, Numeric, true},
		{"a stray word", func(i int) string {
			if i == 2500 {
				return "unknown"
			}
			return fmt.Sprint(float64(i))
		}, Numeric, true},
		{"late words", func(i int) string {
			if i >= 2500 {
				return "low"
			}
			return fmt.Sprint(i % 5)
		}, Categorical, true},
		{"levels", func(i int) string { return fmt.Sprint("v", i%40) }, Categorical, true},
		{"bounds", func(i int) string { return []string{"<1", "1", "2", ">3"}[i%4] }, Categorical, true},
		{"none is a level", func(i int) string { return []string{"None", "Stone"}[i%2] }, Categorical, true},
		{"padded codes", func(i int) string { return fmt.Sprintf("%05d", i%300) }, Categorical, true},
		{"true and false", func(i int) string { return fmt.Sprint(i%2 == 0) }, Boolean, true},
		{"yes and no", func(i int) string { return []string{"Yes", "no", ""}[i%3] }, Boolean, true},
		{"days", func(i int) string { return fmt.Sprintf("2024-%02d-11", 1+i%12) }, Date, true},
		{"day first", func(i int) string { return fmt.Sprintf("%d/%d/2024", 1+i%28, 1+i%12) }, Date, true},
		{"names of rows", func(i int) string { return fmt.Sprintf("user%d", i) }, ID, false},
		{"row numbers", func(i int) string { return fmt.Sprint(i + 100) }, ID, false},
		{"sentences", words, Text, true},
		{"empty", func(int) string { return "" }, Numeric, true},
		{"plus and minus", func(i int) string { return []string{"+", "-"}[i%2] }, Categorical, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := read(t, rows("x,other,y", 3000, func(i int) string { return fmt.Sprintf("%s,%d,%d", tt.cell(i), i%11, i/7%2) }), Spec{Target: "y"})
			c := d.Columns[0]
			if c.Type != tt.want || c.Used != tt.used {
				t.Errorf("got %s, used %t (%s); want %s", c.Type, c.Used, c.Note, tt.want)
			}
			if !c.Used && c.Note == "" {
				t.Error("a column was left out without a note")
			}
		})
	}
}

// TestIDsByName: scattered whole numbers of which none comes twice are amounts, unless the column is named like an ID.
func TestIDsByName(t *testing.T) {
	for name, id := range map[string]bool{
		"id": true, "user_id": true, "customerId": true, "orderID": true, "CUSTOMERID": true, "userid": true, "key": true,
		"paid": false, "amount_paid": false, "bid": false, "grid": false, "price": false, "keyboards": false,
	} {
		d := read(t, rows(name+",x,y", 200, func(i int) string { return fmt.Sprintf("%d,%d,%d", 1000*i+i*i%317, i%7, i%2) }), Spec{Target: "y"})
		if got := d.Columns[0].Type == ID; got != id {
			t.Errorf("%s: read as %s", name, d.Columns[0].Type)
		}
	}
}

func TestTypesGiven(t *testing.T) {
	text := rows("zip,when,n,y", 200, func(i int) string { return fmt.Sprintf("%d,202401%02d,row%d,%d", 1000+i%9, 1+i%28, i, i%2) })
	d := read(t, text, Spec{Target: "y", Types: map[string]string{"zip": "categorical", "when": "date", "n": "categorical"}})
	for i, want := range []Type{Categorical, Date, Categorical} {
		if d.Columns[i].Type != want || !d.Columns[i].Used {
			t.Errorf("column %s: got %s", d.Columns[i].Name, d.Columns[i].Type)
		}
	}
	if len(d.Columns[0].Levels) != 9 || len(d.Columns[2].Levels) != 200 {
		t.Errorf("got %d and %d levels", len(d.Columns[0].Levels), len(d.Columns[2].Levels))
	}
}

func TestTasks(t *testing.T) {
	tests := []struct {
		name string
		cell func(i int) string
		want string
	}{
		{"words", func(i int) string { return []string{"a", "b"}[i%2] }, "classification"},
		{"digits", func(i int) string { return fmt.Sprint(i % 10) }, "classification"},
		{"two numbers", func(i int) string { return fmt.Sprint(float64(i%2) / 2) }, "classification"},
		{"counts", func(i int) string { return fmt.Sprint(i % 25) }, "regression"},
		{"prices", func(i int) string { return fmt.Sprintf("%.2f", float64(i)*1.37) }, "regression"},
		{"signs", func(i int) string { return []string{"+", "-"}[i%2] }, "classification"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := read(t, rows("x,y", 500, func(i int) string { return fmt.Sprintf("%d,%s", i%13, tt.cell(i)) }), Spec{Target: "y"})
			if string(d.Task) != tt.want || d.Rows != 500 {
				t.Errorf("got %s of %d rows, want %s", d.Task, d.Rows, tt.want)
			}
			if noted := strings.Contains(strings.Join(d.Notes, " "), `--task regression`); noted != (tt.name == "digits") {
				t.Errorf("got notes %q", d.Notes)
			}
		})
	}
}

func TestRowsWithoutTarget(t *testing.T) {
	d := read(t, rows("x,y", 3000, func(i int) string { return fmt.Sprintf("%d,%s", i%50, []string{"a", "b", "?"}[i%3]) }), Spec{Target: "y"})
	if d.Rows != 2000 || d.Dropped != 1000 || len(d.Train) != 2000 || d.Notes[0] != "1000 of 3000 rows have no target and are left out." {
		t.Fatalf("got %d rows, %d dropped: %q", d.Rows, d.Dropped, d.Notes)
	}
	for i, v := range d.values(0) {
		if want := int32(i/2*3 + i%2); d.FileRow(int32(i)) != want {
			t.Fatalf("row %d is the file's row %d, not %d", i, want, d.FileRow(int32(i)))
		}
		if want := float64((i/2*3 + i%2) % 50); v != want {
			t.Fatalf("row %d: got %v, want %v", i, v, want)
		}
	}
}

func TestLargeNumbersKeepTheirDifferences(t *testing.T) {
	d := read(t, rows("x,y", 100, func(i int) string { return fmt.Sprintf("%d,%d", 1_700_000_000_000+i*3, i%2) }),
		Spec{Target: "y", Types: map[string]string{"x": "numeric"}})
	for i, v := range d.values(0) {
		if v != float64(1_700_000_000_000+i*3) {
			t.Fatalf("row %d: got %f", i, v)
		}
	}
}

// The largest numbers on both sides of zero: what a column holds of them, less its centre, is finite.
func TestTheLargestNumbersStayFinite(t *testing.T) {
	far := func(i, below int) float64 {
		if i%below == 0 {
			return -1.7e38
		}
		return 1.7e38
	}
	d := read(t, rows("x,y", 100, func(i int) string {
		return fmt.Sprintf("%g,%g", far(i, 10), far(i, 11)*(1-float64(i)/200))
	}), Spec{Target: "y", Holdout: 0.2})
	for i, v := range d.values(0) {
		if v < 0 != (i%10 == 0) || math.Abs(v) > 1.71e38 {
			t.Errorf("row %d has %g", i, v)
		}
	}
	for i, v := range d.Values() {
		if v < 0 != (i%11 == 0) || v-v != 0 {
			t.Errorf("row %d has the target %g", i, v)
		}
	}
}

func TestMaxRows(t *testing.T) {
	text := plants(900)
	a := read(t, text, Spec{Target: "kind", MaxRows: 300, Holdout: 0.2})
	b := read(t, text, Spec{Target: "kind", MaxRows: 300, Holdout: 0.2})
	if a.Rows != 300 || a.Dropped != 0 || len(a.Notes) > 0 || a.FileRow(299) < 600 || a.Hash != b.Hash || fmt.Sprint(a.Holdout) != fmt.Sprint(b.Holdout) {
		t.Errorf("got %d rows; equal samples: %t", a.Rows, fmt.Sprint(a.Holdout) == fmt.Sprint(b.Holdout))
	}
}

// TestThreadsLeaveNoTrace: the raw columns are the same bytes however many goroutines encode them.
func TestThreadsLeaveNoTrace(t *testing.T) {
	path := write(t, "data.csv", plants(5000))
	sums := map[string]bool{}
	for _, threads := range []int{1, 2, 5} {
		before := runtime.GOMAXPROCS(threads)
		d := read(t, "", Spec{Path: path, Target: "kind", Holdout: 0.2})
		runtime.GOMAXPROCS(before)
		sum := fmt.Sprint(d.Columns, d.Train, d.Hash)
		for _, c := range d.Columns {
			sum += fmt.Sprintf("%x", sha256.Sum256(must(os.ReadFile(filepath.Join(d.Dir, c.File)))))
		}
		sums[sum] = true
	}
	if len(sums) != 1 {
		t.Errorf("%d different outcomes", len(sums))
	}
}
