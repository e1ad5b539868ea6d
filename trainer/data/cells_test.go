package data

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"tuned/trainer/data/number"
)

// handed are features of every kind that a person may be asked for.
var handed = map[string]*Feature{
	"number": {Name: "x", Type: Numeric, Encoding: Scaled, Scale: &Scale{Kind: Standard}, Center: 3},
	"money":  {Name: "x", Type: Numeric, Encoding: Scaled, Scale: &Scale{Kind: Standard}, Notation: &number.Notation{Decimal: ",", Unit: "€"}},
	"times":  {Name: "x", Type: Numeric, Encoding: Scaled, Scale: &Scale{Kind: Standard}, Notation: &number.Notation{Decimal: ".", Unit: number.Clock}},
	"large":  {Name: "x", Type: Numeric, Encoding: Scaled, Scale: &Scale{Kind: Standard}, Notation: &number.Notation{Decimal: ",", Scaled: true, Behind: true}},
	"height": {Name: "x", Type: Numeric, Encoding: Scaled, Scale: &Scale{Kind: Standard}, Notation: &number.Notation{Decimal: ".", Unit: "inches"}},
	"terms":  {Name: "x", Type: Numeric, Encoding: Scaled, Scale: &Scale{Kind: Standard}, Notation: &number.Notation{Decimal: ".", Unit: "years and months"}},
	"places": {Name: "x", Type: Numeric, Encoding: Scaled, Scale: &Scale{Kind: Standard}, Notation: &number.Notation{Decimal: ".", Unit: "degrees"}},
	"levels": {Name: "x", Type: Categorical, Encoding: OneHot, Levels: []string{"1", "north", "south"}},
	"day":    {Name: "x", Type: Date, Encoding: Calendar, Layout: "2.1.2006"},
	"dates":  {Name: "x", Type: Date, Encoding: Calendar},
	"filled": {Name: "x", Type: ID, Encoding: Presence},
}

func TestACellIsReadOrSaysWhyNot(t *testing.T) {
	for _, c := range []struct {
		kind, cell string
		want       float64
		fault      string
	}{
		{"number", " 4.5 ", 4.5, ""},
		{"number", "", math.NaN(), ""},
		{"number", "NA", math.NaN(), ""},
		{"number", "abc", math.NaN(), "this is not a number: write one like 4.5"},
		{"number", "4,5", math.NaN(), "this is not a number: write one like 4.5"},
		{"number", "1e99", math.NaN(), "this number is too far from 0"},
		{"money", "1.200,5 €", 1200.5, ""},
		{"money", "4.5", math.NaN(), "this is not a number: write one like 4,5"},
		{"times", "2:30 PM", 14.5, ""},
		{"times", "45 min", 0.75, ""},
		{"times", "9", math.NaN(), "this is not a number: write one like 4:30"},
		{"levels", "north", math.NaN(), ""},
		{"levels", "1.0", math.NaN(), ""},
		{"levels", "North", math.NaN(), `this occurs in no row that the model learned from: did you mean "north"?`},
		{"levels", "\x00", math.NaN(), "a NUL byte in the text"},
		{"day", "31.1.2006", 1138665600, ""},
		{"large", "1,2 Mio", 1200000, ""},
		{"large", "1.200,5-", -1200.5, ""},
		{"large", "1,2 Mix", math.NaN(), "this is not a number: write one like 4,5"},
		{"places", "52°30'S", -52.5, ""},
		{"places", "52.5", 52.5, ""},
		{"places", "-181", math.NaN(), "this is not a number: write one like 4.5"},
		{"day", "2006-01-31", 1138665600, ""},
		{"day", "01/02/2006", math.NaN(), "this is no date as the table writes them: write one like 31.1.2006"},
		{"dates", "2006-01-31 23:59:59", exampleDate, ""},
		{"dates", "soon", math.NaN(), "this is no date as the table writes them: write one like 2006-01-31 23:59:59"},
		{"filled", "whatever", math.NaN(), ""},
	} {
		v, fault := handed[c.kind].Cell(c.cell)
		if fault != c.fault || v != c.want && !(math.IsNaN(v) && math.IsNaN(c.want)) {
			t.Errorf("%s %q is %v, %q", c.kind, c.cell, v, fault)
		}
	}
}

func TestTimesAreWrittenAsClocksDo(t *testing.T) {
	for hours, want := range map[float64]string{0: "0:00", 0.0125: "0:00:45", 0.525: "0:32", 9.0833333: "9:05", 23.999: "24:00", 100.25: "100:15"} {
		if got := handed["times"].Write(hours); got != want {
			t.Errorf("%v hours are %s, want %s", hours, got, want)
		}
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	for kind, f := range handed {
		if f.Type != Numeric && f.Type != Date {
			continue
		}
		for _, v := range []float64{0, -4.5, 1200500, 0.0001234567, 86400 * 365, 3e20, -1e-12} {
			if kind == "places" && math.Abs(v) > 180 {
				continue
			}
			if kind == "times" && !(v == 0 || v > 1 && v < 1e8) { // hours, to the minute
				continue
			}
			if f.Type == Date && math.Abs(v) < 1e18 {
				v = 86400 * math.Round(v/86400)
			} else if f.Type == Date {
				continue
			}
			if got, fault := f.Cell(f.Write(v)); fault != "" || math.Abs(got-v) > 1e-6*math.Abs(v) {
				t.Errorf("%s: %v is written %q and read %v, %q", kind, v, f.Write(v), got, fault)
			}
		}
	}
	for _, layout := range layouts {
		f := &Feature{Type: Date, Layout: layout}
		text := f.Write(exampleDate)
		if v, fault := f.Cell(text); fault != "" || f.Write(v) != text || time.Unix(int64(v), 0).UTC().Year() != 2006 {
			t.Errorf("%s: %q is read as %v, %q", layout, text, v, fault)
		}
	}
}

// FuzzCell compares a cell alone with a table of that cell: what has no fault is read there without a loss.
func FuzzCell(f *testing.F) {
	for kind := range handed {
		for _, cell := range []string{"1", "4,5 €", "north", "31.1.2006", "2006-01-31", "\"a\nb", "\xff", "1e400", " - "} {
			f.Add(kind, cell)
		}
	}
	f.Fuzz(func(t *testing.T, kind, cell string) {
		feature := handed[kind]
		if feature == nil || strings.ContainsRune(cell, '\r') { // which readers of CSV take for an end of a line
			return
		}
		_, fault := feature.Cell(cell)
		p := &Preprocess{Task: "regression", Target: "y", Std: 1, Features: []Feature{*feature}}
		text := "\ufeff\"x\"\n\"" + strings.ReplaceAll(cell, `"`, `""`) + "\"\n"
		r, _, err := p.ReadView(context.Background(), write(t, "row.csv", text), t.TempDir())
		gone := err != nil
		if err == nil { // a missing cell may be lost as well, but holds nothing
			gone = strings.Contains(strings.Join(r.Lost, ""), "1 of 1")
		}
		if gone != (fault != "") {
			t.Errorf("%s %q: %q, but %+v, %v", kind, cell, fault, r, err)
		}
	})
}

// TestRemarksAmongNumbers: words in a few places do not make names of a column of measurements, nor do bounds; codes of digits and letters
// stay names.
func TestRemarksAmongNumbers(t *testing.T) {
	for _, tt := range []struct {
		name string
		cell func(i int) string // each 25th cell
		want Type
		note string
	}{
		{"absent", func(int) string { return "absent" }, Numeric, `20 of 500 cells say "absent" and count as missing`},
		{"remarks", func(i int) string { return "nil " + string(rune('a'+i%7)) }, Numeric, "20 of 500 cells are no numbers and count as missing"},
		{"below what is measured", func(i int) string { return fmt.Sprintf("<%d", i%3) }, Numeric, `20 of 500 cells are written like "<1", which is 1`},
		{"codes", func(i int) string { return fmt.Sprintf("%dA", 1000+i) }, ID, ""},
	} {
		d := read(t, rows("x,z,y", 500, func(i int) string {
			if i%25 == 7 {
				return fmt.Sprintf("%s,%d,%d", tt.cell(i), i%9, i%2)
			}
			return fmt.Sprintf("%d,%d,%d", 1000+i*7919%9001, i%9, i%2)
		}), Spec{Target: "y"})
		if c := d.Columns[0]; c.Type != tt.want || !strings.Contains(strings.Join(d.Notes, " "), tt.note) {
			t.Errorf("%s: %s, %q", tt.name, c.Type, d.Notes)
		}
	}
}
