package data

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tuned/trainer/data/number"
	"tuned/trainer/data/source"
	"tuned/trainer/model"
)

// TestNotations: what is found in cells, and what their last one is then.
func TestNotations(t *testing.T) {
	tests := []struct {
		name       string
		cells      string // separated by |
		semicolons bool
		want       string // decimal mark and unit; "" where there is no notation
		last       float64
	}{
		{"dollars", "$950.00|$1,200.50", false, ".$", 1200.5},
		{"euros behind", "413,52 €|2.211,47 €", false, ",€", 2211.47},
		{"codes", "EUR 5|1 200 EUR", false, ".EUR", 1200},
		{"letters that are no currency", "ABC 5|ABC 7", false, "", 0},
		{"percentages", "4.5%|-43 %", false, ".%", -43},
		{"percentages with a comma", "4,5 %|43,2 %", true, ",%", 43.2},
		{"three decimals of a percentage", "4.125%|3.250%", false, ".%", 3.25},
		{"commas between groups", "12,345|1,234,567", false, ".", 1234567},
		{"a comma and three digits each", "1,234|5,678", false, ".", 5678},
		{"the same between semicolons", "1,234|5,678", true, "", 0}, // plain there: a decimal comma
		{"a decimal comma among them", "1,234|2,5", false, ",", 2.5},
		{"dots between groups of money", "950 €|1.200 €", false, ",€", 1200},
		{"one dot in a cell is plain", "1.234|5.678", false, "", 0},
		{"dots between groups", "1.234.567|89.123", false, ",", 89123},
		{"no-break spaces", "1\u00a0234,5|12\u202f345,75", false, ",", 12345.75},
		{"apostrophes", "CHF 1'200.50|CHF 12’000.00", false, ".CHF", 12000},
		{"reais", "R$ 1.234,50|R$ 12.000,00", false, ",R$", 12000},
		{"dollars of a country", "US$1,200.50|12,000.00 US$", false, ".US$", 12000},
		{"crowns", "1 234,50 kr|12 000,- kr", false, ",kr", 12000},
		{"złoty", "1 234,50 zł|12 000,00 zł", false, ",zł", 12000},
		{"rupees", "Rs. 1,234.50|Rs. 12,000", false, ".Rs.", 12000},
		{"words that begin like a currency", "kron|krill|krait", false, "", 0},
		{"a dash for no cents", "CHF 59.90|CHF 60.-|1'200.– CHF", false, ".CHF", 1200},
		{"a dash behind a comma", "59,90 €|1.260,-- €", true, ",€", 1260},
		{"a dash that says which mark is the decimal one", "1.200,- €", true, ",€", 1200},
		{"a dash in the place of digits", "CHF 6.-|CHF .-|CHF .-", false, "", 0},
		{"parentheses", "1,200|(3,400)", false, ".", -3400},
		{"parentheses about money", "$5|($1,200.50)", false, ".$", -1200.5},
		{"signs on either side", "-$5|$-7|−$8", false, ".$", -8},
		{"exponents", "$5|$1.5e3", false, ".$", 1500},
		{"two units", "$5|£7", false, "", 0},
		{"kilograms", "72.5 kg|1,072kg", false, ".kg", 1072},
		{"kilograms with a comma", "72,5 kg|80 kg", true, ",kg", 80},
		{"degrees", "36.6°C|37.2 °c", false, ".°C", 37.2},
		{"square metres", "45.5 m²|60 m2", false, ".m²", 60},
		{"one and several", "1 day|12 days", false, ".days", 12},
		{"a unit for each of another", "3.44 µg/mL|0.5 ug/ml|2 \u03bcg/ml", false, ".µg/ml", 2},
		{"nothing for each", "3 kg/day|4 kg/shop", false, "", 0},
		{"moles in a litre are no millimetres", "5 mM|7mM", false, ".mM", 7},
		{"millimetres", "5 MM|7mm", false, ".mm", 7},
		{"volts", "3.3 V|12V", false, ".V", 12},
		{"a unit and none", "5 cm|7", false, ".cm", 7},
		{"units of two sizes", "5 kg|800 g", false, ".kg", 0.8},
		{"a unit that ends like another", "5 m|80 cm", false, ".m", 0.8},
		{"ages", "2 years|1 month", false, ".years", 1. / 12},
		{"units for each of others", "5 mg/l|3 µg/ml", false, ".mg/l", 3},
		{"units of different things", "5 kg|3 km", false, "", 0},
		{"a unit before the number", "kg 5|kg 7", false, "", 0},
		{"letters that are no unit", "12A|14A", false, "", 0},
		{"a unit in a sentence", "5 kg of rice|7 kg", false, "", 0},
		{"lakhs and crores", "50,000|2,96,72,460", false, ".", 29672460},
		{"lakhs of rupees", "₹ 50,000.00|₹ 12,96,720.50", false, ".₹", 1296720.5},
		{"groups of one digit", "2,9,672|3,4,567", false, "", 0},
		{"a minus behind the number", "1.200,00|46,75-", true, ",", -46.75},
		{"the same and whole numbers", "3.182|1.200,5-|500-", true, ",", -500},
		{"grades", "1|2-|3-", false, "", 0},
		{"thousands and millions", "12K|950|1.25M", false, ".", 1250000},
		{"thousands and none", "12.3K|950", false, ".", 950},
		{"millions and none are no metres", "1.2M|500", false, ".", 500},
		{"money in millions", "€105.5M|€900K|-€0.1M", false, ".€", -100000},
		{"millions in words", "3,5 Mio. €|1,2 Mrd €|300 Tsd. €", true, ",€", 300000},
		{"metres and none", "1.2m|500", false, ".m", 500},
		{"bases", "1B|2B|3B", false, "", 0},
		{"thousands with an exponent", "12K|1e3K", false, "", 0},
		{"latitudes", "52°31'N|33° 51' 54\" S", false, ".degrees", -33.865},
		{"longitudes", "13.405° E|70.25° W", false, ".degrees", -70.25},
		{"degrees without minutes", "13°|270°", false, ".°", 270},
		{"61 minutes", "52°61'N|33°75'S", false, "", 0},
		{"times of day", "9:15|14:30:00", false, ".h:mm", 14.5},
		{"halves of a day", "12:15 AM|9:30 a.m.|12:45 pm", false, ".h:mm", 12.75},
		{"durations", "1h 30m|2 h|45 min", false, ".h:mm", 0.75},
		{"durations below none", "1:30|-0:45", false, ".h:mm", -0.75},
		{"heights", "5'11\"|6' 2.5\"|6'", false, ".inches", 72},
		{"heights in words", "5 ft 11 in|6ft 2", false, ".inches", 74},
		{"no heights", "5'13\"|6'12\"", false, "", 0},
		{"laps", "1:23.456|0:59.5", false, ".h:mm", 59.5 / 3600},
		{"differences of times", "0 days 00:30:00|3 days 06:00:00", false, ".h:mm", 78},
		{"durations by ISO 8601", "PT4M13S|P1DT2H|PT1H30M", false, ".h:mm", 1.5},
		{"years and months", "1yrs 11mon|0yrs 6mon", false, ".years and months", 0.5},
		{"years and months in words", "3 years 4 months|2 years and 3 months|1 year", false, ".years and months", 1},
		{"weeks and days", "38w5d|39w0d|40w", false, ".weeks and days", 40},
		{"footnotes", "1203[1]|90 [b]|88*", false, ".", 88},
		{"ages in German", "45 Jahre|1 Jahr", false, ".years", 1},
		{"waiting in French", "3 jours|1 jour", false, ".days", 1},
		{"long durations", "1:30|100:15", false, ".h:mm", 100.25},
		{"metres are no minutes", "45 m|50m", false, ".m", 50},
		{"times and numbers, which may be minutes", "1:05|45", false, "", 0},
		{"no times", "1:75|2:90", false, "", 0},
		{"hours that no half of a day has", "13:15 am|0:10 pm", false, "", 0},
		{"spans of time", "9:00-10:00|10:00-11:00", false, "", 0},
		{"a code with a leading zero", "0,123|1,234", false, ",", 1.234},
		{"dates", "01.02.2024|03.04.2024", false, "", 0},
		{"lists", "1,2,3|4,5", false, "", 0},
		{"places", "52.1,13.4|48.2,16.4", false, "", 0},
		{"telephones", "+48 555 123 456|+48 555 123 457", false, "", 0},
		{"two minuses", "-(5)|--5", false, "", 0},
		{"plain", "1|2.5|-3e5", false, "", 0},
		{"words", "a|b,c", false, "", 0},
		{"none", "", false, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBuilder(0, source.Field{Comma: tt.semicolons})
			cells := presentOf(strings.Split(tt.cells, "|"))
			b.findNotation(cells)
			got := ""
			if b.notation != nil {
				got = b.notation.Decimal + b.notation.Unit
			}
			if got != tt.want {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			if got == "" {
				return
			}
			if v, infinite, ok := b.notation.Number(cells[len(cells)-1]); v != tt.last || infinite || !ok {
				t.Errorf("read as %v, %t", v, ok)
			}
		})
	}
}

// spelled writes a number in hundredths as a notation has it.
func spelled(hundredths int64, n number.Notation, between string) string {
	digits, negative := fmt.Sprint(max(hundredths, -hundredths)/100), hundredths < 0
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + between + digits[at:]
	}
	cell := fmt.Sprintf("%s%s%02d", digits, n.Decimal, max(hundredths, -hundredths)%100)
	if n.Unit == "kg" || n.Unit == "m²" {
		cell += " " + n.Unit
	} else {
		cell = n.Unit + cell
	}
	if negative {
		return "(" + cell + ")"
	}
	return cell
}

// TestNotationsAreReadBack: columns are what they were before they were written in some notation.
func TestNotationsAreReadBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := number.Notation{Decimal: rapid.SampledFrom([]string{".", ","}).Draw(rt, "decimal"), Unit: rapid.SampledFrom([]string{"", "$", "€", "%", "NOK", "kg", "m²"}).Draw(rt, "unit")}
		between := rapid.SampledFrom([]string{"", ",", ".", " ", "\u00a0", "'"}).Draw(rt, "between")
		if between == n.Decimal {
			between = ""
		}
		values := rapid.SliceOfN(rapid.Int64Range(-1e11, 1e11), 1, 30).Draw(rt, "values")
		var cells []string
		for _, v := range values {
			cells = append(cells, spelled(v, n, between))
		}
		b := newBuilder(0, source.Field{})
		b.encodeText(cells, make([]int64, len(cells)))
		for i, bits := range b.cells {
			if got := math.Float64frombits(bits); b.store != asNumber || math.Abs(got-float64(values[i])/100) > 1e-6 {
				rt.Fatalf("%q is read as %v", cells[i], got)
			}
		}
	})
}

// TestTimesAreHours: in a column and in the target, which a note tells.
func TestTimesAreHours(t *testing.T) {
	d := read(t, rows("at,x,y", 120, func(i int) string { return fmt.Sprintf("%d:%02d,%d,%d min", i%24, i*7%60, i%9, 5+i) }), Spec{Target: "y", Holdout: 0.2})
	if at, y := d.values(0)[3], d.Values()[1]; d.Columns[0].Type != Numeric || math.Abs(at-3.35) > 1e-6 || y != 6 {
		t.Errorf("%+v: %v and %v", d.Columns[0], at, y)
	}
	if want := `Column at: read as numbers: 120 of 120 cells are written like "10:10", which is 10.16666667 hours.`; d.Notes[0] != want {
		t.Errorf("got %q", d.Notes)
	}
}

// money is a table whose columns of numbers are written in several ways, and the same written plainly.
func money(n int) (written, plain string) {
	price := func(i int) float64 { return float64(i*i%9973) * 1.25 }
	comma := func(s string) string { return strings.NewReplacer(".", ",", ",", ".").Replace(s) }
	grouped := func(v float64) string { return spelled(int64(math.Round(v*100)), number.Notation{Decimal: "."}, ",") }
	written = rows("price;share;people;y", n, func(i int) string {
		return fmt.Sprintf("%s €;%d,5 %%;%d;%s $", comma(grouped(price(i))), i%100, i*7%5000, grouped(price(i)/3))
	})
	plain = rows("price,share,people,y", n, func(i int) string {
		return fmt.Sprintf("%.2f,%d.5,%d,%.2f", price(i), i%100, i*7%5000, price(i)/3)
	})
	return written, plain
}

// TestMoneyIsNumbers: prices and percentages are the numbers that they are without their signs, the target as well, and predicting
// reads them as training did.
func TestMoneyIsNumbers(t *testing.T) {
	written, plain := money(1500)
	spec := Spec{Target: "y", Task: model.Regression, Holdout: 0.2}
	d, p, v, dir := fitted(t, written, spec, Transforms{Numeric: Standard, OneHotMax: 9})
	want := read(t, plain, spec)
	for i := range want.Columns {
		if c := d.Columns[i]; c.Type != Numeric || !c.Used || !slices.Equal(d.values(i), want.values(i)) {
			t.Errorf("%+v differs from plain numbers", c)
		}
	}
	if !slices.Equal(d.Values(), want.Values()) || len(d.Notes) != 3 {
		t.Errorf("the target differs, or the notes do: %q", d.Notes)
	}
	if got := d.Notes[0]; got != `Column price: read as numbers: 1500 of 1500 cells are written like "10.125,00 €", which is 10125.` {
		t.Errorf("got %s", got)
	}
	path := filepath.Join(t.TempDir(), "preprocess.json")
	if err := p.Save(path); err != nil {
		t.Fatal(err)
	}
	again := t.TempDir()
	r, _, err := must(LoadPreprocess(path)).ReadView(context.Background(), write(t, "new.csv", written), again)
	if err != nil || len(r.Notes) > 0 || !slices.Equal(r.Values, d.Values()) {
		t.Fatalf("predicting: %v %v", err, r)
	}
	file := v.Inputs[0].File
	if !slices.Equal(floats(t, filepath.Join(dir, file)), floats(t, filepath.Join(again, file))) {
		t.Error("predicting sees other numbers")
	}
}

// TestTwoNumbersInACell: cells such as 118/77 are texts, and a note says what would make numbers of them; lists of codes get none.
func TestTwoNumbersInACell(t *testing.T) {
	for end, want := range map[string]bool{"%d/%d": true, "%d x %d": true, "%d-%d": false, "%d/0%d": false} {
		for _, kinds := range []int{300, 100} { // an ID, and categories
			text := rows("bp,z,y", 300, func(i int) string { return fmt.Sprintf(end+",%d,%d", 100+i%kinds, 60+i%20, i%7, i%2) })
			note := read(t, text, Spec{Target: "y", Holdout: 0.2}).Columns[0].Note
			if got := strings.Contains(note, "but its cells hold two numbers each"); got != want {
				t.Errorf("%s of %d: %q", end, kinds, note)
			}
		}
	}
}

// TestPricesAmongRemarks: of amounts of money among too many remarks a note says how they are read all the same, and then they are.
func TestPricesAmongRemarks(t *testing.T) {
	for name, price := range map[string]func(int) int{
		"names the rows":       func(i int) int { return i },
		"taken for categories": func(i int) int { return i % 100 },
	} {
		text := rows("price,z,y", 300, func(i int) string {
			if i%5 == 0 {
				return fmt.Sprintf("ask %c,%d,%d", 'A'+i%4, i%7, i%2)
			}
			return fmt.Sprintf("CHF %d.-,%d,%d", price(i), i%7, i%2)
		})
		d := read(t, text, Spec{Target: "y"})
		if c := d.Columns[0]; c.Type == Numeric || !strings.HasSuffix(c.Note, `different values are numbers: --types price=numeric reads these, and takes others, such as "ask A", for missing`) {
			t.Errorf("%s: %+v", name, c)
		}
		d = read(t, text, Spec{Target: "y", Types: map[string]string{"price": "numeric"}})
		if c := d.Columns[0]; c.Type != Numeric || c.Missing != 60 || d.values(0)[4] != 4 {
			t.Errorf("%s, given as numbers: %+v", name, c)
		}
	}
}

// TestLateNotation: a file sorted by size shows its thousands only further down.
func TestLateNotation(t *testing.T) {
	for name, given := range map[string]map[string]string{"inferred": nil, "forced": {"x": "numeric"}} {
		text := rows("x,y", 4000, func(i int) string {
			return fmt.Sprintf("\"%s\",%d", strings.TrimSuffix(spelled(int64(i)*75, number.Notation{Decimal: "."}, ","), ".00"), i%2)
		})
		d := read(t, text, Spec{Target: "y", Types: given})
		if c := d.Columns[0]; c.Type != Numeric || c.Missing > 0 || d.values(0)[3999] != 2999.25 {
			t.Errorf("%s: %+v", name, c)
		}
	}
	text := rows("x,y", 4000, func(i int) string {
		if i == 3000 {
			return `"3,5",1`
		}
		return fmt.Sprintf("%d.5,%d", i%900, i%2)
	})
	if c := read(t, text, Spec{Target: "y"}).Columns[0]; c.Type != Numeric || c.Missing != 1 {
		t.Errorf("one comma among decimal points: %+v", c)
	}
}
