package data

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tuned/trainer/data/source"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// book writes a workbook and returns its path.
func book(t testing.TB, fill func(f *excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	fill(f)
	path := filepath.Join(t.TempDir(), "data.xlsx")
	if err := errors.Join(f.SaveAs(path), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// sheet fills rows of a sheet from a cell on. A time is a date, shown as one.
func sheet(t testing.TB, f *excelize.File, name, from string, rows ...[]any) {
	t.Helper()
	if _, err := f.NewSheet(name); err != nil {
		t.Fatal(err)
	}
	column, row, err := excelize.CellNameToCoordinates(from)
	for i := range rows {
		at, _ := excelize.CoordinatesToCellName(column, row+i)
		err = errors.Join(err, f.SetSheetRow(name, at, &rows[i]))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// shown gives cells a number format.
func shown(t testing.TB, f *excelize.File, from, to, format string) {
	t.Helper()
	style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err := errors.Join(err, f.SetCellStyle("Sheet1", from, to, style)); err != nil {
		t.Fatal(err)
	}
}

// asBook is a CSV as a workbook, in which numbers, dates and truth are stored as such.
func asBook(t testing.TB, text string) string {
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return book(t, func(f *excelize.File) {
		for i, record := range records {
			row := make([]any, len(record))
			for j, cell := range record {
				row[j] = stored(cell)
			}
			sheet(t, f, "Sheet1", fmt.Sprintf("A%d", i+1), row)
		}
	})
}

func stored(cell string) any {
	if v, err := strconv.ParseFloat(cell, 64); err == nil {
		return v
	}
	if at, err := time.Parse(time.DateTime, cell); err == nil {
		return at
	}
	switch cell {
	case "true", "false":
		return cell == "true"
	case "NA", "":
		return nil
	}
	return cell
}

// cellsOf are a column and its cells.
func cellsOf(t *testing.T, d *Dataset, name string) (Column, []string) {
	t.Helper()
	at := d.column(name)
	if at < 0 {
		t.Fatalf("there is no column %q in %v", name, d.Columns)
	}
	var all []string
	for row := range d.Rows {
		all = append(all, d.CellText(name, int32(row)))
	}
	return d.Columns[at], all
}

// TestAWorkbookIsReadAsItsCSV: the same cells make the same columns.
func TestAWorkbookIsReadAsItsCSV(t *testing.T) {
	text := plants(300)
	want := read(t, text, Spec{Target: "kind", Holdout: 0.2})
	got := read(t, "", Spec{Path: asBook(t, text), Target: "kind", Holdout: 0.2})
	if got.Rows != want.Rows || !slices.Equal(got.Train, want.Train) || !slices.Equal(got.Classes, want.Classes) || len(got.Notes) > 0 {
		t.Fatalf("%d rows of classes %q, notes %q", got.Rows, got.Classes, got.Notes)
	}
	for i, c := range want.Columns {
		g := got.Columns[i]
		g.Stored, g.Layout, c.Layout = "", "", ""
		if c.Name == "alive" {
			g.Levels = c.Levels // FALSE and TRUE, as Excel has them
		}
		if diff := cmp.Diff(c, g); diff != "" {
			t.Errorf("column %s: %s", c.Name, diff)
		}
		if _, cells := cellsOf(t, got, c.Name); c.Name != "alive" {
			if _, other := cellsOf(t, want, c.Name); !slices.Equal(cells, other) {
				t.Errorf("column %s holds %.60q and not %.60q", c.Name, cells, other)
			}
		}
	}
}

// TestBothWays: a model that was trained from one form of a table says the same of rows in the other.
func TestBothWays(t *testing.T) {
	text := plants(200)
	files := map[string]string{"csv": write(t, "a.csv", text), "xlsx": asBook(t, text), "jsonl": write(t, "a.jsonl", asLines(t, text))}
	for from, training := range files {
		d := read(t, "", Spec{Path: training, Target: "kind", Holdout: 0.2})
		p, err := d.Fit(Transforms{Numeric: RobustSmoothClip, OneHotMax: 9}, d.Train)
		if err != nil {
			t.Fatal(err)
		}
		var want [][]float32
		for _, to := range []string{from, "csv", "xlsx", "jsonl"} {
			dir := t.TempDir()
			rows, v, err := p.ReadView(context.Background(), files[to], dir)
			if err != nil || rows.Count != 200 || len(rows.Notes)+len(rows.Lost) > 0 {
				t.Fatalf("from %s to %s: %v, %+v", from, to, err, rows)
			}
			var inputs [][]float32
			for _, in := range v.Inputs {
				inputs = append(inputs, floats(t, filepath.Join(dir, in.File)))
			}
			if want == nil {
				want = inputs
			}
			if !cmp.Equal(inputs, want) {
				t.Errorf("from %s to %s the rows differ", from, to)
			}
		}
	}
}

// streamedBook is asBook for many rows.
func streamedBook(t testing.TB, text string) string {
	return book(t, func(f *excelize.File) {
		w, err := f.NewStreamWriter("Sheet1")
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
			var row []any
			for cell := range strings.SplitSeq(line, ",") {
				row = append(row, stored(cell))
			}
			at, _ := excelize.CoordinatesToCellName(1, i+1)
			if err := w.SetRow(at, row); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	})
}

// kinds is a table of n rows, one column of which f makes, beside a number and a target.
func kinds(t testing.TB, n int, f func(i int) any, also ...func(f *excelize.File)) string {
	return book(t, func(file *excelize.File) {
		sheet(t, file, "Sheet1", "A1", []any{"x", "c", "y"})
		for i := range n {
			sheet(t, file, "Sheet1", fmt.Sprintf("A%d", i+2), []any{float64(i*i%37) + 0.5, f(i), string("ab"[i%2])})
		}
		for _, f := range also {
			f(file)
		}
	})
}

// TestCells: a cell is what is stored in it, whatever is shown.
func TestCells(t *testing.T) {
	start := time.Date(2023, 12, 31, 0, 0, 0, 0, time.UTC)
	format := func(code string) func(f *excelize.File) {
		return func(f *excelize.File) { shown(t, f, "B2", "B100", code) }
	}
	tests := []struct {
		name string
		cell func(i int) any
		also []func(f *excelize.File)
		kind Type
		want []string // the first cells
	}{
		{"a number shown with no decimals", func(i int) any { return float64(i%7) + 0.123456 }, []func(*excelize.File){format("0")}, Numeric, []string{"0.123456", "1.123456"}},
		{"percentages", func(i int) any { return float64(i%60) / 200 }, []func(*excelize.File){format("0%")}, Numeric, []string{"0", "0.005", "0.01"}},
		{"money", func(i int) any { return 1234.5678 + float64(i%60) }, []func(*excelize.File){format("#,##0.00 [$€-407]")}, Numeric, []string{"1234.568"}},
		{"days", func(i int) any { return 45000 + i%60 }, []func(*excelize.File){format("d. mmmm yyyy")}, Date, []string{"2023-03-15", "2023-03-16"}},
		{"times of days", func(i int) any { return start.Add(time.Duration(i) * 90 * time.Minute) }, nil, Date, []string{"2023-12-31", "2023-12-31"}},
		{"times alone", func(i int) any { return float64(i%48) / 96 }, []func(*excelize.File){format("h:mm AM/PM")}, Numeric, []string{"0", "0.25"}},
		{"dates, some of them as texts", func(i int) any {
			if i%3 == 0 {
				return fmt.Sprintf("%d.12.2023", 13+i%10)
			}
			return start
		}, nil, Date, []string{"2023-12-13", "2023-12-31"}},
		{"truth", func(i int) any { return i%3 == 0 }, nil, Boolean, []string{"TRUE", "FALSE"}},
		{"codes", func(i int) any { return 420 + i%5 }, []func(*excelize.File){format("00000")}, Categorical, []string{"00420", "00421"}},
		{"digits as texts", func(i int) any { return fmt.Sprint(i%9 + 1) }, nil, Numeric, []string{"1", "2"}},
		{"some numbers as texts", func(i int) any {
			if i > 50 && i%3 == 0 {
				return fmt.Sprintf("%d,25 €", i)
			}
			return float64(i) + 0.5
		}, nil, Numeric, []string{"0.5", "1.5"}},
		{"long identifiers", func(i int) any {
			return []any{1234567890123456, "none"}[i%2]
		}, nil, Categorical, []string{"1234567890123456", "none"}},
		{"rich texts", func(i int) any { return "a" }, []func(*excelize.File){func(f *excelize.File) {
			if err := f.SetCellRichText("Sheet1", "B2", []excelize.RichTextRun{{Text: "b <"}, {Text: "c>", Font: &excelize.Font{Bold: true}}}); err != nil {
				t.Fatal(err)
			}
		}}, Categorical, []string{"b <c>", "a"}},
		{"merged cells", func(i int) any { return i%4 + 1 }, []func(*excelize.File){func(f *excelize.File) {
			if err := f.MergeCell("Sheet1", "B2", "B4"); err != nil {
				t.Fatal(err)
			}
		}}, Numeric, []string{"1", "", "", "4"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := read(t, "", Spec{Path: kinds(t, 99, tt.cell, tt.also...), Target: "y", Holdout: 0.2})
			c, cells := cellsOf(t, d, "c")
			if c.Type != tt.kind || !slices.EqualFunc(cells[:len(tt.want)], tt.want, nearly) || c.Misfit > 0 {
				t.Errorf("it is %s: %q, and notes %q", c.Type, cells[:5], d.Notes)
			}
		})
	}
}

// nearly compares cells as far as single precision knows them.
func nearly(a, b string) bool {
	x, err := strconv.ParseFloat(a, 64)
	y, also := strconv.ParseFloat(b, 64)
	return a == b || err == nil && also == nil && math.Abs(x-y) < 1e-5
}

func TestOldDates(t *testing.T) {
	yes := true
	path := kinds(t, 60, func(i int) any { return 1 + i }, func(f *excelize.File) {
		shown(t, f, "B2", "B61", "yyyy-mm-dd")
		if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}); err != nil {
			t.Fatal(err)
		}
	})
	d := read(t, "", Spec{Path: path, Target: "y", Holdout: 0.2})
	if c, cells := cellsOf(t, d, "c"); c.Type != Date || cells[0] != "1904-01-02" {
		t.Errorf("%s %q", c.Type, cells[0])
	}
}

// TestErrorsAndFormulas: an error is a missing value, a formula its stored value, and one without is told of.
func TestErrorsAndFormulas(t *testing.T) {
	path := kinds(t, 60, func(i int) any { return i % 9 }, func(f *excelize.File) {
		err := errors.Join(
			f.SetCellFormula("Sheet1", "B3", "A3*2"), f.SetCellValue("Sheet1", "B4", nil), f.SetCellFormula("Sheet1", "B4", "A4*2"),
			f.SetCellStr("Sheet1", "B5", "#N/A"),
		)
		if err != nil {
			t.Fatal(err)
		}
	})
	d := read(t, "", Spec{Path: path, Target: "y", Holdout: 0.2})
	c, cells := cellsOf(t, d, "c")
	if c.Type != Numeric || !slices.Equal(cells[:5], []string{"0", "1", "", "", "4"}) || c.Missing != 2 {
		t.Errorf("%+v %q", c, cells[:5])
	}
	if !slices.ContainsFunc(d.Notes, func(note string) bool {
		return strings.Contains(note, "formula has no value") && strings.Contains(note, "B4")
	}) {
		t.Errorf("notes are %q", d.Notes)
	}
}

// TestWhereTheTableIs: titles above, gaps, what stands beside it and below.
func TestWhereTheTableIs(t *testing.T) {
	path := book(t, func(f *excelize.File) {
		sheet(t, f, "Sheet1", "B2", []any{"Plants of 2023"}, []any{}, []any{"  "}, []any{"x", nil, "y", " when "})
		for i := range 30 {
			sheet(t, f, "Sheet1", fmt.Sprintf("B%d", i+6), []any{i * i % 17, nil, string("ab"[i%2]), nil})
		}
		sheet(t, f, "Sheet1", "B11", []any{nil, nil, nil})
		shown(t, f, "A1", "Z80", "0.0")
		sheet(t, f, "Sheet1", "J12", []any{"a remark"})
	})
	if names, err := source.Header(context.Background(), path, ""); err != nil || !slices.Equal(names, []string{"x", "y", "when"}) {
		t.Fatalf("%q, %v", names, err)
	}
	d := read(t, "", Spec{Path: path, Target: "y", Holdout: 0.2})
	if d.Rows != 29 || d.Dropped != 1 || d.kept[5] != 6 {
		t.Errorf("%d rows, %d dropped: an empty one within the table is a row", d.Rows, d.Dropped)
	}
	if d.FirstRow != 6 {
		t.Errorf("row 0 is row %d of the sheet, not 6", d.FirstRow)
	}
	all := strings.Join(d.Notes, "\n")
	for _, want := range []string{`"Plants of 2023"`, "1 cell stands in columns without a name, and is left out. The first is J12."} {
		if !strings.Contains(all, want) {
			t.Errorf("no note says %q: %s", want, all)
		}
	}
}

func TestUnnamedColumnsWithValues(t *testing.T) {
	path := book(t, func(f *excelize.File) {
		sheet(t, f, "Sheet1", "A1", []any{nil, "x", "y"})
		for i := range 80 {
			sheet(t, f, "Sheet1", fmt.Sprintf("A%d", i+2), []any{i, i * i % 17, string("ab"[i%2])})
		}
	})
	d := read(t, "", Spec{Path: path, Target: "y", Holdout: 0.2})
	if c := d.Columns[0]; c.Name != "column_1" || c.Used {
		t.Errorf("an index without a name is %+v", c)
	}
}

// TestSheets: which sheet is read, and how a person gets another.
func TestSheets(t *testing.T) {
	fill := func(f *excelize.File, name, column string) {
		sheet(t, f, name, "A1", []any{column, "y"})
		for i := range 40 {
			sheet(t, f, name, fmt.Sprintf("A%d", i+2), []any{i * i % 17, string("ab"[i%2])})
		}
	}
	path := book(t, func(f *excelize.File) {
		sheet(t, f, "Read me", "A1", []any{"Ask Ann."}, []any{"Made in May."})
		fill(f, "hidden", "h")
		fill(f, "People", "x")
		fill(f, "Places & co", "z")
		if err := f.SetSheetVisible("hidden", false); err != nil {
			t.Fatal(err)
		}
	})
	d := read(t, "", Spec{Path: path, Target: "y", Holdout: 0.2})
	if d.Columns[0].Name != "x" || len(d.Notes) != 1 || !strings.Contains(d.Notes[0], `4 sheets of the workbook have something in them, and "People" was read`) {
		t.Errorf("%q, %q", d.Columns[0].Name, d.Notes)
	}
	other := read(t, "", Spec{Path: path, Sheet: "Places & co", Target: "y", Holdout: 0.2})
	if other.Columns[0].Name != "z" || len(other.Notes) != 0 || other.Hash == d.Hash {
		t.Errorf("%q, %q", other.Columns[0].Name, other.Notes)
	}
	p, err := other.Fit(Transforms{Numeric: RobustSmoothClip, OneHotMax: 9}, other.Train)
	if err != nil {
		t.Fatal(err)
	}
	// New rows come from the sheet that the job named, or else from one that has the model's columns.
	p.Sheet = ""
	rows, _, err := p.ReadView(context.Background(), path, t.TempDir())
	if err != nil || len(rows.Notes) != 1 || !strings.Contains(rows.Notes[0], `"Places & co" was read`) || strings.Contains(rows.Notes[0], "data.sheet") {
		t.Errorf("%v, %+v", err, rows)
	}
	for _, s := range []struct{ spec, place, problem, hint string }{
		{"people", "data.sheet", `no sheet "people"`, `did you mean "People"`},
		{"2024", "data.sheet", `"Read me", "hidden", "People", "Places & co"`, "the sheets are"},
	} {
		_, err := tryRead(t, "", Spec{Path: path, Sheet: s.spec, Target: "y"})
		var e *Error
		if !errors.As(err, &e) || e.Place != s.place || !strings.Contains(e.Err.Error(), s.problem) || !strings.Contains(e.Hint, s.hint) {
			t.Errorf("sheet %q: %v", s.spec, err)
		}
	}
	var e *Error
	if _, err := tryRead(t, "", Spec{Path: path, Target: "z"}); !errors.As(err, &e) || !strings.Contains(e.Hint, `"People" was read`) {
		t.Errorf("a column of another sheet: %v", err)
	}
	if _, err := tryRead(t, "x,y\n1,a\n", Spec{Sheet: "People", Target: "y"}); !errors.As(err, &e) || e.Place != "data.sheet" {
		t.Errorf("a sheet of a CSV: %v", err)
	}
}
